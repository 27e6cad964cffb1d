"""gradflow merge: several stores of one experiment in one."""

from pathlib import Path
from typing import Annotated

import typer


def merge(
    stores: Annotated[list[Path], typer.Argument(help="The stores to copy from.", show_default=False)],
    into: Annotated[Path, typer.Option(help="The store to copy into; made if it is not there.", show_default=False)],
) -> None:
    """Copy the records of several stores of one experiment into one; nothing is taken from them.

    Example:  gradflow merge runs/laptop runs/cluster --into runs/k50
    """
    import gradflow as gf

    merged = gf.merge_stores(stores, into)
    typer.echo(str(merged))
    if merged.conflict:
        raise typer.Exit(1)
