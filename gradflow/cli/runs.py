"""gradflow runs: the runs of a store, listed and filtered."""

import json
import re
from typing import Annotated

import typer

from gradflow.cli import options

_SHOWN = (
    "k",
    "n",
    "run",
    "outcome",
    "kind",
    "index",
    "loss",
    "steps",
    "seconds",
    "certified",
    "reason",
)
# between values, not within C-A(1, 1, 6)
_COMMA = re.compile(r",(?![^()]*\))")
# shown if one of the runs has it
_IF_ANY = ("certified", "reason")
# the reason of every minimum, which its kind says already
_MINIMUM = "all eigenvalues are positive"


def runs(
    store: options.StoreFolder,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only runs with this value, as outcome=other or n=4,5; several must all hold."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Runs to print at most.")] = 100,
    as_json: options.Json = False,
) -> None:
    """The runs of a store, one a line, from its index; --json has all columns of it.

    Example:  gradflow runs runs/k8 --where outcome=C-A --where n=4,5
    """
    import gradflow as gf
    from gradflow._text import counted, table

    index = gf.stored_runs(store, **_conditions(where or []))
    if as_json:
        every = list(index.columns)
        rows = zip(*(column.tolist() for column in index.columns.values()), strict=True)
        # JSON has no NaN: a number that does not apply is null
        plain = [[None if value != value else value for value in row] for row in rows]
        typer.echo(json.dumps([dict(zip(every, row, strict=True)) for row in plain], indent=1))
        return
    cells = {name: [_cell(name, value) for value in index.columns[name][:limit].tolist()] for name in _SHOWN}
    names = [name for name in _SHOWN if name not in _IF_ANY or any(cells[name])]
    typer.echo(table(names, zip(*(cells[name] for name in names), strict=True), keys=3))
    left = f", the first {limit} shown" if len(index) > limit else ""
    typer.echo(f"{counted(len(index), 'run')}{left}", err=True)


def _cell(name: str, value: float | int | str) -> str:
    if not isinstance(value, float):
        return str(value).removeprefix(_MINIMUM).removeprefix("; ")
    if value != value:
        return "-"
    return format(value, {"seconds": "z.2f", "loss": "z.12f"}.get(name, "z.12g"))


def _conditions(given: list[str]) -> dict[str, list[str]]:
    """outcome=other and n=4,5 as columns and their values."""
    conditions = {}
    for text in given:
        name, sign, values = text.partition("=")
        if not sign or not values:
            raise typer.BadParameter(f"{text!r} is no condition. Write --where outcome=other or --where n=4,5.")
        if name.strip() in conditions:
            raise typer.BadParameter(f"{name.strip()} is asked for twice. Write --where {name.strip()}=3,4 for either.")
        conditions[name.strip()] = [value.strip() for value in _COMMA.split(values)]
    return conditions
