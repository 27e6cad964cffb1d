"""One run of a sweep: all stages, and its record kept."""

from time import perf_counter

import numpy as np

from gradflow._results import RESULTS
from gradflow._solve import Solution, solve
from gradflow.sweeps.address import Address
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.record import Record, crashed, record_of
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
    try:
        solution = run_cell(plan, task.address, task=task)
    except KeyboardInterrupt:
        return None
    except CAUSES_OF_A_ROW as error:
        return crashed(plan, task, error, seconds=perf_counter() - began)
    return None if is_interrupted(solution) else record_of(plan, task, solution, seconds=perf_counter() - began)


def is_interrupted(solution: Solution) -> bool:
    """A run that the user stopped has no record: it is done again from its start."""
    return bool(solution.result == RESULTS.interrupted)
