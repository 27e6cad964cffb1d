"""What can be done with a store, each as one call that says which runs it served, with their losses.

What a user would see go wrong is an `AssertionError`: an exit code that is no success, a traceback, a warning that is
not one line.
"""

import contextlib
import csv
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import gradflow as gf
from gradflow.cli import main
from oracles.damages import ALL, Damage

# losses by run; None where an operation only counts
Served = dict[gf.Address, float]

# what the command says on the error stream, beside the lines of a meter and of what was written
_LINES = re.compile(r"warning: .*|written: .*|error: .*|\d+ runs?.*|.*\d+/\d+ .*|")


def command(*arguments: object) -> str:
    """What `gradflow …` prints, in this process; it must succeed, and say all else in one line each."""
    out, said, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["gradflow", *map(str, arguments)]),
        # the cache of compiled programs is the process's own
        mock.patch("gradflow.cli.main.use_compilation_cache"),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert code == 0, f"exit code {code}: {said.getvalue()}"
    for line in said.getvalue().splitlines():
        assert _LINES.fullmatch(line), line
    return out.getvalue()


def _rows(rows: list[dict[str, object]]) -> Served:
    return {
        gf.Address(*(int(float(str(row[name]))) for name in ("k", "n", "run"))): float(str(row["loss"])) for row in rows
    }


def _of(diagrams: tuple[gf.PhaseDiagram, ...]) -> Served:
    return {record.address: record.loss for diagram in diagrams for record in diagram.records}


def runs(store: Path, away: Path) -> Served:
    return _rows(json.loads(command("runs", store, "--json")))


def status(store: Path, away: Path) -> int:
    found = json.loads(command("status", store, "--json"))
    command("status", store)
    return sum(sum(counts.values()) for counts in found["counts"].values())


def report(store: Path, away: Path) -> Served:
    command("report", store, "--html", away / "report.html")
    page = (away / "report.html").read_text(encoding="utf-8")
    start = page.index('{"classes":')
    found, _ = json.JSONDecoder().raw_decode(page[start:].replace("\\u003c", "<"))
    served: Served = {}
    for diagram in found["diagrams"]:
        table = diagram["table"]
        for n, run, loss in zip(table["n"], table["run"], table["loss"], strict=True):
            served[gf.Address(diagram["k"], n, run)] = loss
    return served


def export(store: Path, away: Path) -> Served:
    command("export", store, away / "runs.csv")
    with open(away / "runs.csv", newline="", encoding="utf-8") as file:
        return _rows(list(csv.DictReader(file)))


def merge(store: Path, away: Path) -> Served:
    command("merge", store, "--into", away / "all")
    return _of(gf.stored_diagrams(away / "all"))


def figures(store: Path, away: Path) -> int:
    """How many runs the title of the diagram tells of."""
    command("figures", store, "--out", away / "figures", "--format", "svg")
    assert (away / "figures" / "phase_diagram-k0008.svg").stat().st_size > 10_000
    return _of_python(lambda: sum(len(diagram.records) for diagram in gf.stored_diagrams(store)))


def sweep(store: Path, away: Path) -> Served:
    """The same sweep again: what is lost is done again."""
    return _of((_of_python(lambda: gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=store)),))


def look(store: Path, away: Path) -> Served:
    served = _of_python(lambda: _of(gf.stored_diagrams(store)))
    columns = _of_python(lambda: gf.stored_runs(store).columns)
    listed = set(zip(*(columns[name].tolist() for name in ("k", "n", "run")), strict=True))
    assert listed >= served.keys()
    return served


def certify(store: Path, away: Path) -> Served:
    """The runs whose ends are proved, twice."""
    diagrams = _of_python(lambda: gf.certify_runs(store))
    proved = {address for diagram in diagrams for address, found in diagram.certificates.items() if found.proved}
    checked = _of_python(lambda: gf.verify_runs(store))
    assert set(checked.proved) == proved
    assert not checked.failed.keys() & _of(diagrams).keys()
    return {address: loss for address, loss in _of(diagrams).items() if address in proved}


def _of_python(call: Callable[[], Any]) -> Any:
    """A verb's warnings are its own lines, and nobody's mistake."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return call()


def check(operation: str, store: Path, away: Path, losses: Served, damage: Damage) -> None:
    """An operation on a damaged store serves the undamaged runs as they are, and one that only looks moves nothing."""
    lost = () if operation == "sweep" and damage.again else damage.lost
    before = _names(store)
    served = OPERATIONS[operation](store, away)
    if operation not in ("sweep", "certify"):
        assert _names(store) == before, "something was moved"
    if isinstance(served, int):
        assert len(ALL) - len(lost) <= served <= len(ALL), f"{served} runs"
        return
    missing = [str(address) for address in ALL if address not in (*lost, *served)]
    assert not missing, f"missing: {', '.join(missing)}"
    wrong = [str(address) for address, loss in served.items() if abs(loss - losses.get(address, loss + 1)) > 1e-12]
    assert not wrong, f"not as they are: {', '.join(wrong)}"


def _names(store: Path) -> set[str]:
    """Everything in a store but its index, links not followed."""
    found = (Path(folder) / name for folder, folders, files in os.walk(store) for name in (*folders, *files))
    return {str(path.relative_to(store)) for path in found} - {"index.npz"}


OPERATIONS: dict[str, Callable[[Path, Path], Served | int]] = {
    operation.__name__: operation for operation in (runs, status, report, export, merge, figures, sweep, look, certify)
}
