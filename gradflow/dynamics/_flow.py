"""flow: from a start to where the gradient vanishes."""

import warnings
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._progress import AbstractMeter, meter_for_flow
from gradflow._results import RESULTS, GradflowRuntimeError
from gradflow.dynamics import chunk, stopping
from gradflow.dynamics.chunk import FlowState
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods import AbstractMethod, Diffrax, default_method
from gradflow.dynamics.path import Path
from gradflow.dynamics.stopping import Limits
from gradflow.dynamics.trajectory import Trajectory
from gradflow.problems import AbstractProblem
from gradflow.problems.base import parameters_of

# a relative step tolerance below this asks for more than a step's own rounding leaves
LEAST_RTOL = 1e-13


def flow(
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    method: Checked[AbstractMethod | None] = None,
    rates: Any | None = None,
    rtol: Checked[float | None] = None,
    atol: Checked[float | None] = None,
    gradient_tolerance: Checked[float] = 1e-8,
    max_steps: Checked[int] = 10_000,
    end_time: Checked[float | None] = None,
    samples_per_decade: Checked[int] = 10,
    progress: Checked[bool | AbstractMeter] = False,
    throw: Checked[bool] = True,
) -> Trajectory:
    """Follow the gradient flow dθ/dt = −M ∇L(θ) until ‖∇L‖∞ ≤ `gradient_tolerance`.

    `student` are the initial parameters (or anything that has them). `method` integrates: `gf.NDF()` by default
    (`gf.Diffrax()` for a loss with kinks), with local error `rtol`·|θ| + `atol` (1e-3 and 1e-6; a method with a
    controller of its own takes none). `rates` gives the diagonal metric M: a positive number a leaf, or arrays of the
    parameters' shapes. At most `max_steps` steps are attempted; `end_time` ends the flow early. The path is kept at
    about `samples_per_decade` accepted steps per decade of time.

    Returns a `Trajectory`. Ctrl-C returns what there is, with result `interrupted`. A run that diverges, stalls or runs
    out of steps raises `GradflowRuntimeError` with `.partial`, or with `throw=False` says so in `.result`. Reaching the
    tolerance does not mean that the flow has ended in a minimum: a start on a saddle stays there (result
    `stationary_start`), and a channel to infinity passes any tolerance; `classify` tells.
    """
    _checks.instance("flow", "problem", problem, AbstractProblem, "gf.flow(problem, student)")
    start = problem.check("flow", parameters_of(student))
    method = default_method(problem) if method is None else method
    if jax.default_backend() == "tpu":
        warnings.warn("flow: float64 is emulated on a TPU; the end point is refined on the CPU", stacklevel=2)
    _checks.instance("flow", "method", method, AbstractMethod, "method=gf.NDF()")
    if isinstance(method, Diffrax) and method.controller is not None:
        _checks.no_tolerances(rtol, atol)
    options: dict[str, Any] = {
        "rtol": _checks.tolerance("flow", "rtol", 1e-3 if rtol is None else rtol, floor=LEAST_RTOL),
        "atol": _checks.tolerance("flow", "atol", 1e-6 if atol is None else atol, zero=True),
        "gradient_tolerance": _checks.tolerance("flow", "gradient_tolerance", gradient_tolerance, zero=True),
        "max_steps": _checks.count("flow", "max_steps", max_steps, "max_steps=10_000", least=0),
        "end_time": None if end_time is None else _checks.tolerance("flow", "end_time", end_time),
        "samples_per_decade": _checks.count("flow", "samples_per_decade", samples_per_decade, "samples_per_decade=10"),
        "method": method,
    }
    compiled, padded = problem.compiled(), problem.pad(start)
    options["rates"] = None if rates is None else _checks.rates("flow", rates, start)
    field = GradientField(problem=compiled, like=padded, rates=_rates(problem, start, options["rates"]))
    tolerances = Tolerances(options["rtol"], options["atol"])
    limits = Limits(options["gradient_tolerance"], float("inf") if end_time is None else options["end_time"])

    began = perf_counter()
    state = chunk.begin(method, field, jnp.asarray(0.0), compiled.flatten(padded), tolerances)
    path = Path(state, np.asarray(field.rates), options["samples_per_decade"])
    interrupted = False
    with meter_for_flow(progress) as meter:
        try:
            while path.attempted < max_steps and not bool(chunk.should_stop(state, limits)):
                state, record = chunk.advance(
                    method, field, state, tolerances, limits, jnp.asarray(max_steps - path.attempted)
                )
                path.extend(jax.device_get(record))
                last = path.samples[-1]
                meter.update(last.gradient_norm, options["gradient_tolerance"], last.time, path.attempted)
        except KeyboardInterrupt:
            interrupted = True
    result = RESULTS.interrupted if interrupted else _result(state, limits)
    if path.attempted == 0 and bool(result == RESULTS.successful):
        result = RESULTS.stationary_start
    times, positions, losses, norms, squares = zip(*path.samples, strict=True)
    states = [problem.unpad(compiled.unflatten(position, padded)) for position in positions]
    stats = {
        "steps": path.attempted,
        "rejected": path.attempted - path.accepted,
        "loss_increase": path.loss_increase,
        "invariant_drift": problem.drift(states[0], states[-1]),
        "seconds": perf_counter() - began,
    }
    trajectory = Trajectory(
        problem=problem,
        times=np.asarray(times),
        states=jax.tree.map(lambda *leaves: np.stack(leaves), *states),
        losses=np.asarray(losses),
        gradient_norms=np.asarray(norms),
        squared_gradient_norms=np.asarray(squares),
        result=result,
        stats=stats,
        options=options,
    )
    asked_for = (RESULTS.successful, RESULTS.stationary_start, RESULTS.end_time_reached, RESULTS.interrupted)
    if throw and not any(bool(result == fine) for fine in asked_for):
        raise GradflowRuntimeError("flow", result, trajectory)
    return trajectory


def _result(state: FlowState, limits: Limits) -> Any:
    """Why the flow stopped, by the predicates that stopped it."""
    norm = jnp.max(jnp.abs(state.gradient))
    if bool(stopping.has_diverged(state.loss, norm, state.position)):
        return RESULTS.diverged
    if bool(state.rose):
        return RESULTS.loss_increased
    if bool(stopping.is_critical(norm, limits)):
        return RESULTS.successful
    if bool(stopping.has_ended(state.time, limits)):
        return RESULTS.end_time_reached
    if not bool(state.ok) or bool(stopping.has_stalled(state.time, state.next_step_size)):
        return RESULTS.step_size_underflow
    return RESULTS.max_steps_reached


def _rates(problem: AbstractProblem, start: PyTree, rates: PyTree | None) -> Float[Array, " param"]:
    """The diagonal of M on vectors of the compiled shape; padding, which does not move, gets 1."""
    ones = jax.tree.map(lambda leaf: np.ones(np.shape(leaf)), start)
    if rates is None:
        rates = ones
    padded = problem.compiled().flatten(problem.pad(rates))
    return jnp.where(problem.compiled().flatten(problem.pad(ones)) == 1, padded, 1.0)
