"""gradflow families: copy-average and P-n-C at every width, or one point with its whole spectrum."""

from typing import Annotated

import typer

from gradflow.cli import options


def families(
    k: options.K,
    n: Annotated[int | None, typer.Option("--n", help="One width, with the whole spectra.", show_default=False)] = None,
    digits: Annotated[
        int | None, typer.Option(help="Digits of losses and spectra, with --n.", show_default=False)
    ] = None,
) -> None:
    """Loss, index and least eigenvalue of optimal copy-average and of P-n-C at every width 2 to k - 1.

    With --n both points at that width, and all eigenvalues of the full Hessian with their multiplicities.

    Example:  gradflow families --k 1000000 --n 300000 --digits 20
    """
    import gradflow as gf

    if n is None and digits is not None:
        raise typer.BadParameter("--digits is for one point. Write --n 4 --digits 30.")
    if n is None:
        typer.echo(str(gf.family_table(k)))
        return
    for point in (gf.copy_average(k, n, digits=digits), gf.perturbed_n_copy(k, n, digits=digits)):
        typer.echo(f"{point}\n{point.spectrum}\n")
