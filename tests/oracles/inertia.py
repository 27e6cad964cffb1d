"""The critical point next to a given one, and the signs of its Hessian's eigenvalues, with fifty digits.

Where critical points form a set, Newton's method takes the shortest way onto it: eigenvalues that vanish are no
direction to go. That they vanish is told at the end, by digits: with sixty digits an eigenvalue of zero comes out below
1e-40, and another does not.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np

from oracles.landscape import Numbers, exact, size

DIGITS = 60
# relative to the largest entry of the Hessian: pivots between the two are neither zero nor not
_ZERO, _NOT_ZERO = 1e-36, 1e-20
# of the gradient of a critical point, whose Hessian then is that of the point itself to as many digits
_CRITICAL = 1e-42
# eigenvalues below this part of the largest are no direction for a Newton step in the first place; the last is for
# eigenvalues like 1e-12 of it
_CUTS = (1e-7, 1e-9, 1e-11, 1e-13)
_STEPS = 40
# what is further away, relative to the point's size, is another critical point
_NEAR = 1e-4
# Bunch & Parlett: the growth of entries is least with this choice between one and two pivots
_ALPHA = (1 + 17**0.5) / 8


class Inertia(NamedTuple):
    """How many eigenvalues are negative, and zero."""

    index: int
    nullity: int


class Settled(NamedTuple):
    """The critical point and its distance from where it was looked for, relative to max(‖θ‖, 1)."""

    point: Numbers
    moved: float
    inertia: Inertia


def inertia(matrix: Numbers) -> Inertia | None:
    """Of a symmetric matrix, by LDLᵀ with complete pivoting and Sylvester's law; None if a pivot is neither zero nor
    not.
    """
    left = np.array(matrix, dtype=object)
    largest = float(np.max(np.abs(left.astype(np.float64)), initial=0.0))
    negative, done = 0, 0
    while len(left):
        sizes = np.abs(left.astype(np.float64))
        i = int(np.argmax(np.diagonal(sizes)))
        j, k = np.unravel_index(int(np.argmax(sizes)), sizes.shape)
        if sizes[j, k] <= _ZERO * largest:
            break
        if sizes[j, k] < _NOT_ZERO * largest:
            return None
        if sizes[i, i] >= _ALPHA * sizes[j, k]:
            negative += int(left[i, i] < 0)
            chosen, inverse = [i], np.array([[1 / left[i, i]]], dtype=object)
        else:  # of opposite signs, since the determinant is negative
            negative += 1
            chosen = [int(j), int(k)]
            a, b, c = left[j, j], left[j, k], left[k, k]
            inverse = exact([[c, -b], [-b, a]]) / (a * c - b * b)
        others = np.delete(np.arange(len(left)), chosen)
        beside = left[np.ix_(others, chosen)]
        left = left[np.ix_(others, others)] - beside @ inverse @ beside.T
        done += len(chosen)
    return Inertia(negative, len(matrix) - done)


def settled(
    start: Any, gradient: Callable[[Numbers], Numbers], hessian: Callable[[Numbers], Numbers]
) -> Settled | None:
    """The critical point next to `start`; None where Newton's method does not come to one, or its Hessian's inertia is
    not told.

    The steps use one Hessian, in float64, and gain the more digits the closer its critical point is.
    """
    with mpmath.workdps(DIGITS):
        given = exact(start)
        values, vectors = np.linalg.eigh(hessian(given).astype(np.float64))
        for cut in _CUTS:
            kept = np.abs(values) > cut * np.max(np.abs(values), initial=0.0)
            found = _newton(given, gradient, values[kept], vectors[:, kept])
            if found is not None:
                signs = inertia(hessian(found))
                moved = float(size(found - given)) / max(float(size(given)), 1.0)
                return None if signs is None or moved > _NEAR else Settled(found, moved, signs)
    return None


def _newton(
    point: Numbers, gradient: Callable[[Numbers], Numbers], values: np.ndarray, vectors: np.ndarray
) -> Numbers | None:
    slope = gradient(point)
    for _ in range(_STEPS):
        length = float(size(slope))
        if length < _CRITICAL:
            return point
        # scaled: float64 ends at 1e-308, its squares earlier
        along = vectors.T @ (slope / length).astype(np.float64)
        point = point - exact(vectors @ (along / values)) * length
        slope = gradient(point)
        if not size(slope) < length / 2:
            return None
    return None
