"""gradflow figures: a sweep's figures for a paper."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from gradflow.cli import options


class Format(enum.StrEnum):
    """The formats, by their endings."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"


def figures(
    store: options.StoreFolder,
    out: Annotated[Path, typer.Option(help="Folder for the figures.", show_default=False)],
    formats: Annotated[
        list[Format] | None,
        typer.Option("--format", help="May be repeated. (default: pdf and svg)", show_default=False),
    ] = None,
) -> None:
    """The figures of a phase diagram as files for a paper: diagram, losses, shares, and of each class the neurons, the
    path and the spectrum of one run.

    Example:  gradflow figures runs/k8 --out figs
    """
    import gradflow as gf

    wanted = formats or [Format.PDF, Format.SVG]
    for path in gf.write_figures(store, out, tuple(one.value for one in wanted)):
        typer.echo(f"written: {path}")
