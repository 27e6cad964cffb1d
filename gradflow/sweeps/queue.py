"""The runs that nobody has taken yet, given out so that few shapes are compiled twice."""

import threading
from collections.abc import Hashable, Iterable

from gradflow._pace import Pace
from gradflow.sweeps.address import Address
from gradflow.sweeps.experiment import padded_width
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

Shape = tuple[int, int]


class Queue:
    """The runs that no worker has taken. A worker goes on with the shape that it has compiled; if there is none left,
    with the shape of which most is left, so that few shapes are compiled twice.

    A run that is given out is claimed in the store; one that another process has claimed or done meanwhile is put
    aside, in `elsewhere`.
    """

    def __init__(self, tasks: Iterable[Task], store: Store, pace: Pace | None = None):
        self._lock = threading.Lock()
        self._store = store
        self._pace = Pace() if pace is None else pace
        self._by_shape: dict[Shape, list[Task]] = {}
        tasks = list(tasks)
        self.timed = any(task.time_limit is not None for task in tasks)
        for task in tasks:
            self._by_shape.setdefault(shape_of(task), []).append(task)
        self._taken: set[Shape] = set()
        self._programs: dict[Address, tuple[Hashable, int, int]] = {}
        self._compiled: set[tuple[Hashable, int, int]] = set()
        self.elsewhere: list[Task] = []

    def __len__(self) -> int:
        return sum(map(len, self._by_shape.values()))

    def take(self, shape: Shape | None, *, like: Task | None = None, worker: Hashable = None) -> Task | None:
        """The next run for a worker that has compiled `shape` last; with `like`, one of its student width that is to be
        done as it is. The pace is told of a width that this `worker` has not done yet.
        """
        with self._lock:
            while (task := self._next(shape, like)) is not None:
                if self._claimed(task):
                    break
                self.elsewhere.append(task)
        if task is not None:
            # the flow is compiled for the shape, what comes after it for the width; a certificate needs neither
            self._programs[task.address] = worker, task.address.k, task.address.n
            fresh = not task.kept and self._programs[task.address] not in self._compiled
            self._pace.begin(task.address, f"n = {task.address.n}" if fresh else "")
        return task

    def compiled(self, task: Task) -> None:
        """The programs that this run waited for are there."""
        self._compiled.add(self._programs[task.address])
        self._pace.compiled(task.address)

    def finished(self, task: Task, record: Record | None = None) -> None:
        """Give the claim back: the run's record is there, or, where none is given, will not come."""
        self._store.claims.release(task.address.stem)
        if record is None:
            self._pace.end(task.address)
        elif task.kept:  # of a certificate alone: it knows of no compiler
            self._pace.end(task.address, 0.0)
        else:
            self._compiled.add(self._programs[task.address])
            # records of older versions do not say what was compiling
            self._pace.end(task.address, record.header["seconds"], record.header.get("compile_seconds", 0.0))

    def clear(self) -> None:
        """Give out nothing more."""
        with self._lock:
            self._by_shape.clear()

    def _next(self, shape: Shape | None, like: Task | None) -> Task | None:
        if not self._by_shape or (like is not None and shape not in self._by_shape):
            return None
        if shape not in self._by_shape:
            untouched = [candidate for candidate in self._by_shape if candidate not in self._taken]
            shape = max(untouched or self._by_shape, key=lambda candidate: _cost(self._by_shape[candidate]))
        tasks = self._by_shape[shape]
        at = 0
        if like is not None:
            at = next((place for place, task in enumerate(tasks) if _alike(task, like)), -1)
            if at < 0:
                return None
        self._taken.add(shape)
        task = tasks.pop(at)
        if not tasks:
            del self._by_shape[shape]
        return task

    def _claimed(self, task: Task) -> bool:
        name = task.address.stem
        if not self._store.claim(name):
            return False
        if self._store.stamp_of(task) == task.replaces:
            return True
        self._store.claims.release(name)  # another process did it since we looked
        return False


def shape_of(task: Task) -> Shape:
    """What a program is compiled for."""
    return task.address.k, padded_width(task.address.n)


def _alike(first: Task, second: Task) -> bool:
    return all(getattr(first, name) == getattr(second, name) for name in ("changes", "kept")) and (
        first.address.n == second.address.n
    )


def _cost(tasks: list[Task]) -> float:
    """Long runs first: what is left over at the end is short then. A run's cost grows about like n²."""
    return sum(float(task.address.n) ** 2 for task in tasks)
