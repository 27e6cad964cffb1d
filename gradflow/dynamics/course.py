"""One flow to be followed: checked arguments, the compiled problem, and what is left behind at the end."""

import warnings
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._errors import LossFailed, TooLarge
from gradflow._results import RESULTS, result_of
from gradflow.dynamics.blow_up import blows_up
from gradflow.dynamics.chunk import CHUNK, FlowState, begin, reasons
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods import AbstractMethod, Diffrax, default_method, line_for
from gradflow.dynamics.path import Path
from gradflow.dynamics.rounding import LEAST_RTOL
from gradflow.dynamics.stopping import Limits
from gradflow.dynamics.trajectory import Trajectory
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.base import parameters_of
from gradflow.problems.confinement import Confined
from gradflow.problems.evaluation import Values, run
from gradflow.problems.words import gradient_without_a_number

# where no gradient tolerance is asked for, and for starts with a small gradient
_TOLERANCE, _RELATIVE_TOLERANCE = 1e-8, 1e-6


class Course(NamedTuple):
    """A start, where it ends, and how it is followed."""

    problem: AbstractProblem
    start: PyTree
    followed: Confined
    padded: PyTree
    field: GradientField
    method: AbstractMethod
    tolerances: Tolerances
    limits: Limits
    max_steps: int
    options: dict[str, Any]

    @property
    def position(self) -> Float[jax.Array, " param"]:
        """The start as a vector of the compiled shape."""
        return self.field.problem.flatten(self.padded)

    @property
    def chunk(self) -> int:
        """Attempted steps between two looks of the host."""
        return int(self.options["chunk"])

    def begin(self) -> "tuple[Course, FlowState, LossFailed | TooLarge | None]":
        """This with its tolerance, and the first state; where not even the start can be evaluated a state without
        numbers, and the error.
        """
        try:
            state = run(begin, self.method, self.field, jnp.asarray(0.0), self.position, self.tolerances)
            return self.with_tolerance(state), state, None
        except (LossFailed, TooLarge) as error:
            return self.with_tolerance(self.nowhere()), self.nowhere(), error

    def with_tolerance(self, state: FlowState) -> "Course":
        """With the gradient tolerance of a start, where none was asked for. At a start whose gradient is rounding that
        is its norm: nothing is to be followed there.
        """
        if self.options["gradient_tolerance"] is not None:
            return self
        norm = float(np.max(np.abs(np.asarray(state.gradient))))
        tolerance = min(_TOLERANCE, _RELATIVE_TOLERANCE * norm) if np.isfinite(norm) else _TOLERANCE
        if norm <= _TOLERANCE and self._values(state).at_floor:
            tolerance = norm
        return self._replace(
            options=self.options | {"gradient_tolerance": tolerance},
            limits=Limits(tolerance, float(self.limits.end_time)),
        )

    def is_at_rounding(self, state: FlowState) -> bool:
        """Whether what the gradient has above the tolerance is rounding, and the flow cannot go on."""
        return self._values(state).is_within(float(self.limits.gradient_tolerance))

    def _values(self, state: FlowState) -> Values:
        followed = self.followed.problem
        here = followed.stacked(np.asarray(state.position)[None], self.padded)
        return evaluation.values(followed, jax.tree.map(lambda leaf: leaf[0], here))

    def nowhere(self) -> FlowState:
        """The start, and nothing known of it."""
        nothing, never = jnp.asarray(jnp.nan), jnp.asarray(False)
        return FlowState(
            time=jnp.asarray(0.0),
            position=self.position,
            loss=nothing,
            gradient=jnp.full_like(self.position, jnp.nan),
            next_step_size=nothing,
            ok=never,
            start_loss=nothing,
            rose=never,
            lost=never,
            seen=jnp.full_like(self.position, jnp.nan),
            method=None,
        )

    def not_begun(self, error: LossFailed | MemoryError) -> Trajectory:
        """The start alone, of a flow that an error ended before it could be followed."""
        state = self.nowhere()
        return self.trajectory(self.path(state), state, cut_off=result_of(error), seconds=0.0, compile_seconds=0.0)

    def path(self, state: FlowState) -> Path:
        """An empty path from the first state."""
        return Path(state, np.asarray(self.field.rates), self.options["samples_per_decade"])

    def trajectory(
        self, path: Path, state: FlowState, *, cut_off: Any | None, seconds: float, compile_seconds: float
    ) -> Trajectory:
        """What the flow leaves behind after so many `seconds`, without compiling; `cut_off` is the result of one that
        was ended from outside.
        """
        result = self._result(state) if cut_off is None else cut_off
        if path.attempted == 0 and bool(result == RESULTS.successful):
            result = RESULTS.stationary_start
        times, positions, losses, norms, squares = zip(*path.samples, strict=True)
        problem, followed = self.problem, self.followed
        states = followed.lift(followed.problem.stacked(np.stack(positions), self.padded))
        for leaf, given in zip(jax.tree.leaves(states), jax.tree.leaves(self.start), strict=True):
            leaf[0] = given  # the start as it was given, to the last bit
        stats = {
            "steps": path.attempted,
            "rejected": path.attempted - path.accepted,
            "loss_increase": path.loss_increase,
            "invariant_drift": problem.drift(
                self.start, jax.tree.map(lambda leaf: leaf[-1], states), self.options["rates"]
            ),
            "seconds": seconds,
            "compile_seconds": compile_seconds,
        }
        return Trajectory(
            problem=problem,
            times=np.asarray(times),
            states=states,
            losses=np.asarray(losses),
            gradient_norms=np.asarray(norms),
            squared_gradient_norms=np.asarray(squares),
            result=result,
            stats=stats,
            options=self.options,
            reason=self._without_a_gradient(state) if bool(result == RESULTS.diverged) else "",
        )

    def _without_a_gradient(self, state: FlowState) -> str:
        """Which entry of ∇L is not finite where the flow ended, or where the step led to that it could not take. In
        fewer parameters than the caller's (`Confined`) an entry has no name.
        """
        if self.followed.problem is not self.problem:
            return ""
        seen = self.problem.stacked(np.asarray(state.seen)[None], self.padded)
        return gradient_without_a_number(jax.tree.map(lambda leaf: leaf[0], seen))

    def _result(self, state: FlowState) -> Any:
        """Why the flow stopped, by the predicates that stopped it."""
        why = jax.device_get(reasons(state, self.limits))
        if why.diverged:
            return RESULTS.diverged
        if why.rose:
            return RESULTS.loss_increased
        if why.critical:
            return RESULTS.successful
        if why.ended:
            return RESULTS.end_time_reached
        if not (why.failed or why.stalled):
            return RESULTS.max_steps_reached
        if self.is_at_rounding(state):
            return RESULTS.rounding_reached
        nowhere = bool(state.lost) or bool(blows_up(self.field, state.time, state.position))
        return RESULTS.diverged if nowhere else RESULTS.step_size_underflow


def course(
    verb: str,
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    method: Checked[AbstractMethod | None],
    rates: Any | None,
    rtol: Checked[float | None],
    atol: Checked[float | None],
    gradient_tolerance: Checked[float | None],
    max_steps: Checked[int],
    end_time: Checked[float | None] = None,
    samples_per_decade: Checked[int] = 10,
    chunk: Checked[int] = CHUNK,
) -> Course:
    """Check the arguments of a flow (see `flow`)."""
    _checks.instance(verb, "problem", problem, AbstractProblem, f"gf.{verb}(problem, student)")
    start = problem.check(verb, parameters_of(student))
    method = default_method(problem) if method is None else method
    if jax.default_backend() == "tpu":
        warnings.warn(f"{verb}: float64 is emulated on a TPU; the end point is refined on the CPU", stacklevel=4)
    _checks.instance(verb, "method", method, AbstractMethod, f"method={line_for(method)}")
    if isinstance(method, Diffrax) and method.controller is not None:
        _checks.no_tolerances(rtol, atol)
    options: dict[str, Any] = {
        "rtol": _checks.tolerance(verb, "rtol", 1e-3 if rtol is None else rtol, floor=LEAST_RTOL),
        "atol": _checks.tolerance(verb, "atol", 1e-6 if atol is None else atol, zero=True),
        "gradient_tolerance": gradient_tolerance
        if gradient_tolerance is None
        else _checks.tolerance(verb, "gradient_tolerance", gradient_tolerance, zero=True),
        "max_steps": _checks.count(verb, "max_steps", max_steps, "max_steps=10_000", least=0),
        "end_time": None if end_time is None else _checks.tolerance(verb, "end_time", end_time),
        "samples_per_decade": _checks.count(verb, "samples_per_decade", samples_per_decade, "samples_per_decade=10"),
        "chunk": _checks.count(verb, "chunk", chunk, f"chunk={CHUNK}", most=CHUNK),
        "method": method,
        "rates": None if rates is None else _checks.rates(verb, rates, start),
    }
    # with rates of its own for every coordinate the flow need not stay where it is confined without
    followed = (problem.confined(start) if rates is None else None) or Confined(problem, start, lambda student: student)
    padded = followed.problem.pad(followed.parameters)
    return Course(
        problem=problem,
        start=start,
        followed=followed,
        padded=padded,
        field=GradientField(
            problem=followed.problem.compiled(),
            like=padded,
            rates=_rates(followed.problem, followed.parameters, options["rates"]),
        ),
        method=method,
        tolerances=Tolerances(options["rtol"], options["atol"]),
        limits=Limits(options["gradient_tolerance"] or 0.0, float("inf") if end_time is None else options["end_time"]),
        max_steps=options["max_steps"],
        options=options,
    )


def as_asked_for(trajectory: Trajectory) -> bool:
    """Whether the flow ended in a way that the caller has asked for."""
    fine = (RESULTS.end_time_reached, RESULTS.interrupted)
    return has_arrived(trajectory) or any(bool(trajectory.result == result) for result in fine)


def has_arrived(trajectory: Trajectory) -> bool:
    """The flow is where the gradient vanishes, whether it moved or not."""
    ends = (RESULTS.successful, RESULTS.stationary_start, RESULTS.rounding_reached)
    return any(bool(trajectory.result == result) for result in ends)


def _rates(problem: AbstractProblem, start: PyTree, rates: PyTree | None) -> Float[jax.Array, " param"]:
    """The diagonal of M on vectors of the compiled shape; padding, which does not move, gets 1."""
    if rates is None:
        return jnp.asarray(np.ones(problem.compiled().flatten(problem.pad(start)).size))
    ones = jax.tree.map(lambda leaf: np.ones(np.shape(leaf)), start)
    padded = problem.compiled().flatten(problem.pad(rates))
    return jnp.where(problem.compiled().flatten(problem.pad(ones)) == 1, padded, 1.0)
