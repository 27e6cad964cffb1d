"""What LAPACK proposes about a Hessian: its low modes, and Newton steps. Nothing here is proved."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from jaxtyping import Float

Vector = Float[np.ndarray, " param"]

# all eigenvectors up to this size, a second; beyond, a Cholesky factor and a few products take a tenth of the time
_WHOLE_SPECTRUM = 1500
# of the least eigenvalue, which is only to be stayed below
_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Modes:
    """The negative eigenvalues and the least positive one (mode,), ascending, their vectors (param, mode), and
    x ↦ H⁻¹x.
    """

    eigenvalues: Float[np.ndarray, " mode"]
    vectors: Float[np.ndarray, "param mode"]
    solve: Callable[[Vector], Vector]

    @property
    def index(self) -> int:
        """How many seem negative."""
        return int(np.sum(self.eigenvalues < 0))

    @property
    def gap(self) -> float:
        """How far from zero they seem to be."""
        return float(np.min(np.abs(self.eigenvalues)))


def low_modes(matrix: Float[np.ndarray, "param param"]) -> Modes:
    """Of a symmetric matrix."""
    if len(matrix) <= _WHOLE_SPECTRUM:
        return _of_all(matrix)
    try:
        factor = scipy.linalg.cho_factor(matrix, lower=True, check_finite=False)
    except scipy.linalg.LinAlgError:
        return _of_all(matrix)

    def solve(vector: Vector) -> Vector:
        found: Vector = scipy.linalg.cho_solve(factor, vector, check_finite=False)
        return found

    inverse = scipy.sparse.linalg.LinearOperator(matrix.shape, matvec=solve, dtype=np.float64)
    start = np.random.default_rng(0).normal(size=len(matrix))
    try:
        largest, vectors = scipy.sparse.linalg.eigsh(inverse, k=1, which="LA", v0=start, tol=_TOLERANCE)
    except scipy.sparse.linalg.ArpackError:  # it did not converge
        return _of_all(matrix)
    return Modes(1 / largest, vectors, solve)


def _of_all(matrix: Float[np.ndarray, "param param"]) -> Modes:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    kept = min(int(np.sum(eigenvalues < 0)) + 1, len(matrix))
    # 1/λ is not finite below
    zero = np.abs(eigenvalues) < np.finfo(np.float64).tiny
    inverse = np.where(zero, 0, 1 / np.where(zero, 1, eigenvalues))
    return Modes(eigenvalues[:kept], vectors[:, :kept], lambda vector: vectors @ (inverse * (vectors.T @ vector)))
