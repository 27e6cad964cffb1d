"""How many eigenvalues of a matrix are negative and how far all of them are from zero, proved in float64.

LAPACK proposes eigenvectors and Cholesky factors; only matrix products are relied on, whose rounding is bounded
beforehand in whatever order they add.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from jaxtyping import Float

from gradflow.proofs.dense.hessian import BoundedMatrix
from gradflow.proofs.dense.modes import Modes
from gradflow.proofs.roundings import UNIT, gamma

# of the estimated least eigenvalue: what is proved lies a little below
_SHARE = 0.9
# of the least eigenvalue: what is left open of one that rounding resolves
_LEAST_WIDTH = 2.0**-30
# of bounds that are themselves sums of positive numbers, and of the last few operations
_SLACK = 1 + 2.0**-20
_NEARLY = 1 - 2.0**-40
# what products that underflow can lose
_UNDERFLOW = 1e-200


@dataclass(frozen=True)
class Inertia:
    """`index` eigenvalues are at most −gap, all others at least gap; nothing is proved unless gap > 0."""

    index: int
    gap: float


def verified_inertia(bounded: BoundedMatrix, modes: Modes) -> Inertia:
    """The inertia of every matrix within `bounded.error` of `bounded.matrix`.

    With X the modes that seem negative, m of them, and B = H + X diag(β) Xᵀ, β > 0: adding m positive terms moves no
    more than m eigenvalues past another, so that λ_{m+1}(H) ≥ λ_1(B) (Weyl), and λ_1(B) ≥ s − ‖B − sI − RRᵀ‖ for any R
    at all. And λ_m(H) ≤ max yᵀHy/yᵀy over y in the span of X (Courant–Fischer). Source of the shifted factor: Rump,
    Verification of positive definiteness, BIT 46 (2006).
    """
    matrix, error = bounded
    index, below = modes.index, np.inf
    if index:
        low = modes.vectors[:, :index]
        below = -_greatest_quotient(matrix, low) - error / _NEARLY
        lift = 2 * np.abs(modes.eigenvalues[:index]) + modes.gap
        matrix = matrix + (low * lift) @ low.T
        # of the product, |X| diag(β) |X|ᵀ having the norm Σ β ‖x‖² at most, of the sum, and of its mean with its mirror
        sizes = float(np.sum(lift * np.sum(low * low, axis=0)))
        error += _SLACK * (gamma(index + 2) * sizes + 2 * UNIT * _frobenius(matrix))
        matrix = (matrix + matrix.T) / 2
    shift = _SHARE * modes.gap
    above = _NEARLY * shift - (_distance(matrix, shift) + error) / _NEARLY
    # NaN included, which Python's min passes over
    return Inertia(index, float(_NEARLY * np.minimum(above, below)))


def least_eigenvalue(bounded: BoundedMatrix, modes: Modes) -> tuple[float, float]:
    """Bounds on the least eigenvalue of every matrix within `bounded.error`: a shifted factor from below, the quotient
    of an eigenvector from above.
    """
    (matrix, error), size = bounded, len(bounded.matrix)
    value = float(modes.eigenvalues[0])
    # nearer to it, rounding makes factors fail
    room = 8 * gamma(size) * (float(np.sum(np.abs(np.diag(matrix)))) + size * abs(value))
    shift = value - max(room, _LEAST_WIDTH * abs(value))
    lower = shift - (_distance(matrix, shift) + error) / _NEARLY
    upper = _greatest_quotient(matrix, modes.vectors[:, :1]) + error / _NEARLY
    return lower - (1 - _NEARLY) * abs(lower), upper + (1 - _NEARLY) * abs(upper)


def _greatest_quotient(matrix: Float[np.ndarray, "param param"], low: Float[np.ndarray, "param mode"]) -> float:
    """A bound on yᵀHy/yᵀy over y in the span of X, by Gershgorin's circles of XᵀHX and XᵀX."""
    size = len(low)
    form, gram = _symmetric(low.T @ (matrix @ low)), _symmetric(low.T @ low)
    lengths = float(np.sum(low * low))
    largest = float(np.max(np.diag(form) + _others(form))) + _SLACK * gamma(2 * size + 4) * lengths * _frobenius(matrix)
    gram_error = _SLACK * gamma(size + 4) * lengths
    longest = float(np.max(np.diag(gram) + _others(gram))) * _SLACK + gram_error
    shortest = float(np.min(np.diag(gram) - _others(gram))) / _SLACK - gram_error
    if largest < 0:
        return _NEARLY * largest / longest
    return largest / shortest / _NEARLY if shortest > 0 else np.inf


def _symmetric(matrix: Float[np.ndarray, "row column"]) -> Float[np.ndarray, "row column"]:
    found: np.ndarray = (matrix + matrix.T) / 2
    return found


def _others(matrix: Float[np.ndarray, "row column"]) -> Float[np.ndarray, " row"]:
    """Sums of the absolute values beside the diagonal."""
    sizes = np.abs(matrix)
    np.fill_diagonal(sizes, 0.0)
    sums: np.ndarray = _SLACK * np.sum(sizes, axis=1)
    return sums


def _distance(matrix: Float[np.ndarray, "param param"], shift: float) -> float:
    """A bound on ‖A − sI − RRᵀ‖ for a factor R, so that all eigenvalues of A are at least s less this; infinite if
    there is no factor.
    """
    shifted = matrix.copy()
    np.fill_diagonal(shifted, np.diag(matrix) - shift)
    diagonal = float(np.max(np.abs(np.diag(shifted))))
    try:
        factor = scipy.linalg.cholesky(shifted, lower=True, check_finite=False)
    except scipy.linalg.LinAlgError:
        return np.inf
    sizes = float(np.sum(factor * factor))
    shifted -= factor @ factor.T
    left = max(float(np.max(np.sum(np.abs(shifted), axis=axis))) for axis in (0, 1))
    # |R||R|ᵀ has the norm ‖R‖² at most, in Frobenius' sense
    return _SLACK * (left + gamma(len(matrix) + 2) * sizes + 2 * UNIT * diagonal) + _UNDERFLOW


def _frobenius(matrix: Float[np.ndarray, "row column"]) -> float:
    return float(np.linalg.norm(matrix))
