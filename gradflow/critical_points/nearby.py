"""The critical point, of any index, that a student is near to without converging to it."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, PyTree

from gradflow._results import RESULTS
from gradflow.critical_points._refine import RefineOptions, refine
from gradflow.critical_points.inverse import eigen_inverse
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.critical_points.point import Point
from gradflow.problems import AbstractProblem, evaluation

# 12 to 25 damped steps led to isolated saddles; next to those that are not isolated there is no end to them
_MOST_STEPS = 60
# the first damped step, relative to how far the search may go
_FIRST_STEP = 0.1
# a step is taken if the gradient's change differs from the linear one by less than the first, in units of the step it
# would cause, and the next may be twice as long if by less than the second
_FAIR, _GOOD = 0.5, 0.2
# a damped step this small, relative to max(‖θ‖, 1), leaves the rest to `refine`; one that cannot be larger fails
_CLOSE, _STUCK = 1e-6, 1e-8


class _Curvature(NamedTuple):
    """The Hessian by its eigenvalues, ascending, and the gradient in its eigenvectors."""

    values: Float[np.ndarray, " mode"]
    vectors: Float[np.ndarray, "param mode"]
    slopes: Float[np.ndarray, " mode"]

    def over(self, slopes: Float[np.ndarray, " mode"], damping: float) -> Float[np.ndarray, " mode"]:
        """Slopes/(|λ| + μ); infinite, without a warning, along a mode of no curvature."""
        with np.errstate(over="ignore"):
            found: Float[np.ndarray, " mode"] = slopes / np.maximum(np.abs(self.values) + damping, np.finfo(float).tiny)
        return found

    def step(self, climbed: int, radius: float) -> tuple[Float[np.ndarray, " mode"], float]:
        """±∂L/(|λ| + μ), up along the `climbed` least modes and down along the others, with the least μ ≥ 0 that keeps
        it within the radius; and μ.
        """
        signs = np.where(np.arange(len(self.values)) < climbed, 1.0, -1.0)

        def damped(damping: float) -> Float[np.ndarray, " mode"]:
            return self.over(signs * self.slopes, damping)

        if np.linalg.norm(damped(0.0)) <= radius:
            return damped(0.0), 0.0
        low, high = 0.0, float(np.linalg.norm(self.slopes)) / radius
        while high - low > 1e-3 * high:  # the step needs no more than its size
            middle = (low + high) / 2
            low, high = (middle, high) if np.linalg.norm(damped(middle)) > radius else (low, middle)
        return damped(high), high


@overflow_is_looked_at
def nearby_critical_point(problem: AbstractProblem, start: PyTree, within: float) -> Point | None:
    """The critical point that Newton's method finds from `start` within `within`·max(‖θ‖, 1) of it: at once, or after
    damped steps; None if it finds none there.

    With m negative eigenvalues, damped steps climb along the m least eigenvectors and descend along the others,
    ±∂L/(|λ| + μ): implicit Euler steps of a flow to which saddles of index m attract. m is that of the start; if that
    leads nowhere, that of every step, since the curvature of soft modes changes sign over short distances. They alone
    prove nothing: the end is `refine`'s, at the gradient floor. `.moved` is from `start`. None does not mean that there
    is no critical point. Source: Yin, Zhang & Zhang, SIAM J. Sci. Comput. 41 (2019), for the flow.
    """
    # unlike at the end of a flow, a saddle that is being left is what is looked for
    options = RefineOptions(saddle_distance=within)
    size, origin = evaluation.size(problem, start), np.asarray(problem.flatten(start))

    def moved(to: PyTree) -> float:
        return float(np.linalg.norm(np.asarray(problem.flatten(to)) - origin)) / size

    point = refine(problem, start, options=options)
    if not bool(point.result == RESULTS.successful):
        closer = _damped(problem, start, within, keeping=True)
        closer = _damped(problem, start, within, keeping=False) if closer is None else closer
        if closer is None:
            return None
        point = refine(problem, closer, options=options)
    far = moved(point.parameters)
    return replace(point, moved=far) if bool(point.result == RESULTS.successful) and far <= within else None


def _damped(problem: AbstractProblem, start: PyTree, within: float, *, keeping: bool) -> PyTree | None:
    """Where damped steps have become small, None if they do not within the distance; `keeping` as many modes to climb
    as at the start.
    """
    size, origin = evaluation.size(problem, start), np.asarray(problem.flatten(start))
    current, gradient = start, evaluation.values(problem, start).gradient
    radius, climbed = _FIRST_STEP * within * size, None
    for _ in range(_MOST_STEPS):
        matrix, rounding = evaluation.hessian(problem, current)
        whole = eigen_inverse(matrix, rounding)
        if not np.isfinite(whole.rounding):
            return None
        values, vectors = whole.eigenvalues, whole.eigenvectors
        here = _Curvature(values, vectors, vectors.T @ gradient)
        climbed = climbed if keeping and climbed is not None else int(np.sum(values < 0))
        while True:
            step, damping = here.step(climbed, radius)
            length = float(np.linalg.norm(step))
            if length == 0:
                return current
            candidate = evaluation.displaced(problem, current, vectors @ step)
            new = evaluation.values(problem, candidate).gradient
            surprise = here.over(vectors.T @ new - here.slopes - values * step, damping)
            error = float(np.linalg.norm(surprise)) / length
            if error < _FAIR:
                break
            radius = length / 3
            if not radius > _STUCK * size:
                return None
        current, gradient = candidate, new
        if damping == 0 and length < _CLOSE * size:
            return current
        if np.linalg.norm(np.asarray(problem.flatten(current)) - origin) > within * size:
            return None
        if error < _GOOD:
            radius = max(radius, 2 * length)
    return None
