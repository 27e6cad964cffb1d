"""solve: one run, all stages."""

from typing import Any, NamedTuple

import equinox as eqx

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._errors import BelowBound, LossFailed
from gradflow._progress import AbstractMeter
from gradflow._results import RESULTS, GradflowRuntimeError, message_of, name_of, result_of
from gradflow.critical_points import (
    Classification,
    ClassifyOptions,
    End,
    Kind,
    Point,
    RefineOptions,
    classify,
    refine,
    require_memory,
)
from gradflow.dynamics import AbstractMethod, Trajectory, flow
from gradflow.dynamics.course import has_arrived
from gradflow.identification import Configuration, IdentifyOptions, identify
from gradflow.problems import AbstractProblem, Smoothness, TeacherStudent, evaluation
from gradflow.problems.base import parameters_of

# where refinement cannot tell the end from here, the flow goes on to a gradient this much smaller, this often
_TIGHTER, _EXTENSIONS = 1e-2, 3
# half the digits, relative to the start: within that a flow has stood still (`RefineOptions.saddle_distance`)
_STANDING = 1.5e-8


class Solution(eqx.Module):
    """What each stage found; a stage that was not reached is None. `result` is that of the first stage that failed, or
    `successful`.

    `configuration` is for teacher–student problems only. A class is an answer, not a failure: the result of a channel
    and of any other end that the flow never reaches is `successful`.
    """

    problem: AbstractProblem
    trajectory: Trajectory
    point: Point | None
    classification: Classification | None
    configuration: Configuration | None
    result: Any

    @property
    def student(self) -> Any:
        """The refined point, or where the flow ended."""
        return self.trajectory.final if self.point is None else self.point.parameters

    @property
    def parameters(self) -> Any:
        return self.student

    def __str__(self) -> str:
        stages = [self.trajectory, self.point, self.classification, self.configuration]
        lines = [str(stage) for stage in stages if stage is not None]
        if not bool(self.result == RESULTS.successful):
            lines.append(f"result: {name_of(self.result)}. {message_of(self.result, self.trajectory)}")
        return "\n".join(lines)

    __repr__ = __str__


def solve(
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    method: Checked[AbstractMethod | None] = None,
    rates: Any | None = None,
    rtol: Checked[float | None] = None,
    atol: Checked[float | None] = None,
    gradient_tolerance: Checked[float | None] = None,
    max_steps: Checked[int] = 10_000,
    time_limit: Checked[float | None] = None,
    progress: Checked[bool | AbstractMeter] = False,
    throw: Checked[bool] = True,
    refine_options: Checked[RefineOptions | None] = None,
    classify_options: Checked[ClassifyOptions | None] = None,
    identify_options: Checked[IdentifyOptions | None] = None,
) -> Solution:
    """Follow the gradient flow to its end, refine the end point, classify it and name what every neuron does.

    Arguments as in `flow`, and the options of the later stages. Where Newton's method cannot tell yet which critical
    point the flow is heading for, the flow goes on to a smaller gradient (1e-2 of it, three times at most, each with
    the same `time_limit`) before refinement gives up, unless its path tells that it never arrives: in a channel, at
    infinity, or at a point that it nears like a power of the time only. What refinement returns is classified,
    converged or not. So is the critical point that it reaches from the end of a flow that has used up its steps.

    Returns a `Solution`; Ctrl-C returns the path so far. A point that refinement did not reach is an answer, in
    `.result` and as UNDECIDED; if the flow fails it raises `GradflowRuntimeError` with `.partial`, or with
    `throw=False` says so in `.result`. So with a later stage that runs out of memory (`MemoryError`).
    """
    _checks.instance("solve", "problem", problem, AbstractProblem, "gf.solve(problem, student)")
    require_memory("solve", problem.flatten(problem.check("solve", parameters_of(student))).size)
    later = LaterStages(refine_options, classify_options, identify_options).checked("solve")
    throw = _checks.flag("solve", "throw", throw)
    flow_options: dict[str, Any] = {
        "method": method,
        "rates": rates,
        "rtol": rtol,
        "atol": atol,
        "time_limit": time_limit,
        "progress": progress,
    }
    trajectory = flow(
        problem, student, gradient_tolerance=gradient_tolerance, max_steps=max_steps, throw=False, **flow_options
    )
    return completed(problem, trajectory, flow_options, max_steps, later, throw=throw)


class LaterStages(NamedTuple):
    """The options of what comes after the flow."""

    refine: RefineOptions | None
    classify: ClassifyOptions | None
    identify: IdentifyOptions | None

    def checked(self, verb: str) -> "LaterStages":
        """Themselves: what would be refused after the flow is refused before it."""
        kinds: tuple[type, ...] = (RefineOptions, ClassifyOptions, IdentifyOptions)
        for value, kind in zip(self, kinds, strict=True):
            if value is not None:
                name = f"{kind.__name__.removesuffix('Options').lower()}_options"
                _checks.instance(verb, name, value, kind, f"{name}=gf.{kind.__name__}()")
        return self


def completed(
    problem: AbstractProblem,
    trajectory: Trajectory,
    flow_options: dict[str, Any],
    max_steps: int,
    options: LaterStages,
    *,
    throw: bool,
) -> Solution:
    """All stages after the flow, which goes on where refinement cannot tell its end yet."""
    spent, stuck = (
        bool(trajectory.result == result) for result in (RESULTS.max_steps_reached, RESULTS.step_size_underflow)
    )
    if not (has_arrived(trajectory) or spent or stuck) or bool(problem.smoothness != Smoothness.SMOOTH):
        return only_the_flow(problem, trajectory, trajectory.result, throw=throw)
    began, asked = trajectory.result, trajectory.options["gradient_tolerance"]
    try:
        point = refine(problem, trajectory, options=options.refine)
        verdict = classify(problem, point, trajectory=trajectory, options=options.classify)
        for _ in range(0 if spent or stuck else _EXTENSIONS):
            steps_left = max_steps - trajectory.stats["steps"]
            if bool(point.result == RESULTS.successful) or _without_arrival(verdict) or steps_left <= 0:
                break
            tolerance = _TIGHTER * min(asked, float(trajectory.gradient_norms[-1]))
            # a component that is rounding says nothing of the others, whose roundings may be far smaller
            if evaluation.values(problem, problem.check("solve", trajectory.final)).is_within(tolerance):
                break
            further = flow(
                problem, trajectory, gradient_tolerance=tolerance, max_steps=steps_left, throw=False, **flow_options
            )
            if not has_arrived(further):
                break
            trajectory = trajectory.then(further)
            point = refine(problem, trajectory, options=options.refine)
            verdict = classify(problem, point, trajectory=trajectory, options=options.classify)
        named = identify(problem, point, options=options.identify) if isinstance(problem, TeacherStudent) else None
    except KeyboardInterrupt:
        return only_the_flow(problem, trajectory, RESULTS.interrupted, throw=throw)
    except (LossFailed, BelowBound, MemoryError) as error:
        if throw:
            raise
        return only_the_flow(problem, trajectory, result_of(error), throw=False)
    ended = _without_arrival(verdict) or bool(point.result == RESULTS.successful)
    if (spent or stuck) and not ended:
        return only_the_flow(problem, trajectory, trajectory.result, throw=throw)
    if not spent and ended:
        # what began where the gradient was small, and went on to another place, has not stood still
        stood_still = trajectory.stats["steps"] == 0 and point.moved <= _STANDING
        began = RESULTS.stationary_start if stood_still else RESULTS.successful
    solution = Solution(
        problem=problem,
        trajectory=trajectory,
        point=point,
        classification=verdict,
        configuration=named,
        result=began if ended or spent else point.result,
    )
    if spent and throw:
        raise GradflowRuntimeError("solve", began, solution)
    return solution


def _without_arrival(verdict: Classification) -> bool:
    """It is known where the flow is heading, and that it never arrives: every further digit costs decades of time."""
    if not verdict.kind.has_end:
        return True
    end = None if verdict.tail is None else verdict.tail.end
    return end is End.UNBOUNDED or (end is End.DEGENERATE and verdict.kind is Kind.DEGENERATE)


def only_the_flow(problem: AbstractProblem, trajectory: Trajectory, result: Any, *, throw: bool) -> Solution:
    """No later stage was reached."""
    solution = Solution(
        problem=problem,
        trajectory=trajectory,
        point=None,
        classification=None,
        configuration=None,
        result=result,
    )
    if throw and not has_arrived(trajectory) and not bool(result == RESULTS.interrupted):
        raise GradflowRuntimeError("solve", result, solution)
    return solution
