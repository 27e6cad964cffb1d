"""Runs in worker processes, each with its share of the cores."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator

import jax

from gradflow.sweeps.cores import cores
from gradflow.sweeps.experiment import Experiment, padded_width
from gradflow.sweeps.record import Address, Record, crashed
from gradflow.sweeps.store import Store


class WorkerDied(RuntimeError):
    """A worker process ended in the middle of a run: killed, out of memory, or crashed."""


def run_in_processes(plan: Experiment, addresses: list[Address], store: Store, processes: int) -> Iterator[Record]:
    """The records of runs that the store does not hold yet, as they come. A worker that dies is a row with its reason,
    and another takes its place.
    """
    plenty = cores()
    shares = (
        [plenty[number::processes] for number in range(processes)] if processes <= len(plenty) else [[]] * processes
    )
    waiting = _Waiting(addresses)
    finished: queue.Queue[Record | BaseException | None] = queue.Queue()
    workers = [_Worker(plan, store, share) for share in shares]

    def serve(worker: _Worker) -> None:
        try:
            while (address := waiting.take(worker.shape)) is not None:
                finished.put(worker.run(address))
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
                yield found
    finally:
        waiting.clear()
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join()
        for worker in workers:
            worker.close()


class _Waiting:
    """The runs that no worker has taken. A worker goes on with the shape that it has compiled; if there is none left,
    with the shape of which most is left, so that few shapes are compiled twice.
    """

    def __init__(self, addresses: list[Address]):
        self._lock = threading.Lock()
        self._by_shape: dict[tuple[int, int], list[Address]] = {}
        for address in addresses:
            self._by_shape.setdefault((address.k, padded_width(address.n)), []).append(address)
        self._taken: set[tuple[int, int]] = set()

    def take(self, shape: tuple[int, int] | None) -> Address | None:
        """The next run for a worker that has compiled `shape` last."""
        with self._lock:
            if not self._by_shape:
                return None
            if shape not in self._by_shape:
                untouched = [candidate for candidate in self._by_shape if candidate not in self._taken]
                shape = max(untouched or self._by_shape, key=lambda candidate: _cost(self._by_shape[candidate]))
            self._taken.add(shape)
            addresses = self._by_shape[shape]
            address = addresses.pop(0)
            if not addresses:
                del self._by_shape[shape]
            return address

    def clear(self) -> None:
        with self._lock:
            self._by_shape.clear()


def _cost(addresses: list[Address]) -> float:
    """Long runs first: what is left over at the end is short then. A run's cost grows about like n²."""
    return sum(float(address.n) ** 2 for address in addresses)


class _Worker:
    """One process, started when it is first needed and again after it has died."""

    def __init__(self, plan: Experiment, store: Store, share: list[int]):
        self._plan, self._store, self._share = plan, store, share
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        self.shape: tuple[int, int] | None = None

    def run(self, address: Address) -> Record:
        """The record of a run."""
        process = self._process if self._process is not None else self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(list(address)) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            if self._stopped:
                raise KeyboardInterrupt
            self._process = None
            reason = f"the worker process ended with exit code {process.wait()} in the middle of the run"
            _close(process)
            record = crashed(self._plan, address, WorkerDied(reason))
            self._store.write(record)
            return record
        self.shape = (address.k, padded_width(address.n))
        kept = self._store.read(address)
        if kept is None:
            raise RuntimeError(f"the store has no record of {address}: this is a bug in gradflow, please report it")
        return kept

    def stop(self) -> None:
        """End the process, whatever it does: a record is whole or not there."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Once nobody reads from it any more."""
        if self._process is not None:
            _close(self._process)

    def _started(self) -> subprocess.Popen[str]:
        # in a session of its own the terminal's Ctrl-C does not reach it: the caller hears it, and stops the workers
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gradflow.sweeps.worker", str(self._store.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | self._environment(),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        asked = {"experiment": self._plan.description(), "cores": self._share}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._process

    def _environment(self) -> dict[str, str]:
        threads = str(max(len(self._share), 1))
        settings = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        cache = jax.config.jax_compilation_cache_dir  # type: ignore[attr-defined]
        return settings | ({"JAX_COMPILATION_CACHE_DIR": str(cache)} if cache else {})


def _close(process: subprocess.Popen[str]) -> None:
    """The pipes to a process that has ended; what was on its way there is lost."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
