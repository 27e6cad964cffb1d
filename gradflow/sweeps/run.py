"""One run of a sweep: all stages, and its record kept."""

import errno
from time import perf_counter

import numpy as np

from gradflow._compile_time import compile_time
from gradflow._results import RESULTS
from gradflow._solve import Solution, solve
from gradflow.dynamics import Trajectory
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import is_provable, proof_of, unproved
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.record import Record, crashed, record_of
from gradflow.sweeps.store import Store, StoreError
from gradflow.sweeps.task import Task

# what a library raises at size (memory, LAPACK, XLA) is the reason of one row, not the end of the sweep
CAUSES_OF_A_ROW = (RuntimeError, MemoryError, ArithmeticError, np.linalg.LinAlgError)


def run_cell(plan: Experiment, address: Address, *, task: Task | None = None, progress: bool = False) -> Solution:
    """One cell of a sweep, all stages."""
    problem, start = plan.problem(address.k, address.n), plan.start(*address)
    return solve(
        problem,
        start,
        time_limit=None if task is None else task.time_limit,
        progress=progress,
        throw=False,
        **plan.options({} if task is None else task.changes),
    )


def run_task(plan: Experiment, task: Task) -> Record | None:
    """The record of one run, whatever becomes of it; None if the user interrupted it."""
    began = perf_counter()
    with compile_time() as compiling:

        def times() -> dict[str, float]:
            return {"seconds": compiling.rest_of(perf_counter() - began), "compile_seconds": compiling.seconds}

        try:
            solution = run_cell(plan, task.address, task=task)
        except KeyboardInterrupt:
            return None
        except CAUSES_OF_A_ROW as error:
            return crashed(plan, task, error, **times())
        return None if is_interrupted(solution) else record_of(plan, task, solution, **times())


def times_of(trajectory: Trajectory) -> dict[str, float]:
    """Those of a flow, for a run whose later stages were not timed."""
    return {name: trajectory.stats[name] for name in ("seconds", "compile_seconds")}


def do(plan: Experiment, task: Task, store: Store) -> Record | None:
    """Do what a task says and keep what came of it: the record, then the certificate. None if the user interrupted the
    run.
    """
    record = store.read(task.address) if task.kept else None
    if task.address in store.kept_out:
        raise StoreError(errno.EIO, f"the record of {task.address} cannot be read now, and stays where it is")
    if record is None:
        record = run_task(plan, task)
        if record is None:
            return None
        store.keep(record, task)
    keep_proof(plan, record, task.digits, store)
    return record


def keep_proof(plan: Experiment, record: Record, digits: int | None, store: Store) -> None:
    """Certify the end of a record that is in the store, and keep what came of it."""
    content = proof_of_end(plan, record, digits)
    if content is not None:
        store.keep_certificate(record.address, content)


def proof_of_end(plan: Experiment, record: Record, digits: int | None) -> bytes | None:
    """The certificate of a record's end, as its file; None if none is wanted or it is no critical point."""
    if digits is None or not is_provable(record):
        return None
    return proof_of(plan, record, digits, CAUSES_OF_A_ROW)


def keep_death(plan: Experiment, task: Task, error: Exception, store: Store) -> None:
    """Keep that whoever did a task died over it: the reason of a row, or of a certificate if the record was kept
    before.
    """
    there = task.kept or store.stamp(task.address) != task.replaces
    record = store.read(task.address) if there else None
    if record is None:
        store.keep(crashed(plan, task, error), task)
    elif task.digits is not None and is_provable(record):
        store.keep_certificate(task.address, unproved(plan, record, error))


def is_interrupted(solution: Solution) -> bool:
    """A run that the user stopped has no record: it is done again from its start."""
    return bool(solution.result == RESULTS.interrupted)
