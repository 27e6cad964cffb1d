"""All tasks of a call done, wherever: here, in workers, or by another process that has claimed them."""

import time
from collections.abc import Callable, Iterator, Sequence

import jax

from gradflow import _checks
from gradflow._pace import Pace
from gradflow.sweeps.certified import is_provable
from gradflow.sweeps.cores import cores
from gradflow.sweeps.executors import AbstractExecutor, ThisProcess, WorkerProcesses
from gradflow.sweeps.experiment import Experiment, is_ours
from gradflow.sweeps.queue import Queue, shape_of
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

# a worker process takes some seconds to start: what takes fewer seconds than this in one process is done sooner here
_WORTH_WORKERS = 20.0
# seconds of a run, of one of its parameters, and of compiling a shape, as measured from k = 8 to 50
_OF_A_RUN, _OF_A_PARAMETER, _OF_A_SHAPE = 0.05, 2.5e-4, 7.0
# the same of a certificate, and of an entry of its Hessian
_OF_A_PROOF, _OF_AN_ENTRY = 5e-3, 2.5e-7
# seconds between two looks for the record of a run that another process does, at first and at most
_SOON, _LATER = 0.1, 5.0


def executor_of(verb: str, executor: AbstractExecutor | None, processes: int | None) -> AbstractExecutor | None:
    """The executor that a caller's two arguments name; None if that is left to `default_executor`."""
    _checks.one_executor(verb, executor, processes)
    if processes is not None:
        processes = _checks.count(verb, "processes", processes, "processes=2", most=_checks.MOST_PROCESSES)
        return WorkerProcesses(processes) if processes > 1 else ThisProcess()
    if executor is not None:
        _checks.instance(verb, "executor", executor, AbstractExecutor, "executor=gf.WorkerProcesses(2)")
    return executor


def default_executor(plan: Experiment, tasks: Sequence[Task]) -> AbstractExecutor:
    """Where runs are done if nobody says it."""
    if jax.default_backend() != "cpu" or len(cores()) < 2 or not is_ours(plan.init):
        return ThisProcess()
    runs = [task for task in tasks if not task.kept]
    seconds = _OF_A_RUN * len(runs) + _OF_A_SHAPE * len({*map(shape_of, runs)})
    seconds += _OF_A_PARAMETER * sum(_parameters(plan, task) for task in runs)
    proofs = [task for task in tasks if task.digits is not None]
    seconds += _OF_A_PROOF * len(proofs) + _OF_AN_ENTRY * sum(_parameters(plan, task) ** 2 for task in proofs)
    return WorkerProcesses() if seconds > _WORTH_WORKERS else ThisProcess()


def done(
    plan: Experiment,
    tasks: Sequence[Task],
    store: Store,
    executor: AbstractExecutor,
    interrupted: Callable[[], bool],
    pace: Pace,
) -> Iterator[Record]:
    """The records of all tasks: of those that another process is doing, once it has them or has died."""
    pause = _SOON
    while tasks:
        queue = Queue(tasks, store, pace)
        try:
            yield from executor.run(plan, queue, store, interrupted)
        finally:
            store.claims.release_all()
        waiting = []
        for task in queue.elsewhere:
            record = store.read(task.address)
            if task.address in store.kept_out:
                continue
            under_way = (task.again or task.digits is not None) and store.claims.is_held(task.address.stem)
            if record is None or under_way:
                waiting.append(task)
                continue
            # one that proves nothing is an attempt made
            proof = proof_to_do(store, record, task.digits, certified=store.certificate(record) is not None)
            if proof is None:
                yield record
            else:
                waiting.append(proof)
        pause = _SOON if len(waiting) < len(tasks) else min(2 * pause, _LATER)
        tasks = waiting
        if tasks:
            time.sleep(pause)


def proof_to_do(store: Store, record: Record, digits: int | None, *, certified: bool) -> Task | None:
    """The task of certifying a stored record to so many digits; None if that is not wanted, the run did not end at a
    critical point, or it is `certified` already.
    """
    if digits is None or certified or not is_provable(record):
        return None
    return Task(record.address, digits=digits, kept=True, replaces=store.certificate_stamp(record.address))


def _parameters(plan: Experiment, task: Task) -> int:
    return task.address.n * (task.address.k + plan.excess + 1)
