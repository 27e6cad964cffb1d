"""write_report: template, style, script and data become one file."""

import json
import os
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import Template

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._writing import written_whole
from gradflow.report.diagrams import diagrams_of
from gradflow.report.page.data import page_data
from gradflow.report.style import COLOURS, DARK_COLOURS
from gradflow.sweeps import PhaseDiagram

# in the order in which they need each other
_SCRIPTS = (
    "elements",
    "numbers",
    "axes",
    "charts",
    "state",
    "press",
    "diagram",
    "table",
    "heat_map",
    "run_charts",
    "run",
    "page",
)


def write_report(
    diagrams: Checked[PhaseDiagram | Iterable[PhaseDiagram] | str | os.PathLike[str]],
    path: Checked[str | os.PathLike[str]],
) -> Path:
    """The report of a sweep as one HTML file, which needs no network and nothing beside it.

    The phase diagram against the exact curves and boundaries, γ1 and γ2 with their intervals, all runs as a table, and
    of each run its neurons, its path (if it was kept) and its spectrum, thinned to what a figure can show and in single
    precision: the store has all digits.

    `diagrams`: one, several, or the folder that `phase_diagram(..., store=...)` has written. Returns the
    path. The same data give the same bytes. Raises `ValueError` for a folder that is no store, a diagram without runs,
    and a path that cannot be written, `OSError` if the disk is full: the page that was there is whole then.
    """
    file = _checks.path_to_write("write_report", path, "report.html")
    found = diagrams_of("write_report", diagrams)
    _checks.with_weights("write_report", there=all(record.arrays for diagram in found for record in diagram.records))
    data = json.dumps(page_data(found), separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    ks = ", ".join(str(k) for k in sorted({diagram.k for diagram in found}))
    page = Template(_part("template.html")).substitute(
        title=f"Phase diagram, k = {ks}",
        colours=_colours(),
        style=_part("page.css"),
        script="\n".join(_part(f"script/{name}.js") for name in _SCRIPTS),
        # within a script element nothing but "<" can end the data
        data=data.replace("<", "\\u003c"),
    )
    with written_whole(file) as written:
        written.write_text(page, encoding="utf-8")
    return file


def _part(name: str) -> str:
    return files("gradflow.report.page").joinpath(name).read_text(encoding="utf-8")


def _colours() -> str:
    """The classes' colours as variables of the page's style, for both themes."""
    light, dark = (
        "".join(f"--{name.lower().replace(' ', '-')}:{colour};" for name, colour in colours.items())
        for colours in (COLOURS, DARK_COLOURS)
    )
    return (
        f":root{{{light}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
    )
