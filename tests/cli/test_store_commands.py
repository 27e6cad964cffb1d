"""The commands that look into stores, as a new user runs them."""

import json
from pathlib import Path

import pytest
from oracles.damages import DAMAGES
from typer.testing import CliRunner

import gradflow as gf
from gradflow.cli.main import app

runner = CliRunner()
FIGURES = Path(__file__).parents[2] / "figures"


@pytest.fixture(scope="module")
def store(swept):
    return swept[0]


def run(*arguments):
    result = runner.invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_status_says_what_is_done(store):
    said = run("status", store).stdout
    assert said == f"{gf.status(store)}\n"
    assert "8   4/4    4      0      0        0                    0       0" in said
    assert json.loads(run("status", store, "--json").stdout)["counts"] == {"8": {"C-A": 4}}


def test_runs_are_listed_filtered_and_counted(store):
    result = run("runs", store, "--where", "n=4", "--where", "outcome=C-A,P-n-C", "--limit", "1")
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert lines[2].split()[:5] == ["8", "4", "0", "C-A", "minimum"]
    assert "2 runs, the first 1 shown" in result.stderr
    listed = json.loads(run("runs", store, "--json").stdout)
    assert [(row["n"], row["run"]) for row in listed] == [(3, 0), (3, 1), (4, 0), (4, 1)]
    assert listed[0]["loss"] == pytest.approx(0.087923261120336463, abs=1e-14)


def test_export_and_merge_write_what_they_say(store, tmp_path):
    run("export", store, tmp_path / "k8.csv")
    assert len((tmp_path / "k8.csv").read_text().splitlines()) == 5
    assert "4 runs added" in run("merge", store, "--into", tmp_path / "all").stdout
    assert gf.status(tmp_path / "all").done == 4


@pytest.mark.slow
def test_the_published_diagram_is_made_from_the_runs_in_the_repository(tmp_path):
    result = run("reproduce", "--summary", FIGURES / "phase_diagram_k50.csv", "--out", tmp_path)
    assert "the published phase diagram (k = 50) and 2000 runs of it here" in result.stdout
    assert "end points are minima  not decided" in result.stdout
    assert (tmp_path / "table.txt").read_text() == result.stdout
    for made, kept in (("phase_diagram_k50.csv", "phase_diagram_k50.csv"), ("table.txt", "phase_diagram_k50.txt")):
        assert (tmp_path / made).read_text() == (FIGURES / kept).read_text()


def test_progress_is_lines_in_a_log(tmp_path):
    result = run("phase-diagram", "--k", 8, "--widths", "4", "--runs", 2, "--out", tmp_path, "--plain")
    assert "2/2 runs, 2 C-A" in result.stderr
    assert "share of C-A in n/k: up to n/k = 0.500 all of the two are C-A" in result.stdout


def test_a_failed_run_is_done_again_by_the_command(tmp_path):
    arguments = [
        "phase-diagram",
        "--k",
        "8",
        "--widths",
        "4",
        "--runs",
        "1",
        "--max-steps",
        "30",
        "--out",
        str(tmp_path),
    ]
    assert runner.invoke(app, arguments).exit_code == 1
    again = runner.invoke(app, [*arguments, "--retry-max-steps", "10000"])
    assert again.exit_code == 0, again.output
    assert "0 in every row: P-n-C, other, saddles, degenerate, undecided, channels, at infinity, failed" in again.stdout
    assert gf.stored_diagrams(tmp_path)[0].records[0].outcome == "C-A"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runs", "STORE", "--where", "n"), "'n' is no condition. Write --where outcome=other or --where n=4,5."),
        (("reproduce",), "it is made from a summary or from a store"),
    ],
)
def test_wrong_use_says_what_to_write(store, arguments, message):
    result = runner.invoke(app, [str(store) if word == "STORE" else word for word in arguments])
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("command", ["status", "runs", "export", "report", "figures"])
def test_a_folder_that_is_no_store_is_refused_in_one_line(tmp_path, command, monkeypatch):
    more = {"export": [str(tmp_path / "x.csv")], "figures": ["--out", str(tmp_path)]}.get(command, [])
    result = runner.invoke(app, [command, str(tmp_path), *more])
    assert isinstance(result.exception, ValueError)
    assert "has no experiment.json, so it is no store of a phase diagram" in str(result.exception)


def test_a_run_that_cannot_be_read_here_is_left_out_with_exit_code_1(swept_copy):
    DAMAGES["record, of a newer gradflow"].spoil(swept_copy)
    arguments = ["phase-diagram", "--k", "8", "--widths", "4", "--runs", "1", "--out", str(swept_copy)]
    with pytest.warns(UserWarning, match="was written by a newer gradflow"):
        result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    assert "left out: 1 run whose records cannot be read here" in result.stderr
