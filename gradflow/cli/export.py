"""gradflow export: all runs of a store in one file."""

from pathlib import Path
from typing import Annotated

import typer

from gradflow.cli import options


def export(
    store: options.StoreFolder,
    to: Annotated[Path, typer.Argument(help="File to write: .csv, .parquet or .nc (netCDF).", show_default=False)],
) -> None:
    """What became of all runs of a store, in one file for other programs.

    Example:  gradflow export runs/k8 k8.csv
    """
    import gradflow as gf

    typer.echo(f"written: {gf.export(store, to)}", err=True)
