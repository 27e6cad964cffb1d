"""Runs on a real Dask cluster: two worker processes, one of which is killed in mid-run."""

import os
import signal
import threading
import time

import distributed
import pytest

import gradflow as gf
from gradflow.sweeps import Task, checked_experiment
from gradflow.sweeps.executors import cluster as cluster_module
from gradflow.sweeps.record import crashed

# the warnings are Dask's own: sockets that it leaves to the garbage collector when a peer is killed or does not answer
pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster():
    """Two workers of one thread each; a nanny replaces one that dies."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


def test_a_cluster_finds_what_one_process_finds_though_a_worker_is_killed_in_mid_run(cluster, tmp_path, capsys):
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = client.run(os.getpid)
        records = tmp_path / "records"

        def kill_one():
            while not (records.is_dir() and len(list(records.glob("*.npz"))) >= 3):
                time.sleep(0.01)
            os.kill(next(iter(pids.values())), signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        executor = gf.DaskCluster(address=cluster.scheduler_address)
        diagram = gf.phase_diagram(k=8, widths=(3, 4), runs=20, store=tmp_path, executor=executor, progress="plain")
        killer.join()
        assert set(client.run(os.getpid).values()) != set(pids.values())
    assert " 0/40 runs, compiling n = " in capsys.readouterr().err.splitlines()[0]
    assert diagram.complete
    assert [record.outcome for record in diagram.records] == ["C-A"] * 40
    assert list((tmp_path / "running").glob("*.json")) == []
    alone = gf.phase_diagram(k=8, widths=(3,), runs=3)
    for one, other in zip(alone.records, diagram.at(3), strict=False):
        assert other.loss == pytest.approx(one.loss, abs=1e-13)
        assert (other.arrays["initial_weights"] == one.arrays["initial_weights"]).all()


def test_a_cluster_certifies_what_it_does_and_what_is_stored(tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=50
        ) as here,
        distributed.Client(here, set_as_default=False) as client,
    ):
        executor = gf.DaskCluster(client=client)
        diagram = gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path, executor=executor, certify=True)
    assert [diagram.certificates[record.address].index for record in diagram.records] == [0, 0]
    assert gf.status(tmp_path).certified == {8: 2}


def test_a_worker_that_is_interrupted_gives_no_record_another_runs_place(monkeypatch):
    plan = checked_experiment(k=8)
    tasks = [Task(gf.Address(8, 4, run)) for run in range(2)]
    done = crashed(plan, tasks[1], RuntimeError("x"))
    monkeypatch.setenv("PJRT_NPROC", "1")  # which `_run` would set for good
    monkeypatch.setattr(cluster_module, "run_task", lambda plan, task: done if task.address.run else None)
    with pytest.raises(RuntimeError, match="the worker was interrupted"):
        cluster_module._run(plan.description(), [task.to_json() for task in tasks], 1)


def test_a_scheduler_that_does_not_answer_is_refused_before_anything_is_done(tmp_path):
    with pytest.raises(ValueError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 within 0\.5 s"):
        gf.phase_diagram(
            k=8, widths=(4,), runs=1, store=tmp_path, executor=gf.DaskCluster("tcp://127.0.0.1:9", timeout=0.5)
        )
    assert list((tmp_path / "records").iterdir()) == []


def test_a_cluster_without_workers_is_an_error_that_says_how_to_start_some(tmp_path):
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0", silence_logs=50) as empty,
        distributed.Client(empty, set_as_default=False) as client,
        pytest.raises(gf.ExecutorError, match=r"no worker of the Dask cluster appeared within 0\.5 s"),
    ):
        gf.phase_diagram(k=8, widths=(4,), runs=1, executor=gf.DaskCluster(client=client, timeout=0.5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "one of address, scheduler_file and client is needed, got 0"),
        ({"address": "tcp://x:1", "scheduler_file": "y"}, "got 2 of them"),
        ({"address": "x"}, r"address must be a host and a port.* got 'x'"),
        ({"address": "foo://x:1"}, "address must be a host and a port"),
        ({"address": "127.0.0.1:99999"}, "address must be a host and a port"),
        ({"scheduler_file": "nowhere.json"}, r"no scheduler file 'nowhere\.json'.*dask scheduler --scheduler-file"),
    ],
)
def test_a_cluster_is_given_in_one_way(arguments, message):
    with pytest.raises(ValueError, match=message):
        gf.DaskCluster(**arguments)


@pytest.mark.parametrize("content", ["", "x", "[]", "{}", '{"address": "x"}', '{"address": 1}'])
def test_a_file_that_no_scheduler_has_written_is_refused(tmp_path, content):
    file = tmp_path / "scheduler.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="is no file that a Dask scheduler has written"):
        gf.DaskCluster(scheduler_file=file)


def test_the_file_that_a_scheduler_writes_is_read(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text('{"type": "Scheduler", "address": "tcp://127.0.0.1:8786", "workers": {}}')
    assert gf.DaskCluster(scheduler_file=file).scheduler_file == file
