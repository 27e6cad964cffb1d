"""The command as a new user runs it."""

import json
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import gradflow as gf
from gradflow.cli.main import app

runner = CliRunner()


def test_help_shows_examples_and_loads_no_jax():
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from gradflow.cli.main import app\n"
        "for arguments in (['--help'], ['solve', '--help'], ['phase-diagram', '--help'],\n"
        "                  ['families', '--help'], ['boundaries', '--help'], ['report', '--help'],\n"
        "                  ['figures', '--help']):\n"
        "    result = CliRunner().invoke(app, arguments)\n"
        "    assert result.exit_code == 0, result.output\n"
        "    print(result.output)\n"
        "assert 'jax' not in sys.modules and 'matplotlib' not in sys.modules and 'diffrax' not in sys.modules\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert "gradflow solve --k 8 --n 4 --seed 0 --run 3" in shown.stdout
    assert "gradflow phase-diagram --k 8 --runs 10" in shown.stdout
    assert "gradflow families --k 1000000 --n 300000 --digits 20" in shown.stdout
    assert "gradflow boundaries --k 20 50 100 1000000" in shown.stdout
    assert "gradflow report runs/k8 --html report.html" in shown.stdout
    assert "gradflow figures runs/k8 --out figs" in shown.stdout


def test_solve_prints_what_each_stage_found_and_the_neurons():
    result = runner.invoke(app, ["solve", "--k", "8", "--n", "4", "--run", "3"])
    assert result.exit_code == 0, result.output
    for line in (
        "flow: successful",
        "refine: successful",
        "classify: minimum, index 0",
        "identify: C-A(1, 1, 1, 5)",
        "exact average",
    ):
        assert line in result.stdout


def test_solve_reproduces_that_cell_of_a_sweep_and_prints_it_as_json(swept):
    result = runner.invoke(app, ["solve", "--k", "8", "--n", "3", "--run", "1", "--json"])
    cell = json.loads(result.stdout)
    run = swept[1].to_json()["runs"][1]
    assert {name: cell[name] for name in run} == run
    assert [neuron["kind"] for neuron in cell["neurons"]].count("exact average") == 1


@pytest.mark.slow
def test_phase_diagram_leaves_a_table_a_figure_and_a_store_that_resumes(tmp_path):
    arguments = ["phase-diagram", "--k", "8", "--widths", "3-4", "--runs", "2", "--out", str(tmp_path)]
    first = runner.invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert (tmp_path / "table.txt").read_text() == first.stdout
    assert (tmp_path / "phase_diagram.png").stat().st_size > 0
    assert len(list((tmp_path / "records").iterdir())) == 4
    again = runner.invoke(app, [*arguments, "--json"])
    assert json.loads(again.stdout)["rows"][0]["copy_average"] == 2


def test_report_and_figures_are_written_from_a_store_and_said(swept_copy, tmp_path):
    store = swept_copy
    for chosen, page in (
        ([], store / "report.html"),
        (["--html", str(tmp_path / "page.html")], tmp_path / "page.html"),
    ):
        result = runner.invoke(app, ["report", str(store), *chosen])
        assert result.exit_code == 0, result.output
        assert result.stdout == f"written: {page} (4 runs, {page.stat().st_size / 1e6:.1f} MB)\n"
    result = runner.invoke(app, ["figures", str(store), "--out", str(tmp_path / "figs"), "--format", "png"])
    assert result.exit_code == 0, result.output
    said = [line.removeprefix("written: ") for line in result.stdout.splitlines()]
    assert sorted(said) == sorted(str(path) for path in (tmp_path / "figs").iterdir())
    assert str(tmp_path / "figs" / "phase_diagram-k0008.png") in said


@pytest.mark.slow
def test_boundaries_of_several_widths_follow_one_option(tmp_path):
    result = runner.invoke(app, ["boundaries", "--k", "8", "20", "--out", str(tmp_path / "map.png")])
    assert result.exit_code == 0, result.output
    assert [line for line in result.stdout.splitlines() if line.startswith("boundaries")] == [
        "boundaries: k = 8, as the width n grows",
        "boundaries: k = 20, as the width n grows",
    ]
    assert (tmp_path / "map.png").stat().st_size > 0
    found = json.loads(runner.invoke(app, ["boundaries", "--k", "20", "--digits", "30", "--json"]).stdout)
    # reference.md, in all digits
    assert found[0]["loss_crossing"]["ratio"].startswith("0.7497804229")
    assert found[0]["pnc_stability"]["first_integer"] == 10


@pytest.mark.slow
def test_families_are_a_table_or_a_point_with_its_spectra():
    table = runner.invoke(app, ["families", "--k", "6"])
    assert table.stdout == f"{gf.family_table(6)}\n"
    point = runner.invoke(app, ["families", "--k", "8", "--n", "4", "--digits", "20"]).stdout
    assert "loss 0.072452645203670468746" in point
    assert "index 3, 0 undecided of 40 eigenvalues" in point


def test_a_failed_run_is_exit_code_1():
    result = runner.invoke(app, ["solve", "--k", "8", "--n", "4", "--max-steps", "3"])
    assert result.exit_code == 1
    assert "result: max_steps_reached" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("solve", "--k", "8", "--n", "0"), "n must be at least 1, got 0"),
        (("solve", "--k", "8", "--n", "4", "--d", "5"), "input dimension of at least 8, got d = 5"),
        (("solve", "--k", "8", "--n", "4", "--run", "-1"), "run must be at least 0"),
        (("solve", "--k", "8", "--n", "4", "--run", "4294967296"), "run must be at most 4294967295"),
        (("phase-diagram", "--k", "8", "--widths", "4-2"), "does not name widths"),
        (("boundaries", "--k", "20", "x"), "'x' is no number. Write --k 20 50 100."),
        (("boundaries", "--k", "1"), "boundaries: k must be at least 2, got 1"),
        (("boundaries", "--k", "8", "--store", "runs/k8"), "--store is drawn into the map"),
        (("families", "--k", "8", "--digits", "40"), "--digits is for one point. Write --n 4 --digits 30."),
        (("phase-diagram", "--k", "8", "--widths", "1-99999999999"), "goes beyond 100000 neurons"),
        (("report", "/nowhere"), "there is no folder /nowhere"),
        (("figures", "/nowhere", "--out", "figs"), "there is no folder /nowhere"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(command, arguments, message):
    code, _, refused = command(*arguments)
    assert code == 2
    assert message in " ".join(refused.split())
    assert "Traceback" not in refused


@pytest.mark.process
def test_ctrl_c_in_mid_sweep_is_exit_code_130_and_the_same_command_resumes(tmp_path):
    code = "from gradflow.cli import main; main()"
    arguments = ["phase-diagram", "--k", "8", "--widths", "4", "--runs", "400", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    records = tmp_path / "records"
    while process.poll() is None and not (records.exists() and len(list(records.glob("k*.npz"))) >= 2):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130, said
    assert "the same command resumes" in said
    done = len(list(records.glob("k*.npz")))
    assert 2 <= done < 400
    assert not list(records.glob(".*"))
