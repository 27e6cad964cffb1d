"""Runs in this process, one after the other or in lanes."""

import pytest

import gradflow as gf
from gradflow.sweeps.executors import here


@pytest.mark.slow
def test_lanes_find_what_one_after_the_other_finds(tmp_path):
    options = {"k": 8, "widths": (3, 4), "runs": 3}
    alone = gf.phase_diagram(**options, executor=gf.ThisProcess(lanes=1))
    lanes = gf.phase_diagram(**options, executor=gf.ThisProcess(lanes=2), store=tmp_path, certify=True)
    assert [record.address for record in lanes.records] == [record.address for record in alone.records]
    for one, other in zip(alone.records, lanes.records, strict=True):
        assert (other.outcome, other.kind) == (one.outcome, one.kind)
        assert other.loss == pytest.approx(one.loss, abs=1e-13)
    assert len(list((tmp_path / "records").iterdir())) == 6
    assert [found.index for found in lanes.certificates.values()] == [0] * 6


def test_a_batch_that_fails_as_a_whole_is_done_one_by_one(monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("RESOURCE_EXHAUSTED")

    monkeypatch.setattr(here, "solve_many", fail)
    with pytest.warns(UserWarning, match=r"3 runs of n = 4 are done one by one \(RESOURCE_EXHAUSTED\)"):
        diagram = gf.phase_diagram(k=8, widths=(4,), runs=3, executor=gf.ThisProcess(lanes=2))
    assert [record.outcome for record in diagram.records] == ["C-A"] * 3


@pytest.mark.slow
def test_an_interrupted_batch_keeps_what_was_finished(monkeypatch, tmp_path):
    solve_many = here.solve_many

    def interrupted(problem, starts, *, ended, **options):
        solve_many(problem, starts[:2], ended=ended, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(here, "solve_many", interrupted)
    partial = gf.phase_diagram(k=8, widths=(4,), runs=3, executor=gf.ThisProcess(lanes=2), store=tmp_path)
    assert (partial.complete, len(partial.records)) == (False, 2)
    assert list((tmp_path / "running").glob("*.json")) == []
