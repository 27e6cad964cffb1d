"""The initial weights of the command line: scales, balance, warm starts, and what contradicts itself."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import gradflow as gf
from gradflow.cli.main import app

runner = CliRunner()


@pytest.fixture(scope="module")
def record(solution, tmp_path_factory):
    path = tmp_path_factory.mktemp("record") / "student.npz"
    np.savez(path, weights=solution.student.weights, output=solution.student.output)
    return str(path)


def law_of(*arguments):
    """The law of the initial weights in the JSON of `gradflow solve`, which a few steps suffice for."""
    shown = runner.invoke(app, ["solve", "--k", "8", "--n", "4", "--max-steps", "1", "--json", *arguments])
    return json.loads(shown.stdout)["experiment"]["init"]


def test_options_compose_to_a_law_its_scales_and_its_balance(record):
    glorot = {"law": "GlorotNormal"}
    assert law_of("--weight-scale", "1") == glorot
    assert law_of("--weight-scale", "0.3", "--output-scale", "2") == {
        "law": "Scaled",
        "inner law": glorot,
        "weights": 0.3,
        "output": 2.0,
    }
    assert law_of("--init", "unit-sphere", "--weight-scale", "0.3", "--balanced") == {
        "law": "Balanced",
        "inner law": {
            "law": "Scaled",
            "inner law": {"law": "UnitSphere", "output": 1.0},
            "weights": 0.3,
            "output": 1.0,
        },
    }
    assert law_of("--warm-start", record, "--noise", "0.01", "--init", "lecun-normal") == {
        "law": "WarmStart",
        "inner law": {"law": "LecunNormal", "output": 1.0},
        "record": record,
        "noise": 0.01,
        "digest": gf.WarmStart(record).digest,
    }


def test_a_sweep_and_its_cell_have_one_law(record, tmp_path):
    law = ["--warm-start", record, "--noise", "0.01", "--weight-scale", "0.9"]
    sweep = runner.invoke(app, ["phase-diagram", "--k", "8", "--widths", "4", "--runs", "1", "--processes", "1", *law])
    assert sweep.exit_code == 0, sweep.output
    cell = runner.invoke(app, ["solve", "--k", "8", "--n", "4", *law])
    label = "k = 8, d = 9, WarmStart student, noise 0.01, W × 0.9, seed 0"
    assert sweep.stdout.startswith(f"phase diagram: {label}, 1 run\n")
    assert cell.stdout.startswith(f"k = 8, n = 4, {label.removeprefix('k = 8, ')}, run 0\n")
    assert "identify: C-A(1, 1, 1, 5)" in cell.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--balanced", "--output-scale", "2"), "--balanced gives every output weight the size"),
        (("--noise", "0.01"), "Write --warm-start"),
    ],
)
@pytest.mark.parametrize("verb", [("solve", "--n", "4"), ("phase-diagram",)], ids=lambda verb: verb[0])
def test_options_that_contradict_each_other_are_refused(verb, arguments, message):
    shown = runner.invoke(app, [*verb, "--k", "8", *arguments])
    assert shown.exit_code == 2
    assert message in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--weight-scale", "0"), "Scaled: weights must be a positive finite number, got 0.0"),
        (("--output-scale", "-1"), "Scaled: output must be a finite number that is not negative, got -1.0"),
        (("--warm-start", "nothing.npz"), "WarmStart: there is no file 'nothing.npz'"),
    ],
)
def test_a_scale_or_a_record_that_is_none_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        runner.invoke(app, ["solve", "--k", "8", "--n", "4", *arguments], catch_exceptions=False)
