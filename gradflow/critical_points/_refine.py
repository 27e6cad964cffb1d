"""refine: Newton's method on ∇L, to the critical point that the flow is heading for, or not at all."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float, PyTree

from gradflow import _checks, _memory
from gradflow._checks import Checked
from gradflow._results import RESULTS, GradflowRuntimeError
from gradflow.critical_points.inverse import AbstractInverse, inverse_at
from gradflow.critical_points.krylov import krylov_inverse
from gradflow.critical_points.measured import Place, measured
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.critical_points.point import Point
from gradflow.critical_points.predicates import leaves_saddle, require_bound
from gradflow.critical_points.transversal import dimensions, flattest, land
from gradflow.problems import AbstractProblem, Smoothness, evaluation
from gradflow.problems.base import parameters_of
from gradflow.problems.evaluation import Product, Values

# where a step with the last Hessian gains this much, another gains as much again, for a solution in place of a new
# Hessian and its factor
_CHORD = 0.01
# P × P matrices held at once: two of XLA's and the factor
_MATRICES = 3


class RefineOptions(eqx.Module):
    """When Newton's method is trusted.

    `contraction`: the first simplified Newton correction must be at most this much of the first step. Affine-invariant
    theory (Deuflhard, Newton Methods for Nonlinear Problems, 2004, section 2.1) gives convergence for ratios below 1 at
    best; at 1/4 the limit is in the ball around the start. `saddle_distance`: a saddle is where the flow ends only for
    a start on it, that is, closer to it than half the digits: the flow leaves any other. `max_steps`: Newton's method
    doubles the digits a step; what has not converged by then will not. `curvature_change`: along the way from the given
    point the Hessian may change by at most this fraction, relative to itself at the end (‖|H|^{−1/2} ΔH |H|^{−1/2}‖,
    eigenvalues inside their bound left out): a step of one large coordinate can hide another's jump into the next well.
    `matrix_free`: solve Newton's systems by conjugate gradients, where the Hessian does not fit into memory (P² × 24
    bytes); a direction of negative curvature then ends the refinement, and the Hessian's change on the way is looked at
    along the way only.
    """

    contraction: Checked[float] = 0.25
    saddle_distance: Checked[float] = 1.5e-8
    curvature_change: Checked[float] = 0.5
    max_steps: Checked[int] = 20
    matrix_free: Checked[bool] = False

    def __check_init__(self) -> None:
        _checks.tolerance("RefineOptions", "contraction", self.contraction)
        _checks.tolerance("RefineOptions", "saddle_distance", self.saddle_distance, zero=True)
        _checks.tolerance("RefineOptions", "curvature_change", self.curvature_change)
        _checks.count("RefineOptions", "max_steps", self.max_steps, "max_steps=20")
        _checks.flag("RefineOptions", "matrix_free", self.matrix_free)


@overflow_is_looked_at
def refine(
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    options: Checked[RefineOptions | None] = None,
    throw: Checked[bool] = False,
) -> Point:
    """The critical point that the flow from here is heading for, at the rounding level of its gradient.

    Newton's method with the Hessian's pseudo-inverse (eigenvalues inside their error bound are cut, so that symmetry
    orbits do no harm), accepted only if its first steps contract, if the Hessian stays comparable on the way, if it
    does not converge to a saddle that the flow is leaving, and if it ends at the gradient floor. Where that fails, the
    point may be next to a manifold of critical points that is not known: as many of the softest directions as a gap in
    the spectrum suggests are left out, and the end is accepted if there the whole gradient is at its floor and so many
    eigenvalues vanish to rounding (`matrix_free` does without); towards a point where the loss is flatter than a
    quadratic Newton's steps are extrapolated. Convergence is quadratic across the manifold; which of
    its points is found depends on the start, and `.moved_along` says how far the point went along it.
    Otherwise the given point is returned, and `.result` says why: "not converged" is an answer, and follows from the
    point as often as from the method (a channel to infinity has no end; next to degenerate points Newton's method
    converges linearly at best). With `throw=True` it raises `GradflowRuntimeError` instead.

    `student`: parameters, or anything that has them. `.moved` says how far the point went.
    Raises `ValueError` where the loss is below the problem's stated `least_loss`.
    """
    _checks.instance("refine", "problem", problem, AbstractProblem, "gf.refine(problem, student)")
    start = problem.check("refine", parameters_of(student))
    options = _checks.instance(
        "refine",
        "options",
        RefineOptions() if options is None else options,
        RefineOptions,
        "options=gf.RefineOptions()",
    )
    throw = _checks.flag("refine", "throw", throw)
    if bool(problem.smoothness != Smoothness.SMOOTH):
        values = evaluation.values(problem, start)
        point = _point(problem, start, values, newton_step=float("inf"), steps=0, result=RESULTS.no_hessian)
    else:
        point = _newton(problem, start, options)
        if not (options.matrix_free or bool(point.result == RESULTS.successful)):
            point = _onto_manifold(problem, start, options) or point
    if throw and not bool(point.result == RESULTS.successful):
        raise GradflowRuntimeError("refine", point.result, point)
    return point


def _newton(problem: AbstractProblem, start: PyTree, options: RefineOptions) -> Point:
    scale = evaluation.size(problem, start)
    first = evaluation.values(problem, start)
    require_bound("refine", first, problem.least_loss, scale)
    inverse_of = _solver(problem, len(first.gradient), options)
    here = inverse_of(start)
    first_step = here.newton_step(first.gradient)

    def stopped(result: Any, steps: int) -> Point:
        left = float(np.linalg.norm(first_step)) / scale
        return _point(problem, start, first, newton_step=left, steps=steps, result=result)

    def finished(end: PyTree, values: Values, here: AbstractInverse, steps: int) -> Point:
        refusal = _refused(problem, start, first, end, values, here, options)
        return _ended(problem, start, end, values, here, steps) if refusal is None else stopped(refusal, steps)

    if not (np.isfinite(here.rounding) and np.isfinite(first.loss)):
        return stopped(RESULTS.no_hessian, 0)
    along = here.along_descent(first_step)
    if not first.at_floor and leaves_saddle(along, options.saddle_distance * scale, first, problem.least_loss):
        return stopped(RESULTS.leaving_saddle, 0)
    current, values, step, fresh = start, first, first_step, True
    for steps in range(1, options.max_steps + 1):
        candidate = evaluation.displaced(problem, current, step)
        new = evaluation.values(problem, candidate)
        if values.at_floor and not new.gradient_norm < values.gradient_norm:
            return finished(current, values, here, steps - 1)
        if not np.all(np.isfinite(new.gradient)):
            return stopped(RESULTS.far_from_critical_point, steps)
        correction = here.newton_step(new.gradient)
        before, after = np.linalg.norm(step), np.linalg.norm(correction)
        if not new.at_floor and after > options.contraction * before:
            if fresh:
                return stopped(RESULTS.far_from_critical_point if steps == 1 else RESULTS.not_converged, steps)
        elif new.at_floor or after <= _CHORD * before:
            current, values, step, fresh = candidate, new, correction, False
            continue
        else:
            current, values = candidate, new
        del here  # before the next, which is as large
        here, fresh = inverse_of(current), True
        step = here.newton_step(values.gradient)
    if values.at_floor:
        return finished(current, values, here, options.max_steps)
    return stopped(RESULTS.not_converged, options.max_steps)


def _onto_manifold(problem: AbstractProblem, start: PyTree, options: RefineOptions) -> Point | None:
    """A point of a critical manifold next to the start, or one that is degenerate in as many directions, which the
    spectrum suggests; None if there is none.
    """
    first = evaluation.values(problem, start)
    if not np.all(np.isfinite(first.gradient)):
        return None
    for dimension in dimensions(problem, start, first):
        there = land(problem, start, dimension, contraction=options.contraction, max_steps=options.max_steps)
        there = there and flattest(
            problem, there, dimension, contraction=options.contraction, max_steps=options.max_steps
        )
        if there is None:
            continue
        end, values = there.parameters, there.values
        if _refused(problem, start, first, end, values, there.inverse, options) is not None:
            continue
        place = Place(problem, end, values, *evaluation.hessian(problem, end))
        if measured(place, "all").spectrum.vanishing >= dimension:
            return _ended(problem, start, end, values, there.inverse, there.steps)
    return None


def _refused(
    problem: AbstractProblem,
    start: PyTree,
    first: Values,
    end: PyTree,
    values: Values,
    here: AbstractInverse,
    options: RefineOptions,
) -> Any | None:
    """Why the end is not what the flow is heading for, or nothing."""
    scale, way = evaluation.size(problem, start), np.asarray(problem.flatten(end) - problem.flatten(start))
    if leaves_saddle(here.along_descent(way), options.saddle_distance * scale, values, problem.least_loss):
        return RESULTS.leaving_saddle
    if not first.at_floor and _curvature_change(problem, end, here, way) > options.curvature_change:
        return RESULTS.far_from_critical_point
    return None


def _ended(
    problem: AbstractProblem, start: PyTree, end: PyTree, values: Values, here: AbstractInverse, steps: int
) -> Point:
    scale, way = evaluation.size(problem, start), np.asarray(problem.flatten(end) - problem.flatten(start))
    return _point(
        problem,
        end,
        values,
        newton_step=float(np.linalg.norm(here.newton_step(values.gradient))) / scale,
        moved=float(np.linalg.norm(way)) / scale,
        moved_along=here.along_flat(way) / scale,
        steps=steps,
        result=RESULTS.successful,
    )


def _solver(problem: AbstractProblem, size: int, options: RefineOptions) -> Callable[[PyTree], AbstractInverse]:
    """How Newton's linear systems are solved."""
    if options.matrix_free:
        return lambda parameters: krylov_inverse(problem, parameters)
    _memory.require(
        "refine",
        _memory.matrices(_MATRICES, size),
        f"the Hessian of {size} parameters and its factor",
        "Write options=gf.RefineOptions(matrix_free=True): conjugate gradients hold no matrix.",
    )
    return lambda parameters: inverse_at(problem, parameters)


def _curvature_change(
    problem: AbstractProblem, end: PyTree, inverse: AbstractInverse, way: Float[np.ndarray, " param"]
) -> float:
    """The largest relative change of the Hessian on the way to the end, looked at in four places."""
    here = evaluation.product(problem, end)
    changes = [0.0]
    for part in (0.25, 0.5, 0.75, 1.0):
        there = evaluation.product(problem, evaluation.displaced(problem, end, -part * way))
        changes.append(inverse.relative_change(_difference(there, here), way))
    return max(changes)


def _difference(there: Product, here: Product) -> Product:
    return lambda vector: there(vector) - here(vector)


def _point(
    problem: AbstractProblem,
    parameters: PyTree,
    values: Values,
    *,
    newton_step: float,
    steps: int,
    result: Any,
    moved: float = 0.0,
    moved_along: float = 0.0,
) -> Point:
    return Point(
        problem=problem,
        parameters=problem.whole(parameters),
        loss=values.loss,
        loss_floor=values.loss_floor,
        gradient_norm=values.gradient_norm,
        gradient_floor=values.gradient_floor,
        newton_step=newton_step,
        moved=moved,
        moved_along=moved_along,
        steps=steps,
        result=result,
    )
