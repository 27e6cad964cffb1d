"""Faults: a row with its reason, a retry on request, a full disk, processes killed, sweeps that share a store."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import gradflow as gf
from gradflow.sweeps import Address, Store, Task, checked_experiment
from gradflow.sweeps import run as run_module
from gradflow.sweeps import store as store_module
from gradflow.sweeps.queue import Queue
from gradflow.sweeps.record import crashed


def test_a_failed_run_is_done_again_on_request_with_other_settings_and_says_so(tmp_path):
    failed = gf.phase_diagram(k=8, widths=(4,), runs=2, max_steps=30, store=tmp_path)
    assert [record.header["result"] for record in failed.records] == ["max_steps_reached"] * 2
    same = gf.phase_diagram(k=8, widths=(4,), runs=2, max_steps=30, store=tmp_path)
    assert same.to_json() == failed.to_json()
    done = gf.phase_diagram(k=8, widths=(4,), runs=2, max_steps=30, store=tmp_path, retry=gf.Retry(max_steps=10_000))
    assert [record.outcome for record in done.records] == ["C-A"] * 2
    assert done.records[0].header["changes"] == {"max_steps": 10_000}
    assert sorted(path.name for path in (tmp_path / "superseded").iterdir()) == [
        "k0008-n0004-run0000.npz",
        "k0008-n0004-run0001.npz",
    ]
    (kept,) = gf.stored_diagrams(tmp_path)
    assert kept.to_json() == done.to_json()


def test_a_run_that_did_not_fail_is_not_done_again(tmp_path, monkeypatch):
    done = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    monkeypatch.setattr(run_module, "run_cell", None)
    again = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path, retry=gf.Retry(rtol=1e-5))
    assert again.to_json() == done.to_json()


def test_a_run_beyond_its_time_is_a_row_with_its_reason():
    (record,) = gf.phase_diagram(k=8, widths=(4,), runs=1, time_limit=1e-9).records
    assert (record.kind, record.header["result"]) == ("failed", "time_limit_reached")
    assert "Give a larger time_limit" in record.header["message"]
    assert record.header["flow"]["steps"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rtol": -1.0}, "Retry: rtol must be a positive finite number"),
        ({"rtol": 1e-17}, "lies below rounding"),
        ({"max_steps": 0}, "Retry: max_steps must be at least 1"),
    ],
)
def test_a_retry_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        gf.Retry(**arguments)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_stops_the_sweep_says_so_and_loses_nothing(tmp_path, monkeypatch, number):
    fsync = os.fsync
    kept = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)

    def full(file):
        if len(list((tmp_path / "records").glob("*"))) > 1:  # the temporary file of the second run
            raise OSError(number, os.strerror(number))
        fsync(file)

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(gf.StoreError, match=r"record of k = 8, n = 4, run 1 cannot be kept .*All records before it"):
        gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["k0008-n0004-run0000.npz"]
    assert list((tmp_path / "running").glob("*.json")) == []
    done = gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path)
    assert done.records[0].header == kept.records[0].header


@pytest.mark.process
def test_a_worker_whose_disk_is_full_ends_the_sweep_in_the_same_way(tmp_path):
    Store(tmp_path, checked_experiment(k=8))
    code = (
        "import resource, signal, sys\n"
        "from gradflow.sweeps import worker\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"  # a record is larger
        "sys.argv = ['worker', sys.argv[1]]\n"
        "worker.main()\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        input='{"address": [8, 4, 0]}\n{"address": [8, 4, 1]}\n',
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"JAX_ENABLE_COMPILATION_CACHE": "0"},
    )
    answers = [json.loads(line) for line in process.stdout.splitlines()]
    assert answers[0] == {"ready": True}
    assert answers[1]["error"][0] == errno.EFBIG
    assert "the record of k = 8, n = 4, run 0 cannot be kept" in answers[1]["error"][1]
    assert list((tmp_path / "records").iterdir()) == []


SWEEP = (
    "import sys\n"
    "import gradflow as gf\n"
    "gf.phase_diagram(k=8, widths=(3, 4), runs=30, store=sys.argv[1], executor=gf.ThisProcess())\n"
)


@pytest.mark.process
def test_a_sweep_killed_at_random_instants_is_resumed_without_loss(tmp_path):
    undisturbed = gf.phase_diagram(k=8, widths=(3, 4), runs=30, executor=gf.ThisProcess())
    records = tmp_path / "records"
    chance = random.Random(0)
    seen = set()
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", SWEEP, str(tmp_path)])
        before = len(seen)
        while process.poll() is None and len(list(records.glob("k*.npz"))) <= before:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.2))
        process.kill()
        process.wait()
        now = {path.name for path in records.glob("k*.npz")}
        assert seen <= now
        seen = now
    resumed = gf.phase_diagram(k=8, widths=(3, 4), runs=30, store=tmp_path, executor=gf.ThisProcess())
    assert resumed.complete
    assert len(list(records.glob("k*.npz"))) == 60
    for one, other in zip(undisturbed.records, resumed.records, strict=True):
        assert (one.outcome, one.kind) == (other.outcome, other.kind)
        np.testing.assert_array_equal(one.arrays["weights"], other.arrays["weights"])
    assert not (tmp_path / "damaged").exists()


@pytest.mark.process
def test_two_sweeps_at_the_same_time_share_the_runs(tmp_path):
    processes = [subprocess.Popen([sys.executable, "-c", SWEEP, str(tmp_path)]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    (diagram,) = gf.stored_diagrams(tmp_path)
    assert diagram.complete
    assert len(diagram.records) == 60
    assert list((tmp_path / "running").glob("*.json")) == []


def test_a_run_that_another_sweep_is_doing_is_waited_for(tmp_path):
    plan = checked_experiment(k=8)
    other = Store(tmp_path, plan)
    address = Address(8, 4, 0)
    (record,) = gf.phase_diagram(k=8, widths=(4,), runs=1).records
    assert other.claims.take(address.stem)

    def finish(*_):
        other.write(record)
        other.claims.release(address.stem)

    before = signal.signal(signal.SIGALRM, finish)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    waited = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    signal.signal(signal.SIGALRM, before)
    assert waited.records[0].header == record.header


def test_the_weights_along_the_path_are_kept_on_request(tmp_path):
    (record,) = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path, trajectories=True).records
    arrays = record.arrays
    assert arrays["path_weights"].shape == (len(arrays["times"]), 4, 9)
    np.testing.assert_array_equal(arrays["path_weights"][0], arrays["initial_weights"])
    np.testing.assert_array_equal(arrays["path_output"][0], arrays["initial_output"])
    assert (np.diff(arrays["losses"]) <= 0).all()
    problem = gf.TeacherStudent(gf.orthonormal_teacher(8, 9), width=4)
    middle = gf.TwoLayerNetwork(arrays["path_weights"][5], arrays["path_output"][5])
    assert float(problem.loss(middle)) == pytest.approx(arrays["losses"][5], abs=1e-14)
    (kept,) = gf.stored_diagrams(tmp_path)
    np.testing.assert_array_equal(kept.records[0].arrays["path_weights"], arrays["path_weights"])


def test_a_record_of_a_newer_gradflow_is_refused_and_stays_where_it_is(tmp_path):
    (record,) = gf.phase_diagram(k=8, widths=(4,), runs=1).records
    store = Store(tmp_path, checked_experiment(k=8))
    store.write(gf.Record(address=record.address, header=record.header | {"schema": 99}, arrays=record.arrays))
    with pytest.raises(ValueError, match=r"run0000\.npz was written by a newer gradflow .*Upgrade gradflow-jax"):
        gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    assert len(list((tmp_path / "records").iterdir())) == 1


def test_a_record_of_another_experiment_is_an_error_and_nothing_is_moved(tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    described = tmp_path / "experiment.json"
    described.write_text(described.read_text().replace('"seed": 0', '"seed": 1'))
    for look in (gf.status, gf.stored_diagrams, gf.stored_runs):
        with pytest.raises(ValueError, match=r"run0000\.npz belongs to another experiment .* nothing was moved"):
            look(tmp_path)
    assert len(list((tmp_path / "records").iterdir())) == 1
    assert not (tmp_path / "damaged").exists()


def test_a_store_of_other_numerics_is_read_as_it_is_and_not_merged(tmp_path, monkeypatch):
    made = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path / "old")
    # the package's name `experiment` is the verb
    monkeypatch.setattr(sys.modules["gradflow.sweeps.experiment"], "NUMERICS", 99)
    (kept,) = gf.stored_diagrams(tmp_path / "old")
    assert str(kept) == str(made)
    assert len(gf.merge_stores([tmp_path / "old"], into=tmp_path / "all").added) == 1  # among themselves
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path / "new")
    with pytest.raises(ValueError, match="numerics is"):
        gf.merge_stores([tmp_path / "old"], into=tmp_path / "new")
    with pytest.raises(ValueError, match="numerics is 3 there and 99 here"):
        gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path / "old")


def test_looking_into_a_store_moves_nothing(tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    path = tmp_path / "records" / "k0008-n0004-run0000.npz"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(UserWarning, match=r"damaged record .*run0000\.npz left out"):
        assert gf.stored_diagrams(tmp_path) == ()
    assert path.exists()


def test_a_retry_leaves_what_another_sweep_has_done_meanwhile(tmp_path):
    options = {"k": 8, "widths": (4,), "runs": 1, "max_steps": 30, "store": tmp_path}
    gf.phase_diagram(**options)
    store = Store(tmp_path, checked_experiment(k=8, max_steps=30))
    address = Address(8, 4, 0)
    listed = Task(address, {"max_steps": 30}, replaces=store.stamp(address))
    done = gf.phase_diagram(**options, retry=gf.Retry(max_steps=10_000))
    queue = Queue([listed], store)
    assert queue.take(None) is None
    assert queue.elsewhere == [listed]
    (kept,) = gf.stored_diagrams(tmp_path)
    assert kept.to_json() == done.to_json()


def test_a_failure_replaces_failures_only(tmp_path):
    (good,) = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path).records
    store = Store(tmp_path, good_plan := checked_experiment(k=8))
    task = Task(good.address, replaces=store.stamp(good.address))
    store.keep(crashed(good_plan, task, RuntimeError("x")), task)
    assert store.read(good.address).kind == "minimum"


def test_what_is_put_aside_is_never_overwritten(tmp_path):
    options = {"k": 8, "widths": (4,), "runs": 1, "max_steps": 30, "store": tmp_path}
    gf.phase_diagram(**options)
    kept = set()
    for attempt in range(4):
        gf.phase_diagram(**options, retry=gf.Retry())
        names = {path.name for path in (tmp_path / "superseded").iterdir()}
        assert len(names) == len(kept) + 1
        kept = names
        if attempt == 2:
            (tmp_path / "superseded" / "k0008-n0004-run0000.npz").unlink()
            kept = kept - {"k0008-n0004-run0000.npz"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"k": 8}'])
def test_a_damaged_grid_is_left_out(tmp_path, content):
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    (tmp_path / "asked" / "k0008-x.json").write_text(content)
    with pytest.warns(UserWarning, match=r"damaged file .*k0008-x\.json left out"):
        assert gf.status(tmp_path).done == 1


def test_a_description_that_lacks_something_is_refused_with_its_name(tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    (tmp_path / "experiment.json").write_text('{"schema": 1}')
    with pytest.raises(ValueError, match=r"experiment\.json is not a description of an experiment .*it has no init"):
        gf.status(tmp_path)


class Own(gf.AbstractInitialiser):
    """A law with a field that JSON writes in another way."""

    scales: tuple[float, ...]

    def __call__(self, key, width, input_dimension, activation):
        return gf.GlorotNormal()(key, width, input_dimension, activation)


def test_an_own_law_with_a_tuple_can_be_resumed(tmp_path, monkeypatch):
    law = Own((1.0, 2.0))
    gf.phase_diagram(k=8, widths=(4,), runs=1, init=law, store=tmp_path)
    monkeypatch.setattr(run_module, "run_cell", None)
    assert gf.phase_diagram(k=8, widths=(4,), runs=1, init=law, store=tmp_path).complete
    (kept,) = gf.stored_diagrams(tmp_path)
    assert len(kept.records) == 1
