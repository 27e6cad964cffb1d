"""Newton's method across a set of critical points that are not isolated: in the directions in which the loss is curved.

Next to a critical manifold, a distance δ from it, ∇L is Hδ across it and O(δ²) along it, while the curvature along it
is O(δ): far more than rounding, of either sign, and nothing to divide by.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import PyTree

from gradflow.critical_points.inverse import EigenInverse, across_orbits, eigen_inverse
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.evaluation import Values
from gradflow.problems.rounding import AT_FLOOR

# what a number of flat directions must show before it is tried: so much more curvature in the next direction, and no
# more than this part of the gradient along them. Of those that do, as many as this: the clearest gaps first
_GAP, _ALONG, _TRIED = 10.0, 0.1, 3


class Landing(NamedTuple):
    """Where the part of ∇L across a flat set is rounding; `inverse` is H's there, without the flat directions."""

    parameters: PyTree
    values: Values
    inverse: EigenInverse
    steps: int

    @property
    def slope(self) -> float:
        """The length of the part of ∇L along the flat directions."""
        flat = self.inverse.eigenvectors[:, self.inverse.vanishing]
        return float(np.linalg.norm(flat.T @ self.values.gradient))


def dimensions(problem: AbstractProblem, parameters: PyTree, values: Values) -> list[int]:
    """How many flat directions a critical manifold near here might have, the likeliest first."""
    here = _inverse(problem, parameters, 0)
    order = np.argsort(np.abs(here.eigenvalues))
    sizes = np.maximum.accumulate(np.maximum(np.abs(here.eigenvalues), here.error)[order])
    slopes = np.cumsum((here.eigenvectors.T @ values.gradient)[order] ** 2)
    if not (np.isfinite(here.rounding) and sizes[-1] > 0 and np.isfinite(slopes[-1])):
        return []
    gaps = sizes[1:] / np.maximum(sizes[:-1], np.finfo(float).tiny)
    likely = (gaps >= _GAP) & (slopes[:-1] <= _ALONG**2 * slopes[-1])
    return [int(place) + 1 for place in np.argsort(-gaps, kind="stable") if likely[place]][:_TRIED]


def land(
    problem: AbstractProblem, start: PyTree, dimension: int, *, contraction: float, max_steps: int
) -> Landing | None:
    """Newton's method without the `dimension` softest directions of each Hessian; None where its steps do not contract
    as `RefineOptions.contraction` says.
    """
    current, values = start, evaluation.values(problem, start)
    inverse = _inverse(problem, current, dimension)
    if not np.isfinite(inverse.rounding) or not np.all(np.isfinite(values.gradient)):
        return None
    step = inverse.newton_step(values.gradient)
    for steps in range(1, max_steps + 1):
        candidate = evaluation.displaced(problem, current, step)
        new = evaluation.values(problem, candidate)
        if not np.all(np.isfinite(new.gradient)):
            return None
        before, after = np.linalg.norm(step), np.linalg.norm(inverse.newton_step(new.gradient))
        arrived = _at_floor(inverse, new)
        if not (arrived or after <= contraction * before):
            return None
        current, values = candidate, new
        inverse = _inverse(problem, current, dimension)
        if not np.isfinite(inverse.rounding):
            return None
        if arrived and _at_floor(inverse, values):
            return _polished(problem, dimension, Landing(current, values, inverse, steps))
        step = inverse.newton_step(values.gradient)
    return None


def _polished(problem: AbstractProblem, dimension: int, there: Landing) -> Landing:
    """A step further, where that is nearer: the curvature along the manifold falls with the distance from it."""
    step = there.inverse.newton_step(there.values.gradient)
    candidate = evaluation.displaced(problem, there.parameters, step)
    values = evaluation.values(problem, candidate)
    if not values.gradient_norm < there.values.gradient_norm:
        return there
    return Landing(candidate, values, _inverse(problem, candidate, dimension), there.steps + 1)


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
