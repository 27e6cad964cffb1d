"""What is lost, what is whole and what to do, where a store or a part of it is gone or cannot be read or written."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from oracles.damages import DAMAGES, IN_PLACE, VICTIM

import gradflow as gf
from gradflow._files import plain_content
from gradflow.sweeps import Address, Store, Task, checked_experiment
from gradflow.sweeps import run as run_module
from gradflow.sweeps import store as store_module
from gradflow.sweeps.record import crashed


def test_a_store_that_is_deleted_under_a_sweep_is_named_and_no_record_said_to_be_safe(tmp_path):
    store = Store(tmp_path / "k8", checked_experiment(k=8))
    record = crashed(store.experiment, Task(Address(8, 4, 0)), RuntimeError("x"))
    shutil.rmtree(tmp_path / "k8")
    gone = r"The folder .*k8 is gone, deleted or moved or its disk is away, and the records with it: bring it back"
    for keep in (
        lambda: store.write(record),
        lambda: store.claim("k0008-n0004-run0000"),
        lambda: store.ask(8, (4,), 1),
        lambda: store.keep_certificate(Address(8, 4, 0), b"{}"),
    ):
        with pytest.raises(gf.StoreError, match=gone) as caught:
            keep()
        assert "safe" not in str(caught.value)
    assert not (tmp_path / "k8").exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_must_not_be_written_is_said_to_be_one(tmp_path, monkeypatch, number):
    store = Store(tmp_path, checked_experiment(k=8))

    def refused(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(gf.StoreError, match="All records before it are safe; allow writing to it and repeat the call"):
        store.ask(8, (4,), 1)


def test_a_record_that_cannot_be_read_now_is_left_where_it_is_and_not_done_again(swept_copy, monkeypatch):
    refused = swept_copy / "records" / "k0008-n0004-run0000.npz"
    content = refused.read_bytes()

    def read(path, at_most):
        if path == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return plain_content(path, at_most)

    monkeypatch.setattr(store_module, "plain_content", read)
    monkeypatch.setattr(run_module, "run_cell", None)
    with pytest.warns(UserWarning, match=r"run0000\.npz left out, it cannot be read now \(Permission denied\)"):
        diagram = gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=swept_copy)
    assert (len(diagram.records), diagram.complete) == (3, False)
    assert refused.read_bytes() == content


def test_records_of_a_newer_gradflow_among_others_are_left_out_and_never_overwritten(swept, swept_copy):
    DAMAGES["record, of a newer gradflow"].spoil(swept_copy)
    newer = (swept_copy / "records" / f"{VICTIM.stem}.npz").read_bytes()
    with pytest.warns(UserWarning, match=r"^left out: .*run0000\.npz was written by a newer gradflow"):
        assert len(gf.stored_diagrams(swept_copy)[0].records) == 3
    with pytest.warns(UserWarning, match="was written by a newer gradflow"):
        merged = gf.merge_stores([swept[0]], swept_copy)
    assert merged.conflict == (VICTIM,)
    assert (swept_copy / "records" / f"{VICTIM.stem}.npz").read_bytes() == newer


def test_what_stands_in_the_place_of_a_folder_is_put_beside_it(tmp_path):
    options = {"k": 8, "widths": (4,), "runs": 1, "max_steps": 30, "store": tmp_path}
    gf.phase_diagram(**options)
    (tmp_path / "superseded").write_text("no folder")
    with pytest.warns(UserWarning, match=r"superseded was no folder, and is set aside as .*superseded\.damaged$"):
        gf.phase_diagram(**options, retry=gf.Retry())
    assert (tmp_path / "superseded.damaged").read_text() == "no folder"
    assert len(list((tmp_path / "superseded").iterdir())) == 1


@pytest.mark.parametrize("what", ["a folder", "a pipe", "a loop of links", "nested lists", "a file of a terabyte"])
def test_a_description_that_is_no_file_is_refused_and_the_records_are_said_to_be_whole(swept_copy, what):
    (swept_copy / "experiment.json").unlink()
    IN_PLACE[what](swept_copy / "experiment.json")
    for look in (gf.status, gf.stored_diagrams, lambda path: Store(path, checked_experiment(k=8))):
        with pytest.raises(ValueError, match=r"experiment\.json cannot be read .*the records beside it are whole"):
            look(swept_copy)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "zero"},
        {"seed": -1},
        {"problem": {"excess": 1.5}},
        {"problem": []},
        {"init": {"law": "TwoLayerNetwork"}},
        {"init": {"law": "jax"}},
        {"init": {"law": ["GlorotNormal"]}},
        {"init": {"law": "GlorotNormal", "gain": 2}},
        {"options": {"rtol": "inf"}},
        {"numerics": "two"},
        {"options": {"max_steps": True}},
    ],
    ids=str,
)
def test_a_description_of_nothing_is_refused_in_one_line(swept_copy, change):
    path = swept_copy / "experiment.json"
    said = json.loads(path.read_text())
    changed = {name: said[name] | value if name == "options" else value for name, value in change.items()}
    path.write_text(json.dumps(said | changed))
    with pytest.raises(ValueError, match=r"experiment\.json is not a description of an experiment"):
        gf.status(swept_copy)


def test_records_without_a_description_are_said_to_be_whole_and_how_it_is_made_again(swept_copy, tmp_path):
    (swept_copy / "experiment.json").unlink()
    for look in (gf.status, lambda path: gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=path)):
        with pytest.raises(ValueError, match=r"has 4 records but no experiment\.json\. Restore it .* made again"):
            look(swept_copy)
    Store(tmp_path / "new", checked_experiment(k=8))
    shutil.copy(tmp_path / "new" / "experiment.json", swept_copy)
    assert gf.status(swept_copy).done == 4


def test_a_folder_that_is_not_there_is_said_to_be_gone(tmp_path):
    with pytest.raises(ValueError, match=r"^status: there is no folder .*k8\. Write .*; one that was deleted is gone"):
        gf.status(tmp_path / "k8")
    assert not (tmp_path / "k8").exists()


def test_a_store_whose_warm_start_is_gone_can_be_looked_at(swept, tmp_path):
    start = Path(shutil.copy(swept[0] / "records" / "k0008-n0004-run0000.npz", tmp_path))
    plan = checked_experiment(k=8, init=gf.WarmStart(start))
    Store(tmp_path / "warm", plan).write(crashed(plan, Task(Address(8, 4, 0)), RuntimeError("x")))
    start.unlink()
    with pytest.warns(UserWarning, match=r"the law of initial weights is known by its name only \(WarmStart: there is"):
        found = gf.status(tmp_path / "warm")
    assert (found.done, found.label) == (1, "WarmStart, seed 0")


def test_ten_to_the_eight_runs_are_counted_without_looking_at_them(swept_copy):
    Store(swept_copy, checked_experiment(k=8)).ask(8, (3, 4, 5), 10**8)
    assert gf.status(swept_copy).asked == {8: 3 * 10**8}
    assert not gf.stored_diagrams(swept_copy)[0].complete
