"""gradflow verify: check certificates again."""

from pathlib import Path
from typing import Annotated

import typer


def verify(
    path: Annotated[
        Path, typer.Argument(help="A certificate, or the folder of a sweep that has some.", show_default=False)
    ],
) -> None:
    """Prove the statements of a certificate again, by other formulas; of a store those of all its certificates.

    Exit code 1 if a statement does not hold of what the certificate has; it is named. A certificate that says "not
    proved" has no statement to check.

    Example:  gradflow verify certificate.json
    """
    import gradflow as gf

    if not path.is_dir():
        certificate = gf.read_certificate(path)
        found = gf.verify(certificate)
        # what a certificate says is not repeated where it does not hold
        typer.echo(str(found) if found.failed else f"{certificate}\n{found}")
        if found.failed or not certificate.proved:
            raise typer.Exit(1)
        return
    checked = gf.verify_runs(path, progress=True)
    typer.echo(str(checked))
    if checked.failed:
        raise typer.Exit(1)
