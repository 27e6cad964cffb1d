"""What meters say while a program is compiled, on a terminal and in a log."""

import pytest

from gradflow import _progress
from gradflow._pace import Pace
from gradflow._progress import FlowMeter, SweepMeter


def test_a_log_says_what_is_compiled_before_any_run_is_done(capsys):
    pace = Pace()
    with SweepMeter(30, shown="plain", pace=pace):
        assert capsys.readouterr().err == ""
        pace.begin(0, "n = 4")
        (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(" 0/30 runs, compiling n = 4, once for each width")


def test_a_log_does_not_say_it_again_for_every_worker(capsys, monkeypatch):
    monkeypatch.setattr(_progress, "_SOON", float("inf"))
    pace = Pace()
    with SweepMeter(30, shown="plain", pace=pace):
        for worker in range(8):
            pace.begin(worker, f"n = {4 * worker}")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_terminal_shows_it_and_the_counts_beside_it():
    pace = Pace()
    with SweepMeter(30, shown="live", pace=pace) as meter:
        pace.begin(0, "n = 4")
        assert meter._description() == "compiling n = 4, once for each width"
        pace.end(0, 1.0, 30.0)
        meter.done("C-A")
        pace.begin(1, "n = 8")
        assert meter._description().startswith("1 C-A; ")
        assert meter._description().endswith("; compiling n = 8")
        pace.end(1, 1.0, 30.0)
        assert "compiling" not in meter._description()


def test_after_its_end_a_meter_is_told_nothing_more(capsys):
    pace = Pace()
    with SweepMeter(30, shown="plain", pace=pace):
        pass
    pace.begin(0, "n = 4")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_flow_begins_with_the_word(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    with FlowMeter() as meter:
        pass
    assert "compiling, before the first step" in capsys.readouterr().err
    meter.update(1e-3, 1e-8, 1.0, 32)
    assert "compiling" not in meter._progress.tasks[0].description
