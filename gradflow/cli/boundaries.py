"""gradflow boundaries: where the exact families change, for one k or many."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradflow.cli import options

if TYPE_CHECKING:
    import gradflow as gf


def boundaries(
    k: Annotated[
        list[str] | None,
        typer.Option("--k", help="Width of the teacher; several follow each other.", show_default=False),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="[K]...", help="More widths.", show_default=False)] = None,
    digits: Annotated[int, typer.Option(help="Digits of the intervals.")] = 15,
    out: Annotated[
        Path | None, typer.Option(help="Draw the map into this file (.png, .pdf, .svg).", show_default=False)
    ] = None,
    store: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of a phase diagram, to draw where flows ended; may be repeated.", show_default=False),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Where P-n-C becomes a minimum, where its loss falls below copy-average's, where copy-average becomes a saddle.

    Example:  gradflow boundaries --k 20 50 100 1000000
    """
    import gradflow as gf
    from gradflow import _checks

    asked = [_number(text) for text in [*(k or []), *(more or [])]]
    if not asked:
        raise typer.BadParameter("no width of a teacher is given. Write gradflow boundaries --k 20 50 100.")
    if store and out is None:
        raise typer.BadParameter("--store is drawn into the map. Write --out map.png --store runs/k50.")
    # what cannot be read or written is found out before the search
    diagrams = [diagram for folder in store or [] for diagram in gf.stored_diagrams(folder)]
    _checks.figure_to_write("gradflow boundaries", out)
    found = []
    for size in asked:
        found.append(gf.boundaries(size, digits=digits))
        if not as_json:
            typer.echo(f"{found[-1]}\n")
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in found], indent=1))
    if out is not None:
        gf.plot_boundaries(found, out, diagrams=diagrams)
        typer.echo(f"written: {out}", err=True)


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number. Write --k 20 50 100.") from None


def _plain(found: "gf.Boundaries") -> dict[str, Any]:
    """Ends as text, so that no digit is lost."""
    names = ("pnc_stability", "loss_crossing", "copy_average_stability")
    return {"k": found.k} | {name: _interval(getattr(found, name)) for name in names}


def _interval(found: "gf.Boundary") -> dict[str, Any]:
    return {
        "status": found.status,
        "lower": None if found.lower is None else str(found.lower),
        "upper": None if found.upper is None else str(found.upper),
        "ratio": None if found.ratio is None else str(found.ratio),
        "first_integer": found.first_integer,
        "representation": found.representation,
        "index_below": found.index_below,
        "index_from": found.index_from,
    }
