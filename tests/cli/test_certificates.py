"""The commands that prove what stored runs ended in, and that check it again."""

import json

import pytest
from typer.testing import CliRunner

import gradflow as gf
from gradflow.cli.main import app

pytestmark = pytest.mark.usefixtures("unchecked")
runner = CliRunner()


@pytest.fixture
def store(swept, tmp_path):
    """A copy without certificates."""
    gf.merge_stores([swept[0]], tmp_path / "store")
    return tmp_path / "store"


def run(*arguments, code=0):
    result = runner.invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.slow
def test_one_run_is_certified_printed_written_and_verified(store, tmp_path):
    file = tmp_path / "certificate.json"
    said = run("certify", store, "--n", 4, "--run", 1, "--out", file).stdout
    assert said.startswith("k = 8, n = 4, run 1\ncertify: exactly one critical point within ")
    assert "index 0" in said
    assert gf.status(store).certified == {8: 1}
    checked = run("verify", file).stdout
    assert "verify: proved again: index, gap, critical point, radius, isolation, loss" in checked


def test_all_runs_are_certified_and_counted_with_progress(store):
    result = run("certify", store, "--plain")
    assert "4/4 runs, 4 certified" in result.stderr
    assert "\nisolated critical point of index 0: 4\n" in result.stdout
    assert result.stdout.splitlines()[3].endswith("2 of 2")
    result = run("verify", store)
    assert "verify: 4 certificates, 4 proved again, 0 failed" in result.stdout
    assert "isolated critical point" in run("runs", store).stdout


@pytest.mark.slow
def test_the_sweep_certifies_as_it_goes(store):
    result = run("phase-diagram", "--k", 8, "--widths", "3-4", "--runs", 2, "--out", store, "--certify", "--plain")
    assert "4/4 runs, 4 C-A, 4 certified" in result.stderr
    assert len(list((store / "certificates").iterdir())) == 4
    assert result.stdout == (store / "table.txt").read_text()


def test_an_edited_statement_is_named_with_exit_code_1(store, tmp_path):
    file = tmp_path / "certificate.json"
    run("certify", store, "--n", 4, "--run", 1, "--out", file)
    edited = json.dumps(json.loads(file.read_text()) | {"index": 2})
    file.write_text(edited)
    assert "verify: not proved: says, index" in run("verify", file, code=1).stdout
    (store / "certificates" / "k0008-n0004-run0001.json").write_text(edited)
    assert "k = 8, n = 4, run 1: not proved: says, index, class of the run" in run("verify", store, code=1).stdout


def test_a_run_without_an_end_has_nothing_to_certify(tmp_path):
    gf.phase_diagram(8, (4,), runs=1, max_steps=30, store=tmp_path)
    said = run("certify", tmp_path, "--n", 4, "--run", 0, code=1).stdout
    assert "it did not end at a critical point (failed): nothing to certify" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("certify", "STORE", "--n", "4", "--out", "c.json"), "--out is for one run. Write --n 4 --run 3"),
    ],
)
def test_wrong_use_says_what_to_write(swept, arguments, message):
    result = runner.invoke(app, [str(swept[0]) if word == "STORE" else word for word in arguments])
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


def test_a_file_that_is_no_certificate_is_refused_in_one_line(tmp_path):
    (tmp_path / "c.json").write_text("{}")
    for path, message in ((tmp_path / "c.json", "is not a certificate"), (tmp_path / "none.json", "there is no file")):
        result = runner.invoke(app, ["verify", str(path)])
        assert isinstance(result.exception, ValueError)
        assert message in str(result.exception)
