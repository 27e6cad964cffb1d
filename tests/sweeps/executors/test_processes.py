"""Runs in worker processes: the same records, whoever did them and whatever became of them."""

import contextlib
import io
import os
import subprocess
import sys

import numpy as np
import pytest

import gradflow as gf
from gradflow.sweeps import Address, Store, Task, checked_experiment
from gradflow.sweeps.executors import processes as processes_module

pytestmark = pytest.mark.process


class Own(gf.AbstractInitialiser):
    """A law that only this file knows."""

    def __call__(self, key, width, input_dimension, activation):
        return gf.TwoLayerNetwork(np.eye(width, input_dimension), np.ones(width))


@pytest.fixture(scope="module")
def said():
    """What the meter of the sweep below says."""
    return io.StringIO()


@pytest.fixture(scope="module")
def shared(said, tmp_path_factory):
    """Two processes, three widths of one shape."""
    folder = tmp_path_factory.mktemp("shared")
    with contextlib.redirect_stderr(said):
        diagram = gf.phase_diagram(k=8, widths=(2, 3, 4), runs=2, store=folder, processes=2, progress="plain")
    return folder, diagram


def test_what_a_process_compiles_is_said_at_once_and_counted_apart(said, shared):
    assert " 0/6 runs, compiling n = " in said.getvalue().splitlines()[0]
    headers = [record.header for record in shared[1].records]
    assert max(header["compile_seconds"] for header in headers) > 0
    assert min(header["seconds"] for header in headers) > 0


def test_two_processes_find_what_one_finds_in_the_same_order(shared):
    folder, diagram = shared
    alone = gf.phase_diagram(k=8, widths=(2, 3, 4), runs=2)
    assert [record.address for record in diagram.records] == [record.address for record in alone.records]
    for one, other in zip(alone.records, diagram.records, strict=True):
        assert one.outcome == other.outcome
        assert one.kind == other.kind
        np.testing.assert_array_equal(one.arrays["initial_weights"], other.arrays["initial_weights"])
        assert other.loss == pytest.approx(one.loss, abs=1e-13)
    assert len(list((folder / "records").glob("*.npz"))) == 6


def test_what_processes_have_kept_is_not_done_again(shared, monkeypatch):
    folder, diagram = shared
    monkeypatch.setattr(processes_module, "_Worker", None)
    again = gf.phase_diagram(k=8, widths=(2, 3, 4), runs=2, store=folder, processes=2)
    assert again.to_json() == diagram.to_json()


def killed_at_start(monkeypatch, number):
    """Kill the first `number` workers as soon as they are ready; the list of all that were started."""
    started = []
    start = processes_module._Worker._started

    def killed(worker):
        process = start(worker)
        started.append(process)
        if len(started) <= number:
            process.kill()
        return process

    monkeypatch.setattr(processes_module._Worker, "_started", killed)
    return started


def test_the_run_of_a_worker_that_is_killed_is_done_again(tmp_path, monkeypatch):
    started = killed_at_start(monkeypatch, 1)
    diagram = gf.phase_diagram(k=8, widths=(3,), runs=2, store=tmp_path, processes=2)
    assert [record.outcome for record in diagram.records] == ["C-A", "C-A"]
    assert len(started) >= 2
    assert all(process.poll() is not None for process in started)


def test_a_run_over_which_two_workers_died_is_a_row_with_its_reason(tmp_path, monkeypatch):
    killed_at_start(monkeypatch, 2)
    (record,) = gf.phase_diagram(k=8, widths=(3,), runs=1, store=tmp_path, executor=gf.WorkerProcesses(1)).records
    assert record.kind == "failed"
    assert "two worker processes ended with exit codes -9 and -9" in record.header["message"]


def test_a_worker_that_cannot_start_is_an_error_and_no_row(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(gf.ExecutorError, match=r"a worker process could not start \(exit code 1\)"):
        gf.phase_diagram(k=8, widths=(3,), runs=2, store=tmp_path, processes=2)
    assert list((tmp_path / "records").iterdir()) == []
    assert list((tmp_path / "running").glob("*.json")) == []


def test_a_worker_serves_whoever_writes_to_it(tmp_path):
    """Its input is lines of JSON, its output too, whatever libraries print."""
    Store(tmp_path, checked_experiment(k=8))
    process = subprocess.run(
        [sys.executable, "-m", "gradflow.sweeps.worker", str(tmp_path)],
        input='{"address": [8, 3, 5]}\n',
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert process.stdout == '{"ready": true}\n{"done": [8, 3, 5]}\n'
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["k0008-n0003-run0005.npz"]


def test_a_law_that_other_processes_do_not_know_is_refused_before_computing():
    with pytest.raises(ValueError, match=r"know gradflow's own initialisers only, got Own\. Write processes=1"):
        gf.phase_diagram(k=8, init=Own(), processes=2)


@pytest.mark.parametrize("processes", [0, -1, 1.5])
def test_a_number_of_processes_that_is_none_is_refused(as_a_user_calls, processes):
    with pytest.raises((ValueError, TypeError), match=r"phase_diagram: processes must be .*Write processes=2"):
        gf.phase_diagram(k=8, processes=processes)


def test_workers_are_started_where_they_are_worth_their_start():
    from gradflow.sweeps.work import default_executor

    plan = checked_experiment(k=8)
    few = [Task(Address(8, 4, run)) for run in range(30)]
    many = [Task(Address(8, 4, run)) for run in range(1000)]
    assert isinstance(default_executor(plan, few), gf.ThisProcess)
    assert isinstance(default_executor(plan, many), gf.WorkerProcesses)
    # of stored runs only the certificates are to be made
    proofs = [Task(Address(50, 23, run), digits=30, kept=True) for run in range(200)]
    assert isinstance(default_executor(plan, proofs[:20]), gf.ThisProcess)
    assert isinstance(default_executor(plan, proofs), gf.WorkerProcesses)
    own = checked_experiment(k=8, init=Own())
    assert isinstance(default_executor(own, many), gf.ThisProcess)
