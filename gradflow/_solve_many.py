"""solve_many: all stages for many starts of one problem."""

from collections.abc import Callable
from typing import Any

import jax

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._results import RESULTS, GradflowRuntimeError
from gradflow._solve import LaterStages, Solution, completed, only_the_flow, solve
from gradflow.critical_points import ClassifyOptions, RefineOptions
from gradflow.critical_points import require_memory as require_stages
from gradflow.dynamics import AbstractMethod, Trajectory
from gradflow.dynamics.chunk import CHUNK
from gradflow.dynamics.course import course
from gradflow.dynamics.lanes import flow_in_lanes
from gradflow.dynamics.lanes import require_memory as require_lanes
from gradflow.identification import IdentifyOptions
from gradflow.problems import AbstractProblem

# on an accelerator a kernel costs its launch, however little it does: flows share them
LANES_ON_A_DEVICE = 32


def solve_many(
    problem: Checked[AbstractProblem],
    students: Any,
    *,
    lanes: Checked[int | None] = None,
    method: Checked[AbstractMethod | None] = None,
    rates: Any | None = None,
    rtol: Checked[float | None] = None,
    atol: Checked[float | None] = None,
    gradient_tolerance: Checked[float | None] = None,
    max_steps: Checked[int] = 10_000,
    chunk: Checked[int] = CHUNK,
    ended: Checked[Callable[[int, Solution], object] | None] = None,
    throw: Checked[bool] = False,
    refine_options: Checked[RefineOptions | None] = None,
    classify_options: Checked[ClassifyOptions | None] = None,
    identify_options: Checked[IdentifyOptions | None] = None,
) -> tuple[Solution, ...]:
    """`solve` for every one of `students`, starts of one problem and one shape; the solutions in the same order.

    `students` is a list of starts, or a batch: parameters whose arrays have a leading axis besides those of the
    problem's `init`, as `jax.vmap(problem.init)(keys)` makes them.

    `lanes` flows advance together in one compiled call, a lane whose flow has ended taking the next start. Left out it
    is 1 on a CPU, where one flow after the other is faster (the slowest step of the lanes is that of all), and 32 on an
    accelerator, where it is not. What follows the flow is done on the CPU, one start at a time. Every `chunk` attempted
    steps (64 at most) finished lanes are looked for. `ended` is called with a start's number and its solution as soon
    as that is there, the interrupted ones included. The other arguments are `solve`'s; `throw` is False here: a start
    that fails says so in its `.result`, and does not end the others.

    Ctrl-C returns the solutions so far, those in flight with result `interrupted`, in the order of the starts. Raises
    `ValueError` for starts of different shapes and `MemoryError` for lanes that do not fit.
    """
    starts = _checks.starts("solve_many", problem, students)
    if lanes is None:
        lanes = 1 if jax.default_backend() == "cpu" else LANES_ON_A_DEVICE
    lanes = _checks.count("solve_many", "lanes", lanes, "lanes=1")
    flow_options: dict[str, Any] = {"method": method, "rates": rates, "rtol": rtol, "atol": atol}
    courses = [
        course(
            "solve_many",
            problem,
            start,
            gradient_tolerance=gradient_tolerance,
            max_steps=max_steps,
            chunk=chunk,
            **flow_options,
        )
        for start in starts
    ]
    require_stages("solve_many", courses[0].problem.flatten(courses[0].start).size)
    if ended is not None:
        _checks.function("solve_many", "ended", ended, "ended=lambda number, solution: print(number)")
    later = LaterStages(refine_options, classify_options, identify_options).checked("solve_many")
    throw = _checks.flag("solve_many", "throw", throw)
    solutions: dict[int, Solution] = {}

    def finish(number: int, solution: Solution) -> None:
        solutions[number] = solution
        if ended is not None:
            ended(number, solution)

    def complete(number: int, trajectory: Trajectory) -> None:
        finish(number, completed(problem, trajectory, flow_options, max_steps, later, throw=False))

    with listening() as interrupted:
        try:
            if lanes == 1:
                for number, start in enumerate(starts):
                    try:
                        solution = solve(
                            problem,
                            start,
                            gradient_tolerance=gradient_tolerance,
                            max_steps=max_steps,
                            throw=False,
                            refine_options=refine_options,
                            classify_options=classify_options,
                            identify_options=identify_options,
                            **flow_options,
                        )
                    except MemoryError as error:  # others use the same memory: what does not fit now may fit later
                        nothing = courses[number].not_begun(error)
                        solution = only_the_flow(problem, nothing, nothing.result, throw=False)
                    finish(number, solution)
                    if interrupted() or bool(solutions[number].result == RESULTS.interrupted):
                        break
            else:
                require_lanes(courses[0], min(lanes, len(courses)))
                flow_in_lanes(courses, lanes, complete)
        except KeyboardInterrupt:
            pass
    found = tuple(solutions[number] for number in sorted(solutions))
    if throw:
        for solution in found:
            if not bool(solution.result == RESULTS.successful):
                raise GradflowRuntimeError("solve_many", solution.result, found)
    return found
