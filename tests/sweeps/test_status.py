"""status: what a store holds, what is left, who is at work."""

import os
import platform

import pytest

import gradflow as gf
from gradflow.sweeps import Address, Store, Task, checked_experiment
from gradflow.sweeps.record import crashed


@pytest.fixture
def store(tmp_path):
    """Three runs asked for at k = 8, one of them failed, one of another k under way."""
    made = Store(tmp_path, checked_experiment(k=8))
    made.ask(8, (4,), 3)
    made.ask(9, (5,), 2)
    for run in range(2):
        made.write(crashed(made.experiment, Task(Address(8, 4, run)), RuntimeError("x")))
    return made


def test_runs_are_counted_against_all_that_was_ever_asked_for(store):
    found = gf.status(store.folder)
    assert (found.done, found.asked) == (2, {8: 3, 9: 2})
    assert found.counts == {8: {"failed": 2}}
    assert str(found).splitlines()[3:5] == [
        "8   2/3    0      0      0        0                    0       2",
        "9   0/2    0      0      0        0                    0       0",
    ]
    assert "3 runs to do" in str(found)
    assert "nobody is at work here" in str(found)


def test_who_is_at_work_is_named_and_the_rate_told(store):
    for run, when in ((0, 1000.0), (1, 1010.0)):
        os.utime(store.folder / "records" / f"{Address(8, 4, run).stem}.npz", (when, when))
    assert store.claims.take(Address(8, 4, 2).stem)
    said = str(gf.status(store.folder))
    assert f"1 run under way in process {os.getpid()} on {platform.node()}" in said
    assert "3 runs to do; 6 runs/min, 0 min left" in said or "3 runs to do; 6 runs/min, 30 s left" in said
    assert "nobody" not in said
    store.claims.release_all()


def test_a_grid_that_is_incomplete_is_told_by_the_stored_diagram(store):
    (diagram,) = gf.stored_diagrams(store.folder)
    assert not diagram.complete
    store.write(crashed(store.experiment, Task(Address(8, 4, 2)), RuntimeError("x")))
    (diagram,) = gf.stored_diagrams(store.folder)
    assert diagram.complete


def test_a_store_that_cannot_be_written_can_be_read(store, monkeypatch):
    import pathlib

    def refused(*arguments, **options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(pathlib.Path, "mkdir", refused)
    monkeypatch.setattr(pathlib.Path, "touch", refused)
    monkeypatch.setattr(os, "replace", refused)
    assert gf.status(store.folder).done == 2
    assert len(gf.stored_diagrams(store.folder)[0].records) == 2
