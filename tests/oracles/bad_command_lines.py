"""100 wrong command lines of all subcommands, and what may become of them."""

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradflow as gf
from oracles.bad_values import SPOKEN_BY_OTHERS

# the module: `gradflow.cli.main` is the function in it
command = import_module("gradflow.cli.main")

# {store}: a sweep's folder; {certificate}, {table}, {summary}, {record}: files that are fine; {file}: one of text;
# {empty}: an empty one; {bytes}: one of random bytes; {folder}: an empty folder; {missing}: nothing there; {beside}: a
# place inside of a file; {long}: a name that is too long
LINES = """
solve
solve --k 8
solve --k eight --n 4
solve --k 8.5 --n 4
solve --k 0 --n 4
solve --k -8 --n 4
solve --k nan --n 4
solve --k 1000000000000000000000000000000 --n 4
solve --k 8 --n 1000000000000000000000000000000
solve --k 8 --n 1000000000
solve --k 1000000000 --n 4
solve --k 8 --n 4 --d 7
solve --k 8 --n 4 --d 1000000000000
solve --k 8 --n 4 --run -1
solve --k 8 --n 4 --run 1000000000000
solve --k 8 --n 4 --seed -1
solve --k 8 --n 4 --seed 100000000000000000000
solve --k 8 --n 4 --rtol 0
solve --k 8 --n 4 --rtol nan
solve --k 8 --n 4 --rtol 1e-20
solve --k 8 --n 4 --atol -1e-6
solve --k 8 --n 4 --gradient-tolerance inf
solve --k 8 --n 4 --max-steps 0
solve --k 8 --n 4 --tol 1e-6
solve --k 8 --n 4 --init gloro
solve --k 8 --n 4 --weight-scale 0
solve --k 8 --n 4 --output-scale -1
solve --k 8 --n 4 --balanced --output-scale 2
solve --k 8 --n 4 --noise 0.1
solve --k 8 --n 4 --warm-start {missing}
solve --k 8 --n 4 --warm-start {bytes}
solve --k 8 --n 4 --warm-start {folder}
solve --k 8 --n 4 --warm-start {record} --noise nan
solve --k 8 --n 4 extra
phase-diagram
phase-diagram --k 8 --runs 0
phase-diagram --k 8 --runs 1000000000000
phase-diagram --k 8 --runs ten
phase-diagram --k 8 --widths ""
phase-diagram --k 8 --widths 7-1
phase-diagram --k 8 --widths 0
phase-diagram --k 8 --widths 1-1000000000000
phase-diagram --k 8 --widths ４–７
phase-diagram --k 100000000000000000000
phase-diagram --k 8 --processes 0
phase-diagram --k 8 --processes 1000000000
phase-diagram --k 8 --time-limit 0
phase-diagram --k 8 --out {file}
phase-diagram --k 8 --out {beside}
phase-diagram --k 8 --out /proc/gradflow
phase-diagram --k 8 --out {store} --seed 1
phase-diagram --k 8 --widths 4 --runs 1 --processes 2 --dask tcp://scheduler:8786
phase-diagram --k 8 --dask tcp://scheduler:8786 --dask-scheduler-file {file}
phase-diagram --k 8 --dask-scheduler-file {missing}
phase-diagram --k 8 --retry-rtol -1
report
report {missing}
report {file}
report {folder}
report {store} --html {beside}
report {store} --html {folder}
figures {store}
figures {store} --out {file}
figures {store} --out {folder} --format jpg
figures {missing} --out {folder}
status
status {file}
status {long}
status ""
runs {missing}
runs {store} --where outcome
runs {store} --where outcme=other
runs {store} --where =
runs {store} --where n=four
runs {store} --limit ten
runs {store} --limit -1
certify {missing}
certify {store} --n 99
certify {store} --digits 14
certify {store} --digits 100000
certify {store} --n 4 --run 0 --out {beside}
certify {store} --out {folder}/certificate.json
verify
verify {missing}
verify {folder}
verify {empty}
verify {bytes}
verify /dev/null
export {store} {folder}/runs
export {store} {folder}/runs.xlsx
export {store} {beside}.csv
export {missing} {folder}/runs.csv
merge
merge {store} --into {file}
merge {store} {folder} --into {folder}/all
reproduce
reproduce --summary {file}
reproduce --summary {summary} --store {store}
reproduce --summary {summary} --out {file}
reproduce --summary {summary}
families --k 2
families --k 1000000000000000000000000000000
families --k 8 --digits 30
families --k 8 --n 9
families --k 8 --n 4 --digits 1000000
boundaries
boundaries --k 1
boundaries --k eight
boundaries --k inf
boundaries --k 8 --store {store}
boundaries --k 8 --out {beside}/map.png
boundaries --k 8 --out {folder}/map.xyz
boundaries --k 8 --out {folder}
theorem --k 2
theorem --k 1000000000000000000000000000000
theorem --check {missing}
theorem --check {table} --out {folder}/again.csv
theorem --check {bytes}
theorem --k 5 --out {beside}
unknown-command --k 8
"""


def places(folder: Path) -> dict[str, Any]:
    """What the lines name."""
    store = folder / "store"
    diagram = gf.phase_diagram(k=8, widths=[4], runs=1, store=store)
    certificate = gf.certify(gf.TeacherStudent(gf.orthonormal_teacher(2), 1), gf.copy_average(2, 1, d=2))
    named = {name: folder / name for name in ("file", "empty", "bytes", "folder")}
    named["file"].write_text("text\n")
    named["empty"].write_bytes(b"")
    named["bytes"].write_bytes(np.random.default_rng(0).bytes(1000))
    named["folder"].mkdir()
    return named | {
        "store": store,
        "record": store / "records" / "k0008-n0004-run0000.npz",
        "summary": gf.write_summary(diagram, folder / "summary.csv"),
        "certificate": gf.write_certificate(certificate, folder / "certificate.json"),
        "table": gf.write_certified_widths(gf.certify_widths(3), folder / "table.csv"),
        "missing": folder / "missing",
        "beside": folder / "file" / "inside",
        "long": "a" * 300,
    }


def answers(named: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Every line, and what is wrong with the answer to it: None if it is ours and exit code 2."""
    for line in LINES.strip().splitlines():
        yield line, _wrong(*_answer(shlex.split(line.format(**named))))


def _answer(arguments: list[str]) -> tuple[int, str]:
    """Exit code and what stands on standard error, of the command run in this process."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        patch.setattr(sys, "argv", ["gradflow", *arguments])
        patch.setattr(command, "use_compilation_cache", lambda: None)
        # a box of typer's as wide as a terminal would be
        patch.setenv("COLUMNS", "100")
        try:
            command.main()
        except SystemExit as end:
            return int(end.code or 0), told.getvalue()
        except Exception as error:  # whatever comes from inside is what is looked for
            return 1, f"{told.getvalue()}\nTraceback: {type(error).__name__}: {error}"
    return 0, told.getvalue()


def _wrong(code: int, said: str) -> str | None:
    if "Traceback" in said:
        return f"a traceback: {said[-300:]}"
    if code != 2:
        return f"exit code {code}: {said[-300:]}"
    lines = said.strip().splitlines()
    if re.match(r"\s*Usage: ", lines[0]):  # typer's own: usage and a box
        fits = all(len(line) <= 100 for line in lines) and len(lines) < 15
        return None if fits else f"does not fit: {said}"
    if len(lines) > 1 or not lines[0].startswith("error: ") or len(lines[0]) > 700:
        return f"not one line: {said}"
    shown = re.search(r"PosixPath|<class|object at 0x|\bgf\.\w+\(.*=\.\.\.", lines[0])
    if shown or SPOKEN_BY_OTHERS.search(lines[0]):
        return f"speaks Python: {said}"
    return None
