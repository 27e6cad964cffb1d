"""Newton's method across a set of critical points that are not isolated: in the directions in which the loss is curved.

Next to a critical manifold, a distance δ from it, ∇L is Hδ across it and O(δ²) along it, while the curvature along it
is O(δ): far more than rounding, of either sign, and nothing to divide by.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, PyTree

from gradflow.critical_points.inverse import EigenInverse, across_orbits, eigen_inverse
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.evaluation import Values
from gradflow.problems.rounding import AT_FLOOR, EPSILON

# what a number of flat directions must show before it is tried: so much more curvature in the next direction, and no
# more than this part of the gradient along them; or, where they may be degenerate, which keeps a gradient along them,
# a gap such as the square of a distance makes. Of those that do, as many as this: the clearest gaps first
_GAP, _ALONG, _DEGENERATE_GAP, _TRIED = 10.0, 0.1, 1e3, 3

# the ratio of Newton's steps next to a point with L ~ |x|^p: p from 2.5 to 21; and how often it is extrapolated: a
# gradient that is exact near θ = 0, of 1e-9 at first, is zero in float64 after eight times
_FLATTER, _EXTRAPOLATIONS = (0.33, 0.95), 12
# of the largest curvature along the soft directions: below it they are flat, and no step is taken there
_FLAT = 1e-6
# steps at rounding, each of which must halve the gradient
_POLISHING = 4


class Landing(NamedTuple):
    """Where the part of ∇L across a flat set is rounding; `inverse` is H's there, without the flat directions."""

    parameters: PyTree
    values: Values
    inverse: EigenInverse
    steps: int

    @property
    def slope(self) -> float:
        """The length of the part of ∇L along the flat directions; 0 where that is rounding, or less than what is left
        across them, of which it is a small part next to a critical manifold.
        """
        flat, curved = (
            self.inverse.eigenvectors[:, part] for part in (self.inverse.vanishing, ~self.inverse.vanishing)
        )
        rounding = np.sqrt(flat.T**2 @ self.values.gradient_rounding**2)
        along, across = flat.T @ self.values.gradient, curved.T @ self.values.gradient
        if np.all(np.abs(along) <= AT_FLOOR * rounding) or np.linalg.norm(along) <= np.linalg.norm(across):
            return 0.0
        return float(np.linalg.norm(along))

    @property
    def slope_rounding(self) -> float:
        """The rounding of the slope."""
        flat = self.inverse.eigenvectors[:, self.inverse.vanishing]
        return float(np.linalg.norm(np.sqrt(flat.T**2 @ self.values.gradient_rounding**2)))

    def outwards(self, step: Float[np.ndarray, " param"]) -> float:
        """The part of ∇L along a step, in the flat directions; 0 within rounding."""
        flat = self.inverse.eigenvectors[:, self.inverse.vanishing]
        way = flat @ (flat.T @ step)
        way = way / np.linalg.norm(way)
        slope, rounding = float(way @ self.values.gradient), float(np.abs(way) @ self.values.gradient_rounding)
        return slope if abs(slope) > AT_FLOOR * rounding else 0.0

    @property
    def loss_left(self) -> float:
        """What the loss may be above that of the critical point next to here, by what is left of the gradient across
        the flat directions and its rounding: Σ_i g_i²/(2 |λ_i|). Beside a perfect fit that is more than its rounding.
        """
        curved = ~self.inverse.vanishing
        modes = self.inverse.eigenvectors[:, curved].T
        slopes = np.abs(modes @ self.values.gradient) + np.sqrt(modes**2 @ self.values.gradient_rounding**2)
        return float(np.sum(slopes**2 / (2 * np.abs(self.inverse.eigenvalues[curved]))))

    @property
    def soft_step(self) -> Float[np.ndarray, " param"]:
        """Newton's step along the flat directions, as far as they are curved: beyond rounding, if any is."""
        vanishing = self.inverse.vanishing
        values, flat = self.inverse.eigenvalues[vanishing], self.inverse.eigenvectors[:, vanishing]
        largest, rounding = float(np.max(np.abs(values), initial=0.0)), float(np.min(self.inverse.error))
        curved = np.abs(values) > max(_FLAT * largest, rounding if rounding < largest else 0.0)
        slopes = flat.T @ self.values.gradient
        step: Float[np.ndarray, " param"] = -flat[:, curved] @ (slopes[curved] / values[curved])
        return step


def dimensions(problem: AbstractProblem, parameters: PyTree, values: Values) -> list[int]:
    """How many flat directions a critical manifold near here might have, the likeliest first; at last all of them: a
    loss of fourth order in everything has no gap to show.
    """
    here = _inverse(problem, parameters, 0)
    order = np.argsort(np.abs(here.eigenvalues))
    sizes = np.maximum.accumulate(np.maximum(np.abs(here.eigenvalues), here.error)[order])
    slopes = np.cumsum((here.eigenvectors.T @ values.gradient)[order] ** 2)
    if not (np.isfinite(here.rounding) and sizes[-1] > 0 and np.isfinite(slopes[-1])):
        return []
    gaps = sizes[1:] / np.maximum(sizes[:-1], np.finfo(float).tiny)
    likely = ((gaps >= _GAP) & (slopes[:-1] <= _ALONG**2 * slopes[-1])) | (gaps >= _DEGENERATE_GAP)
    found = [int(place) + 1 for place in np.argsort(-gaps, kind="stable") if likely[place]][:_TRIED]
    return [*found, len(sizes)]


def land(
    problem: AbstractProblem, start: PyTree, dimension: int, *, contraction: float, max_steps: int
) -> Landing | None:
    """Newton's method without the `dimension` softest directions of each Hessian, to where the gradient across them or
    the step is rounding; None where its steps do not contract as `RefineOptions.contraction` says.
    """
    resolution = EPSILON * evaluation.size(problem, start)
    current, values = start, evaluation.values(problem, start)
    inverse = _inverse(problem, current, dimension)
    if not np.isfinite(inverse.rounding) or not np.all(np.isfinite(values.gradient)):
        return None
    step = inverse.newton_step(values.gradient)
    for steps in range(1, max_steps + 1):
        candidate = evaluation.displaced(problem, current, step)
        if not np.all(np.isfinite(problem.flatten(candidate))):
            return None
        new = evaluation.values(problem, candidate)
        if not np.all(np.isfinite(new.gradient)):
            return None
        before, after = np.linalg.norm(step), np.linalg.norm(inverse.newton_step(new.gradient))
        arrived = _at_floor(inverse, new) or after <= resolution
        if not (arrived or after <= contraction * before):
            return None
        current, values = candidate, new
        inverse = _inverse(problem, current, dimension)
        if not np.isfinite(inverse.rounding):
            return None
        if arrived:
            return _polished(problem, dimension, Landing(current, values, inverse, steps))
        step = inverse.newton_step(values.gradient)
    return None


def flattest(
    problem: AbstractProblem, there: Landing, dimension: int, *, contraction: float, max_steps: int
) -> Landing | None:
    """On along the soft directions to a point where the loss is flatter than a quadratic in them, L ~ |x|^p: there
    Newton's steps fall by (p − 2)/(p − 1) each, and two of them tell where they would end. None if they do not.
    """
    began = there.values
    for _ in range(_EXTRAPOLATIONS):
        if there.values.at_floor:
            break
        first = there.soft_step
        nearer = land(
            problem,
            evaluation.displaced(problem, there.parameters, first),
            dimension,
            contraction=contraction,
            max_steps=max_steps,
        )
        if nearer is None:
            return None
        length = float(np.linalg.norm(first))
        ratio = float(first / length @ nearer.soft_step) / length if length > 0 else 0.0
        if not _FLATTER[0] < ratio < _FLATTER[1]:
            return None
        goal = evaluation.displaced(problem, there.parameters, first / (1 - ratio))
        further = land(problem, goal, dimension, contraction=contraction, max_steps=max_steps)
        if further is None or not further.values.gradient_norm < there.values.gradient_norm:
            return None
        there = further
    # the flow descends along the soft directions: from where the loss is lower it does not come here
    descends = there.values.loss <= began.loss + AT_FLOOR * (began.loss_floor + there.values.loss_floor)
    return there if there.values.at_floor and descends else None


def _polished(problem: AbstractProblem, dimension: int, there: Landing) -> Landing:
    """Some steps further, where that is nearer: the curvature along the manifold falls with the distance from it."""
    for _ in range(_POLISHING):
        candidate = evaluation.displaced(problem, there.parameters, there.inverse.newton_step(there.values.gradient))
        values = evaluation.values(problem, candidate)
        if not values.gradient_norm <= there.values.gradient_norm / 2:
            break
        there = Landing(candidate, values, _inverse(problem, candidate, dimension), there.steps + 1)
    return there


def _inverse(problem: AbstractProblem, parameters: PyTree, dimension: int) -> EigenInverse:
    """With the `dimension` softest eigenvalues taken for zero."""
    whole = eigen_inverse(*across_orbits(problem, parameters))
    error, sizes = whole.error.copy(), np.abs(whole.eigenvalues)
    softest = np.argsort(sizes)[:dimension]
    error[softest] = np.maximum(error[softest], sizes[softest])
    return replace(whole, error=error)


def _at_floor(inverse: EigenInverse, values: Values) -> bool:
    """∇L across the flat directions is rounding, mode by mode."""
    curved = inverse.eigenvectors[:, ~inverse.vanishing]
    rounding = np.sqrt(curved.T**2 @ values.gradient_rounding**2)
    return bool(np.all(np.abs(curved.T @ values.gradient) <= AT_FLOOR * rounding))
