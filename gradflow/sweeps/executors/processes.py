"""Runs in worker processes, each with its share of the cores."""

import contextlib
import json
import os
import queue as queues
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.sweeps.cores import cores
from gradflow.sweeps.executors.base import AbstractExecutor, ExecutorError
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.queue import Queue, Shape, shape_of
from gradflow.sweeps.record import Record
from gradflow.sweeps.run import keep_death
from gradflow.sweeps.store import Store, StoreError
from gradflow.sweeps.task import Task

_HERE = str(Path(__file__).parents[3])


class WorkerDied(RuntimeError):
    """A worker process ended in the middle of a run: killed, out of memory, or crashed."""


class WorkerProcesses(AbstractExecutor):
    """`count` processes share the runs, and the cores between them (one a core if left out). One that dies is replaced
    and its run done again; a run in which two workers died is a row with its reason.
    """

    count: Checked[int | None] = None

    knows_own_laws: ClassVar[bool] = False

    def __check_init__(self) -> None:
        if self.count is not None:
            _checks.count("WorkerProcesses", "count", self.count, "count=2", most=_checks.MOST_PROCESSES)

    def run(self, plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool]) -> Iterator[Record]:
        plenty = cores()
        number = min(self.count or len(plenty), max(len(queue), 1))
        shares = [plenty[first::number] for first in range(number)] if number <= len(plenty) else [[]] * number
        finished: queues.Queue[_Finished | BaseException | None] = queues.Queue()
        workers = [_Worker(plan, store, share) for share in shares]

        def serve(worker: _Worker) -> None:
            try:
                while (task := queue.take(worker.shape, worker=worker.life)) is not None:
                    finished.put(_Finished(task, worker.run(task)))
            except BaseException as error:
                finished.put(error)
            finally:
                finished.put(None)

        threads = [threading.Thread(target=serve, args=(worker,), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        try:
            running = len(threads)
            while running:
                found = finished.get()
                if found is None:
                    running -= 1
                elif isinstance(found, BaseException):
                    raise found
                else:
                    # kept and read here and not in the threads: NumPy parses the headers of arrays with Python's
                    # parser, which before Python 3.12.4 fails in two threads at once ("AST constructor recursion depth
                    # mismatch")
                    if found.died is not None:
                        keep_death(plan, found.task, found.died, store)
                    record = store.read(found.task.address)
                    queue.finished(found.task, record)
                    if record is None and found.task.address in store.kept_out:
                        continue  # written, and not to be read now: left out with a warning
                    if record is None:
                        raise RuntimeError(
                            f"no record of {found.task.address}: this is a bug in gradflow, please report it"
                        )
                    yield record
        finally:
            queue.clear()
            for worker in workers:
                worker.stop()
            for thread in threads:
                thread.join()
            for worker in workers:
                worker.close()


class _Finished(NamedTuple):
    """A task that is done, or over which workers died."""

    task: Task
    died: WorkerDied | None


class _Worker:
    """One process, started when it is first needed and again after it has died."""

    def __init__(self, plan: Experiment, store: Store, share: list[int]):
        self._plan, self._store, self._share = plan, store, share
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self.shape: Shape | None = None
        self.life = object()  # of this process: the next one has compiled nothing

    def run(self, task: Task) -> WorkerDied | None:
        """Have a run done: what came of it is in the store then; or say that two workers died over it."""
        codes: list[int] = []
        while len(codes) < 2:  # a worker that dies may have been in the way of something else: the run has another try
            code = self._done(task)
            if code is None:
                self.shape = shape_of(task)
                return None
            codes.append(code)
        return WorkerDied(
            f"two worker processes ended with exit codes {codes[0]} and {codes[1]} in the middle of the run"
        )

    def _done(self, task: Task) -> int | None:
        """Have a run done; the exit code of the process if it died over it."""
        process = self._process if self._process is not None else self._started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(task.to_json()) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._ended(process)
        answer = self._answer(process)
        if answer is None:
            return self._ended(process)
        if "error" in answer:
            raise StoreError(*answer["error"])
        return None

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> dict[str, Any] | None:
        assert process.stdout is not None
        line = process.stdout.readline()
        return dict(json.loads(line)) if line.endswith("\n") else None

    def _ended(self, process: subprocess.Popen[str]) -> int:
        if self._stopped:
            raise KeyboardInterrupt
        self._process, self.shape, self.life = None, None, object()
        code = process.wait()
        _close(process)
        return code

    def stop(self) -> None:
        """End the process, whatever it does: a record is whole or not there."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Once nobody reads from it any more: one that was just being started when it was to stop ends here."""
        self.stop()
        if self._process is not None:
            _close(self._process)

    def _started(self) -> subprocess.Popen[str]:
        share = ",".join(map(str, self._share))
        # in a session of its own the terminal's Ctrl-C does not reach it: the caller hears it, and stops the workers
        process = subprocess.Popen(
            # without the current folder, whose files may be called like modules of Python
            [sys.executable, "-P", "-m", "gradflow.sweeps.worker", str(self._store.folder), share],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | self._environment(),
            start_new_session=True,
        )
        self._process = process
        if self._stopped:
            process.kill()
        if self._answer(process) is None:
            code = self._ended(process)
            raise ExecutorError(f"a worker process could not start (exit code {code}); what it said stands above")
        return process

    def _environment(self) -> dict[str, str]:
        threads = str(max(len(self._share), 1))
        settings = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        cache = jax.config.jax_compilation_cache_dir  # type: ignore[attr-defined]
        # the gradflow that runs here, wherever it was found
        settings["PYTHONPATH"] = os.pathsep.join(filter(None, [_HERE, os.environ.get("PYTHONPATH")]))
        return settings | ({"JAX_COMPILATION_CACHE_DIR": str(cache)} if cache else {})


def _close(process: subprocess.Popen[str]) -> None:
    """The pipes to a process that has ended; what was on its way there is lost."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
