"""gradflow theorem: the indices of both exact families up to a k, proved by computer."""

from pathlib import Path
from typing import Annotated

import typer

# all widths of a k are proved up to here (`gf.certify_widths`)
_MOST = 2_000
# what is not there is named up to here
_NAMED = 5


def theorem(
    k: Annotated[int, typer.Option("--k", min=3, max=_MOST, help="The largest width of the teacher.")] = 100,
    out: Annotated[Path | None, typer.Option(help="Write the table into this file (.csv).", show_default=False)] = None,
    check: Annotated[
        Path | None, typer.Option(help="Prove every statement of this table again instead.", show_default=False)
    ] = None,
) -> None:
    """For every 2 <= n < k up to a k: the indices of optimal copy-average and of P-n-C, and which has the lower loss,
    proved in ball arithmetic; P-n-C by its branch from the perfect copy at n = k.

    Exit code 1 if a statement is not proved, a pair is missing or stands twice, or rows are not as the theorem says.

    Example:  gradflow theorem --k 100 --out theorem/indices_k100.csv
    """
    import gradflow as gf
    from gradflow import _checks

    if out is not None:
        _checks.path_to_write("gradflow theorem", out, "indices.csv")
    if check is not None:
        if out is not None:
            raise typer.BadParameter("--check reads a table, --out writes one. Write one of them.")
        found = gf.read_certified_widths(check)
        verification = gf.verify_widths(found, progress=True)
        missing = found.missing(k)
        if verification.holds:
            typer.echo(str(found))
        typer.echo(str(verification))
    else:
        found = gf.certify_widths(range(3, k + 1), progress=True)
        missing = found.missing(k)
        typer.echo(str(found))
        if out is not None:
            typer.echo(f"written: {gf.write_certified_widths(found, out)}", err=True)
    if missing:
        named = ", ".join(f"k = {size}, n = {n}" for size, n in missing[:_NAMED])
        typer.echo(f"not complete up to k = {k}: {len(missing)} pairs are missing, {named}")
    else:
        typer.echo(f"complete: every 2 <= n < k <= {k}")
    if missing or found.exceptions or (check is not None and not verification.holds):
        raise typer.Exit(1)
