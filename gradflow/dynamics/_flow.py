"""flow: from a start to where the gradient vanishes."""

from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._compile_time import compile_time
from gradflow._errors import LossFailed, TooLarge
from gradflow._progress import AbstractMeter, meter_for_flow
from gradflow._results import RESULTS, GradflowRuntimeError, result_of
from gradflow.dynamics.chunk import CHUNK, advance, reasons
from gradflow.dynamics.course import as_asked_for, course
from gradflow.dynamics.methods import AbstractMethod
from gradflow.dynamics.trajectory import Trajectory
from gradflow.problems import AbstractProblem
from gradflow.problems.evaluation import run


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
    time_limit: Checked[float | None] = None,
    samples_per_decade: Checked[int] = 10,
    chunk: Checked[int] = CHUNK,
    progress: Checked[bool | AbstractMeter] = False,
    throw: Checked[bool] = True,
) -> Trajectory:
    """Follow the gradient flow dθ/dt = −M ∇L(θ) until ‖∇L‖∞ ≤ `gradient_tolerance`.

    `student` are the initial parameters (or anything that has them). `method` integrates: `gf.NDF()` by default
    (`gf.Diffrax()` for a loss with kinks), with local error `rtol`·|θ| + `atol` (1e-3 and 1e-6; a method with a
    controller of its own takes none). `rates` gives the diagonal metric M: one positive number, one a leaf, or
    arrays of the parameters' shapes. At most `max_steps` steps are attempted; `end_time` ends the flow early, and so
    does `time_limit`, in seconds after the first chunk (where it cuts depends on the machine). The path is
    kept at about `samples_per_decade` accepted steps per decade of time. Progress is told and Ctrl-C heard every
    `chunk` attempted steps (64 at most).

    Returns a `Trajectory`. Ctrl-C returns what there is, with result `interrupted`. A run that diverges, stalls or runs
    out of steps or time raises `GradflowRuntimeError` with `.partial`, or with `throw=False` says so in `.result`.
    Reaching the tolerance does not mean that the flow has ended in a minimum: a start on a saddle stays there (result
    `stationary_start`), and a channel to infinity passes any tolerance; `classify` tells.
    """
    asked = course(
        "flow",
        problem,
        student,
        method=method,
        rates=rates,
        rtol=rtol,
        atol=atol,
        gradient_tolerance=gradient_tolerance,
        max_steps=max_steps,
        end_time=end_time,
        samples_per_decade=samples_per_decade,
        chunk=chunk,
    )
    throw = _checks.flag("flow", "throw", throw)
    if not isinstance(progress, AbstractMeter):
        progress = _checks.flag("flow", "progress", progress)
    if time_limit is not None:
        time_limit = _checks.tolerance("flow", "time_limit", time_limit)
    began = perf_counter()
    with compile_time() as compiling, meter_for_flow(progress) as meter:
        state, failed = asked.begin()
        path, cut_off = asked.path(state), None
        clock = began  # of the time limit: set again after the first chunk, which waits for the compiler
        try:
            while (
                failed is None
                and path.attempted < asked.max_steps
                and not any(jax.device_get(reasons(state, asked.limits)))
            ):
                if time_limit is not None and path.attempted and perf_counter() - clock > time_limit:
                    cut_off = RESULTS.time_limit_reached
                    break
                budget = jnp.asarray(min(asked.chunk, asked.max_steps - path.attempted))
                state, record = run(advance, asked.method, asked.field, state, asked.tolerances, asked.limits, budget)
                clock = clock if path.attempted else perf_counter()
                path.extend(jax.device_get(record))
                last = path.samples[-1]
                meter.update(last.gradient_norm, asked.options["gradient_tolerance"], last.time, path.attempted)
        except KeyboardInterrupt:
            cut_off = RESULTS.interrupted
        except (LossFailed, TooLarge) as error:
            failed = error
    cut_off = cut_off if failed is None else result_of(failed)
    seconds = compiling.rest_of(perf_counter() - began)
    trajectory = asked.trajectory(path, state, cut_off=cut_off, seconds=seconds, compile_seconds=compiling.seconds)
    if throw and not as_asked_for(trajectory):
        raise GradflowRuntimeError("flow", trajectory.result, trajectory) from failed
    return trajectory
