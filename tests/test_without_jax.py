"""What only reads, or is exact, needs no JAX: in one fresh interpreter, through the command line and in Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gradflow as gf
from gradflow.sweeps import Address, Store, Task, checked_experiment, record_of

# commands, each run with the folder of a store and one to write to
COMMANDS = (
    ["--help"],
    ["--version"],
    *([name, "--help"] for name in ("solve", "phase-diagram", "certify", "verify", "theorem", "reproduce", "merge")),
    ["status", "{store}"],
    ["status", "{store}", "--json"],
    ["runs", "{store}"],
    ["runs", "{store}", "--where", "outcome=C-A", "--json"],
    ["export", "{store}", "{out}/runs.csv"],
    ["status", "{warm}"],
    ["runs", "{warm}"],
    ["export", "{warm}", "{out}/warm.csv"],
    ["families", "--k", "5"],
    ["families", "--k", "5", "--n", "3"],
    ["families", "--k", "5", "--n", "3", "--digits", "20"],
    ["boundaries", "--k", "5", "7"],
    ["boundaries", "--k", "5", "--json"],
    ["status", "{out}"],  # no store: refused
    ["runs", "{store}", "--where", "nothing=1"],  # refused
    ["families", "--k", "2"],  # refused
)

SCRIPT = """
import sys
from typer.testing import CliRunner
from gradflow._errors import WrongUse
from gradflow.cli.main import app

store, warm, out, heavy = *sys.argv[1:4], set(sys.argv[4].split(","))
for line in sys.stdin:
    words = [word.format(store=store, warm=warm, out=out) for word in line.split()]
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, WrongUse | SystemExit), (words, result.exception)
    loaded = heavy & set(sys.modules)
    print(len(result.output), *words, *(f"LOADED {name}" for name in sorted(loaded)))

import gradflow as gf

law = gf.Scaled(gf.GlorotNormal(), weights=0.3)
assert gf.status(store).done == len(gf.stored_runs(store)) == 1
point = gf.perturbed_n_copy(6, 3)
text = (str(law.label), str(point), str(point.spectrum), str(gf.boundaries(6)), str(gf.family_table(6)))
print(len(text), "in Python", *(f"LOADED {name}" for name in sorted(heavy & set(sys.modules))))

# the page needs SciPy and matplotlib, and JAX as little
result = CliRunner().invoke(app, ["report", store, "--html", f"{out}/report.html"])
assert result.exception is None, result.exception
print("report", *(f"LOADED {name}" for name in sorted({"jax", "equinox", "diffrax", "pandas"} & set(sys.modules))))

# where it is needed, that it is loaded is said before
from gradflow._progress import loading_jax

for _ in range(2):
    with loading_jax(shown="plain"):
        assert "jax" in sys.modules
"""


@pytest.fixture(scope="module")
def stores(solution, tmp_path_factory):
    """A store of one run, and one of a law that starts from that run."""
    folder = tmp_path_factory.mktemp("store")
    plan = checked_experiment(k=8)
    kept = Store(folder / "plain", plan)
    kept.write(record_of(plan, Task(Address(8, 4, 0)), solution, seconds=1.0))
    record = next((folder / "plain" / "records").iterdir())
    warm = checked_experiment(k=8, init=gf.Balanced(gf.WarmStart(record)))
    Store(folder / "warm", warm).write(record_of(warm, Task(Address(8, 4, 0)), solution, seconds=1.0))
    return folder / "plain", folder / "warm"


@pytest.mark.slow
def test_commands_that_only_read_or_are_exact_load_neither_jax_nor_what_stands_on_it(stores, tmp_path):
    heavy = "jax,jaxlib,equinox,diffrax,optimistix,lineax,scipy,pandas,xarray,matplotlib"
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, *map(str, stores), str(tmp_path), heavy],
        input="\n".join(" ".join(words) for words in COMMANDS),
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(gf.__file__).parents[1])},
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.count(" loading JAX\n") == 1
    lines = finished.stdout.splitlines()
    assert len(lines) == len(COMMANDS) + 2
    assert [line for line in lines if "LOADED" in line] == []
