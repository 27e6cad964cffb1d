"""refine: Newton's method on ∇L, to the critical point that the flow is heading for, or not at all."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._results import RESULTS, GradflowRuntimeError
from gradflow.critical_points.point import Point
from gradflow.critical_points.predicates import at_floor
from gradflow.critical_points.spectrum import Spectrum, spectrum
from gradflow.problems import AbstractProblem, Smoothness, evaluation
from gradflow.problems.base import parameters_of
from gradflow.problems.evaluation import Values


class RefineOptions(eqx.Module):
    """When Newton's method is trusted.

    `contraction`: the first simplified Newton correction must be at most this much of the first step. Affine-invariant
    theory (Deuflhard, Newton Methods for Nonlinear Problems, 2004, section 2.1) gives convergence for ratios below 1 at
    best; at 1/4 the limit is in the ball around the start. `saddle_distance`: a saddle is where the flow ends only for
    a start on it, that is, closer to it than half the digits: the flow leaves any other. `max_steps`: Newton's method
    doubles the digits a step; what has not converged by then will not. `curvature_change`: along the way from the given
    point the Hessian may change by at most this fraction, relative to itself at the start (‖|H|^{−1/2} ΔH |H|^{−1/2}‖,
    eigenvalues inside their bound left out): a step of one large coordinate can hide another's jump into the next well.
    """

    contraction: Checked[float] = 0.25
    saddle_distance: Checked[float] = 1.5e-8
    curvature_change: Checked[float] = 0.5
    max_steps: Checked[int] = 20

    def __check_init__(self) -> None:
        _checks.tolerance("RefineOptions", "contraction", self.contraction)
        _checks.tolerance("RefineOptions", "saddle_distance", self.saddle_distance, zero=True)
        _checks.tolerance("RefineOptions", "curvature_change", self.curvature_change)
        _checks.count("RefineOptions", "max_steps", self.max_steps, "max_steps=20")


def refine(
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    options: Checked[RefineOptions | None] = None,
    throw: Checked[bool] = False,
) -> Point:
    """The critical point that the flow from here is heading for, at the rounding level of its gradient.

    Newton's method with the Hessian's pseudo-inverse (eigenvalues inside their error bound are cut, so that symmetry
    orbits and other flat sets do no harm), accepted only if its first steps contract, if the Hessian stays comparable
    on the way, if it does not converge to a saddle that the flow is leaving, and if it ends at the gradient floor.
    Otherwise the given point is returned, and `.result` says why: "not converged" is an answer, and follows from the
    point as often as from the method (a channel to infinity has no end; next to degenerate points Newton's method
    converges linearly at best). With `throw=True` it raises `GradflowRuntimeError` instead.

    `student`: parameters, or anything that has them. `.moved` says how far the point went.
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
    if bool(problem.smoothness != Smoothness.SMOOTH):
        values = evaluation.values(problem, start)
        point = _point(problem, start, values, newton_step=float("inf"), moved=0.0, steps=0, result=RESULTS.no_hessian)
    else:
        point = _newton(problem, start, options)
    if throw and not bool(point.result == RESULTS.successful):
        raise GradflowRuntimeError("refine", point.result, point)
    return point


def _newton(problem: AbstractProblem, start: PyTree, options: RefineOptions) -> Point:
    scale = evaluation.size(problem, start)
    first, first_spectrum = evaluation.values(problem, start), spectrum(problem, start)
    first_step = first_spectrum.newton_step(first.gradient)
    known = np.isfinite(first_spectrum.rounding)

    def stopped(result: Any, steps: int) -> Point:
        left = float(np.linalg.norm(first_step)) / scale
        return _point(problem, start, first, newton_step=left, moved=0.0, steps=steps, result=result)

    def finished(end: PyTree, values: Values, here: Spectrum, steps: int) -> Point:
        way = np.asarray(problem.flatten(end) - problem.flatten(start))
        if _along_descent(here, way) > options.saddle_distance * scale:
            return stopped(RESULTS.leaving_saddle, steps)
        if not at_floor(first) and _curvature_change(problem, start, first_spectrum, way) > options.curvature_change:
            return stopped(RESULTS.far_from_critical_point, steps)
        left = float(np.linalg.norm(here.newton_step(values.gradient))) / scale
        moved = float(np.linalg.norm(way)) / scale
        return _point(problem, end, values, newton_step=left, moved=moved, steps=steps, result=RESULTS.successful)

    if not known:
        return stopped(RESULTS.no_hessian, 0)
    if not at_floor(first) and _along_descent(first_spectrum, first_step) > options.saddle_distance * scale:
        return stopped(RESULTS.leaving_saddle, 0)
    current, values, here, step = start, first, first_spectrum, first_step
    for steps in range(1, options.max_steps + 1):
        candidate = evaluation.displaced(problem, current, step)
        new = evaluation.values(problem, candidate)
        if at_floor(values) and not new.gradient_norm < values.gradient_norm:
            return finished(current, values, here, steps - 1)
        if not np.all(np.isfinite(new.gradient)):
            return stopped(RESULTS.far_from_critical_point, steps)
        correction = np.linalg.norm(here.newton_step(new.gradient))
        if not at_floor(new) and correction > options.contraction * np.linalg.norm(step):
            return stopped(RESULTS.far_from_critical_point if steps == 1 else RESULTS.not_converged, steps)
        current, values, here = candidate, new, spectrum(problem, candidate)
        step = here.newton_step(values.gradient)
    if at_floor(values):
        return finished(current, values, here, options.max_steps)
    return stopped(RESULTS.not_converged, options.max_steps)


def _curvature_change(
    problem: AbstractProblem, start: PyTree, first: Spectrum, way: Float[np.ndarray, " param"]
) -> float:
    """The largest relative change of the Hessian on the way, looked at in four places."""
    kept = ~first.vanishing
    scaled = first.eigenvectors[:, kept] / np.sqrt(np.abs(first.eigenvalues[kept]))
    changes = [0.0]
    for part in (0.25, 0.5, 0.75, 1.0):
        there, _ = evaluation.hessian(problem, evaluation.displaced(problem, start, part * way))
        change = scaled.T @ (there - first.hessian) @ scaled
        if not np.all(np.isfinite(change)):
            return float("inf")
        changes.append(float(np.linalg.norm(change, 2)))
    return max(changes)


def _along_descent(here: Spectrum, step: Float[np.ndarray, " param"]) -> float:
    """The length of the part of a step along directions of negative curvature, along which the flow leaves a saddle."""
    return float(np.linalg.norm(here.eigenvectors[:, here.negative].T @ step))


def _point(
    problem: AbstractProblem,
    parameters: PyTree,
    values: Values,
    *,
    newton_step: float,
    moved: float,
    steps: int,
    result: Any,
) -> Point:
    return Point(
        problem=problem,
        parameters=parameters,
        loss=values.loss,
        loss_floor=values.loss_floor,
        gradient_norm=values.gradient_norm,
        gradient_floor=values.gradient_floor,
        newton_step=newton_step,
        moved=moved,
        steps=steps,
        result=result,
    )
