"""gradflow report: a sweep's page."""

from pathlib import Path
from typing import Annotated

import typer

from gradflow.cli import options


def report(
    store: options.StoreFolder,
    html: Annotated[
        Path | None, typer.Option(help="The file to write. (default: report.html in the store)", show_default=False)
    ] = None,
) -> None:
    """A phase diagram as one HTML page that opens from disk: the diagram, all runs, and each of them on a click.

    Example:  gradflow report runs/k8 --html report.html
    """
    import gradflow as gf

    diagrams = gf.stored_diagrams(store)
    written = gf.write_report(diagrams, store / "report.html" if html is None else html)
    runs = sum(len(diagram.records) for diagram in diagrams)
    typer.echo(f"written: {written} ({runs} runs, {written.stat().st_size / 1e6:z.1f} MB)")
