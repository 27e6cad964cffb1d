"""Errors of the command line speak of options and commands, in one line, and never Python."""

import re
import shlex

import pytest

from gradflow.cli.main import app
from gradflow.cli.wording import example, spoken

# what only Python would say
PYTHON = re.compile(r"Path\(|\bgf\.|\b\w+=\.\.\.|(?<!C-)\b[A-Za-z_]\w+\(|\bTraceback\b|\bNone\b")

WRONG = [
    ("solve --k 8 --n 4 --rtol 1e-20", "Write --rtol 1e-13 or more."),
    ("solve --k 8 --n 4 --max-steps 0", "--max-steps must be at least 1, got 0. Write --max-steps 10000."),
    ("solve --k 8 --n 4 --d 5", "Write --d 8, or more."),
    ("solve --k 8 --n 4 --warm-start nowhere.npz", "there is no file 'nowhere.npz'. Write gradflow solve --k 8"),
    ("solve --k 8 --n 4 --tol 1e-3", "No such option: --tol"),
    ("phase-diagram --k 4 --runs 0", "runs must be at least 1, got 0. Write --runs 10."),
    ("phase-diagram --k 4 --widths 0", "each of widths must be at least 1, got 0. Write --widths 1-7."),
    ("phase-diagram --k 4 --time-limit -1", "--time-limit must be a positive finite number, got -1.0."),
    ("phase-diagram --k 4 --retry-max-steps 0", "--retry-max-steps must be at least 1"),
    ("phase-diagram --k 4 --dask tcp://nowhere:8786 --processes 2", "--processes 2 and --dask"),
    (
        "phase-diagram --k 8 --seed 1 --runs 1 --out STORE",
        "seed is 0 there and 1 here. Write --out ... with a new folder",
    ),
    ("phase-diagram --k 4 --init glorot", "'glorot' is not one of 'glorot-normal'"),
    ("certify STORE --digits 1", "digits must be at least 15, what float64 has, got 1. Write --digits 30"),
    ("certify STORE --n 9", "no run has n = 9. There are 3, 4. Write --n 4."),
    ("certify STORE --processes 0", "Write --processes 2."),
    ("runs STORE --where outcome=PnC", "did you mean 'P-n-C'? There is C-A. Write --where outcome=P-n-C."),
    ("runs STORE --where outcom=other", "did you mean 'outcome'? Write --where outcome=C-A."),
    ("runs STORE --where n=four", "the column n holds numbers"),
    ("runs STORE --where 'configuration=C-A(1,1,6)'", "Write --where configuration='C-A(1, 1, 6)'."),
    ("export STORE runs.txt", "must be .csv, .parquet or .nc, got 'runs.txt'. Write runs.csv."),
    ("report STORE --html nowhere/page.html", "the folder of nowhere/page.html does not exist"),
    ("report nowhere", "there is no folder nowhere. Write gradflow report runs/k8"),
    ("status nowhere", "there is no folder nowhere. Write gradflow status runs/k50"),
    ("verify nowhere.json", "there is no file"),
    ("reproduce --summary nowhere.csv", "Write gradflow reproduce --summary"),
    ("families --k 8 --n 9", "n <= k, got n = 9, k = 8. Write gradflow families"),
    ("boundaries --k 20 --digits 1", "Write --digits 30"),
    ("phase-diagram --k 4 --dask x", "got 'x'. Write --dask tcp://scheduler:8786."),
    ("phase-diagram --k 4 --n 2", "No such option: --n. Did you mean --widths?"),
    ("solve --k 8 --widths 4", "Did you mean --n?"),
    ("solve -k 8 -n 4", "No such option: -k. Did you mean --k?"),
    ("solve --ks 8", "Did you mean --k?"),
    ("phase-diagram --k 4 --seeds 1", "Did you mean --seed?"),
    ("phase-diagram --k 4 --store x", "Did you mean --out?"),
    ("phase-diagram --k 4 --starts 3", "Did you mean --runs?"),
    ("phase-diagram --k 4 --jobs 2", "Did you mean --processes?"),
    ("certify STORE --width 4", "Did you mean --n?"),
    ("report STORE --out page.html", "Did you mean --html?"),
    ("merge a b --out c", "Did you mean --into?"),
    ("theorem --ks 8", "Did you mean --k?"),
    ("status ''", "an argument is empty. Write gradflow status runs/k50"),
    ("verify STORE/README.txt", "is not a certificate: it is no JSON from line 1, column 1 on."),
    ("theorem --check STORE/README.txt", "perturbed_gap,radius. Write gradflow theorem"),
    ("verify ''", "an argument is empty."),
    ("certify ''", "an argument is empty."),
    ("report STORE --html=", "--html is empty."),
    ("report STORE --html -", "--html is -: gradflow reads and writes files"),
    ("export STORE -", "an argument is -: gradflow reads and writes files"),
    ("runs STORE --where n=3 --where n=4", "n is asked for twice. Write --where n=3,4 for either."),
    ("solve --k eight --n 4", "--k must be a whole number, got 'eight'. Write gradflow solve"),
    ("solve --k=8.5 --n 4", "--k must be a whole number, got '8.5'."),
    ("solve --k 8 --n 4 --rtol x", "--rtol must be a number, got 'x'."),
    ("runs STORE --limit -1", "--limit must be at least 1, got '-1'. Write gradflow runs"),
    ("theorem --k 3000", "--k must be at most 2000, got '3000'."),
    ("solve --k", "--k needs a value. Write gradflow solve"),
    ("figures STORE --out x --format jpg", "'--format': 'jpg' is not one of 'pdf', 'svg', 'png'."),
    ("solv --k 8", "No such command 'solv'. Did you mean 'solve'?"),
]

# values that were given without their options: the line to write has them
POSITIONAL = [
    ("solve 8 4", "gradflow solve --k 8 --n 4"),
    ("phase-diagram 8", "gradflow phase-diagram --k 8"),
    ("families 50", "gradflow families --k 50"),
    ("families 50 20", "gradflow families --k 50 --n 20"),
    ("theorem 10", "gradflow theorem --k 10"),
    ("certify runs/k8 8 4", "gradflow certify runs/k8 --k 8 --n 4"),
    # nothing to place: the command's own example
    ("boundaries", "gradflow boundaries --k 20 50 100."),
    ("solve --k 8", "gradflow solve --k 8 --n 4 --seed 0 --run 3"),
    ("merge a b", "gradflow merge runs/laptop runs/cluster --into runs/k50"),
    ("export runs/k8", "gradflow export runs/k8 k8.csv"),
    ("figures runs/k8", "gradflow figures runs/k8 --out figs"),
    ("status", "gradflow status runs/k50"),
]


@pytest.fixture
def refused(command, swept):
    """The one line that a command ends with."""

    def run(line):
        code, out, err = command(*shlex.split(line.replace("STORE", str(swept[0]))))
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert not PYTHON.search(err), err
        return err.strip()

    return run


@pytest.mark.parametrize(("line", "said"), WRONG, ids=[line for line, _ in WRONG])
def test_what_is_wrong_is_said_in_options(refused, line, said):
    assert said in refused(line)


@pytest.mark.parametrize(("line", "written"), POSITIONAL, ids=[line for line, _ in POSITIONAL])
def test_a_value_without_its_option_is_told_the_line_to_write(refused, line, written):
    assert refused(line).endswith(f"Write {written}")


def test_the_command_alone_is_answered_with_its_help(command):
    code, out, err = command()
    assert (code, err) == (2, "")
    assert "Usage:" in out
    assert "phase-diagram" in out


@pytest.mark.slow
def test_boundaries_takes_widths_without_the_option(command):
    code, out, _ = command("boundaries", "4", "5")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("boundaries")] == [
        "boundaries: k = 4, as the width n grows",
        "boundaries: k = 5, as the width n grows",
    ]


@pytest.mark.filterwarnings("default")
def test_a_warning_is_one_line_without_its_place_in_the_code(command, swept):
    code, out, err = command("runs", swept[0], "--where", "outcome=failed")
    assert code == 0
    assert err == "warning: no run has outcome = failed. There is C-A.\n0 runs\n"
    assert len(out.splitlines()) == 2


def test_every_command_has_an_example_in_its_help():
    import typer

    commands = typer.main.get_command(app).commands
    assert {name for name, one in commands.items() if not example(one).startswith(f"gradflow {name}")} == set()


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("export: got PosixPath('x.txt'). Write runs.csv.", "got 'x.txt'. Write runs.csv."),
        ("export: got [WindowsPath('x.txt')]. Write runs.csv.", "got ['x.txt']. Write runs.csv."),
        ("phase_diagram: wrong. Write runs=1_000.", "phase-diagram: wrong. Write --runs 1000."),
        ("phase_diagram: wrong. Write store='runs/k 8'.", "phase-diagram: wrong. Write --out 'runs/k 8'."),
        (
            "phase_diagram: wrong. Write gf.phase_diagram(k=8).",
            "phase-diagram: wrong. Write gradflow phase-diagram --k 8",
        ),
    ],
)
def test_a_message_is_put_into_the_words_of_a_command(message, said):
    import typer

    command = typer.main.get_command(app).commands["phase-diagram"]
    assert spoken(message, command).startswith(said)
