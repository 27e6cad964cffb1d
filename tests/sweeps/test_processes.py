"""Runs in worker processes: the same records, whoever did them and whatever became of them."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import gradflow as gf
from gradflow.sweeps import processes as processes_module
from gradflow.sweeps.experiment import experiment, from_description, padded_width
from gradflow.sweeps.record import Address


class Own(gf.AbstractInitialiser):
    """A law that only this file knows."""

    def __call__(self, key, width, input_dimension, activation):
        return gf.TwoLayerNetwork(np.eye(width, input_dimension), np.ones(width))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Two processes, three widths of one shape and one of another."""
    folder = tmp_path_factory.mktemp("shared")
    return folder, gf.phase_diagram(k=8, widths=(2, 3, 4), runs=2, store=folder, processes=2)


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


def test_a_worker_that_is_killed_is_a_row_with_its_reason_and_another_takes_its_place(tmp_path, monkeypatch):
    started = []
    start = processes_module._Worker._started

    def killed_once(worker):
        process = start(worker)
        started.append(process)
        if len(started) == 1:
            threading.Timer(1.0, process.send_signal, [signal.SIGKILL]).start()  # while it loads JAX
        return process

    monkeypatch.setattr(processes_module._Worker, "_started", killed_once)
    diagram = gf.phase_diagram(k=8, widths=(3,), runs=3, store=tmp_path, processes=2)
    assert len(diagram.records) == 3
    failed = [record for record in diagram.records if record.kind == "failed"]
    assert len(failed) == 1
    assert "worker process ended with exit code -9 in the middle of the run" in failed[0].header["message"]
    assert len(started) >= 2
    assert all(process.poll() is not None for process in started)


def test_a_worker_serves_whoever_writes_to_it(tmp_path):
    """Its input is lines of JSON, its output too, whatever libraries print."""
    plan = experiment(k=8)
    process = subprocess.run(
        [sys.executable, "-m", "gradflow.sweeps.worker", str(tmp_path)],
        input=f'{{"experiment": {plan.canonical()}, "cores": []}}\n[8, 3, 5]\n',
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert process.stdout == "[8, 3, 5]\n"
    assert [path.name for path in (tmp_path / "records").iterdir()] == ["k0008-n0003-run0005.npz"]


def test_a_description_gives_the_experiment_back():
    plan = experiment(k=8, d=11, init=gf.UnitSphere(), seed=4, rtol=1e-4, max_steps=77)
    assert from_description(plan.description()).canonical() == plan.canonical()


def test_a_law_that_other_processes_do_not_know_is_refused_before_computing():
    with pytest.raises(ValueError, match=r"know gradflow's own initialisers only, got Own\. Write processes=1"):
        gf.phase_diagram(k=8, init=Own(), processes=2)


@pytest.mark.parametrize("processes", [0, -1, 1.5])
def test_a_number_of_processes_that_is_none_is_refused(as_a_user_calls, processes):
    with pytest.raises((ValueError, TypeError), match=r"phase_diagram: processes must be .*Write processes=1"):
        gf.phase_diagram(k=8, processes=processes)


def test_a_worker_goes_on_with_its_shape_and_no_shape_is_begun_twice_while_others_wait():
    addresses = [Address(50, n, run) for n in (2, 30, 45) for run in range(3)]
    waiting = processes_module._Waiting(addresses)
    first, second = waiting.take(None), waiting.take(None)
    assert (first.n, second.n) == (45, 30)  # the longest first
    shapes = [(50, padded_width(n)) for n in (45, 30)]
    assert [waiting.take(shapes[0]).n for _ in range(2)] == [45, 45]
    assert waiting.take(shapes[0]).n == 2  # untouched, though more is left of 30
    assert waiting.take(shapes[1]).n == 30
    left = [waiting.take(shapes[0]) for _ in range(3)]
    assert sorted(address.n for address in left) == [2, 2, 30]
    assert waiting.take(None) is None
