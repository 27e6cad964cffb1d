"""Runs in this process: one after the other, or in lanes on an accelerator."""

import warnings
from collections.abc import Callable, Iterator
from typing import ClassVar

import jax

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._solve import Solution
from gradflow._solve_many import LANES_ON_A_DEVICE, solve_many
from gradflow.sweeps.executors.base import AbstractExecutor
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.queue import Queue, shape_of
from gradflow.sweeps.record import Record, record_of
from gradflow.sweeps.run import CAUSES_OF_A_ROW, do, is_interrupted, keep_proof, run_task, times_of
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

# starts in one call for every lane: the last ones to end leave lanes idle
_STARTS_A_LANE = 8


class ThisProcess(AbstractExecutor):
    """One run after the other; with `lanes` that many flows of one width advance together in one compiled call, as on
    an accelerator, where it is the default (32).
    """

    lanes: Checked[int | None] = None

    knows_own_laws: ClassVar[bool] = True

    def __check_init__(self) -> None:
        if self.lanes is not None:
            _checks.count("ThisProcess", "lanes", self.lanes, "lanes=32")

    def run(self, plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool]) -> Iterator[Record]:
        # in lanes there is no stopping one of them
        lanes = 1 if queue.timed else self.lanes or (1 if jax.default_backend() == "cpu" else LANES_ON_A_DEVICE)
        return (
            _together(plan, queue, store, interrupted, lanes) if lanes > 1 else _apart(plan, queue, store, interrupted)
        )


def _apart(plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool]) -> Iterator[Record]:
    shape = None
    while (task := queue.take(shape)) is not None:
        shape = shape_of(task)
        record = None if interrupted() else do(plan, task, store)
        queue.finished(task, record)
        if record is None:
            raise KeyboardInterrupt
        yield record


def _together(
    plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool], lanes: int
) -> Iterator[Record]:
    shape = None
    while (first := queue.take(shape)) is not None:
        shape, tasks = shape_of(first), [first]
        if first.kept:  # nothing to advance together
            record = None if interrupted() else do(plan, first, store)
            queue.finished(first, record)
            if record is None:
                raise KeyboardInterrupt
            yield record
            continue
        while len(tasks) < _STARTS_A_LANE * lanes:
            further = queue.take(shape, like=first)
            if further is None:
                break
            tasks.append(further)
        records = _batch(plan, tasks, store, interrupted, lanes, queue.compiled)
        for record in records:
            keep_proof(plan, record, first.digits, store)
        made = {record.address: record for record in records}
        for task in tasks:
            queue.finished(task, made.get(task.address))
        yield from records
        if len(records) < len(tasks):
            raise KeyboardInterrupt


def _batch(
    plan: Experiment,
    tasks: list[Task],
    store: Store,
    interrupted: Callable[[], bool],
    lanes: int,
    compiled: Callable[[Task], None],
) -> list[Record]:
    """The records of runs of one width, each kept as soon as it is there; fewer if the user interrupted it.
    Once the first is there, the program of all of them is `compiled`.
    """
    records: dict[int, Record] = {}

    def keep(number: int, solution: Solution) -> None:
        for task in tasks:
            compiled(task)
        if not is_interrupted(solution):
            # lanes share their time: a run's own is that of its flow
            record = record_of(plan, tasks[number], solution, **times_of(solution.trajectory))
            store.keep(record, tasks[number])
            records[number] = record

    place = tasks[0].address
    starts = [plan.start(*task.address) for task in tasks]
    try:
        solve_many(plan.problem(place.k, place.n), starts, lanes=lanes, ended=keep, **plan.options(tasks[0].changes))
    except KeyboardInterrupt:
        return list(records.values())
    except CAUSES_OF_A_ROW as error:
        # which of them it was is not known: those that are left are done one by one
        warnings.warn(f"{len(tasks) - len(records)} runs of n = {place.n} are done one by one ({error})", stacklevel=2)
        for number in sorted(set(range(len(tasks))) - set(records)):
            record = None if interrupted() else run_task(plan, tasks[number])
            if record is None:
                break
            store.keep(record, tasks[number])
            records[number] = record
    return list(records.values())
