"""The Hessian at a point as something to solve with: Cholesky's factor where it is definite, eigenvectors where not."""

from abc import abstractmethod

import equinox as eqx
import numpy as np
import scipy.linalg
from jaxtyping import Bool, Float, PyTree

from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.evaluation import Product
from gradflow.problems.rounding import EPSILON, ROUNDINGS

# Lanczos iteration for a norm: to 10 %, which is more than the question asks ("by half?", "a hundredth?"); no answer
# from fewer vectors, which may not have seen a single large eigenvalue yet; a matrix where the products are as few
_NORM_ACCURACY, _LANCZOS_VECTORS, _DENSE = 0.1, 8, 20
# where two directions of unit length count as one
SAME_DIRECTION = 1e-6


class AbstractInverse(eqx.Module):
    """What Newton's method asks of the Hessian; `rounding` bounds the 2-norm of its rounding error."""

    rounding: float

    @abstractmethod
    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        """−H⁺∇L; eigenvalues inside their error bound are cut."""

    @abstractmethod
    def along_descent(self, step: Float[np.ndarray, " param"]) -> float:
        """The length of the part of a step along certainly negative curvature, along which the flow leaves a saddle."""

    @abstractmethod
    def along_flat(self, step: Float[np.ndarray, " param"]) -> float:
        """The length of the part of a step along eigenvalues inside their error bound."""

    @abstractmethod
    def relative_change(self, change: Product, way: Float[np.ndarray, " param"]) -> float:
        """‖|H|^{−1/2} ΔH |H|^{−1/2}‖ for a change v ↦ ΔH v on the `way`; eigenvalues inside their bound left out."""


class CholeskyInverse(AbstractInverse):
    """H is positive definite, its rounding and Cholesky's own included: H − diag(shift) = LLᵀ was factorised.

    `shift` = rounding + P(P + 1) ε H_ii: success of Cholesky's method in floating point means that the matrix, scaled
    to a unit diagonal, has no eigenvalue below −P(P + 1) ε (Demmel 1989; Rump, BIT 46 (2006), for the constant). Where
    the least eigenvalue is comparable with the shift a Newton step falls short by their ratio. Where parameters of very
    different scales leave `rounding` no say, it is `relative`, that of the scaled matrix, times H_ii.
    """

    rounding: float
    lower: Float[np.ndarray, "param param"]
    relative: float = 0.0

    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        step: Float[np.ndarray, " param"] = -scipy.linalg.cho_solve((self.lower, True), gradient, check_finite=False)
        return step

    def along_descent(self, step: Float[np.ndarray, " param"]) -> float:
        return 0.0

    def along_flat(self, step: Float[np.ndarray, " param"]) -> float:
        return 0.0

    def relative_change(self, change: Product, way: Float[np.ndarray, " param"]) -> float:
        """‖L⁻¹ ΔH L⁻ᵀ‖, by Lanczos iteration."""

        def scaled(vector: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
            moved = change(scipy.linalg.blas.dtrsv(self.lower, vector, lower=1, trans=1))
            image: Float[np.ndarray, " param"] = scipy.linalg.blas.dtrsv(self.lower, moved, lower=1)
            return image

        return symmetric_norm(scaled, len(self.lower))


class EigenInverse(AbstractInverse):
    """Any H, by all of its eigenvectors; `error` bounds the error of each eigenvalue."""

    rounding: float
    hessian: Float[np.ndarray, "param param"]
    eigenvalues: Float[np.ndarray, " param"]
    eigenvectors: Float[np.ndarray, "param param"]
    error: Float[np.ndarray, " param"]

    @property
    def vanishing(self) -> Bool[np.ndarray, " param"]:
        """Eigenvalues that their error bound does not tell from zero."""
        vanishing: Bool[np.ndarray, " param"] = np.abs(self.eigenvalues) <= self.error
        return vanishing

    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        inverse = np.where(self.vanishing, 0.0, 1 / np.where(self.vanishing, 1.0, self.eigenvalues))
        step: Float[np.ndarray, " param"] = -self.eigenvectors @ (inverse * (self.eigenvectors.T @ gradient))
        return step

    def along_descent(self, step: Float[np.ndarray, " param"]) -> float:
        negative = self.eigenvalues < -self.error
        return float(np.linalg.norm(self.eigenvectors[:, negative].T @ step))

    def along_flat(self, step: Float[np.ndarray, " param"]) -> float:
        return float(np.linalg.norm(self.eigenvectors[:, self.vanishing].T @ step))

    def relative_change(self, change: Product, way: Float[np.ndarray, " param"]) -> float:
        kept = ~self.vanishing
        scale = self.eigenvectors[:, kept] / np.sqrt(np.abs(self.eigenvalues[kept]))
        return symmetric_norm(lambda vector: scale.T @ change(scale @ vector), scale.shape[1])


def inverse_at(problem: AbstractProblem, parameters: PyTree) -> AbstractInverse:
    """By Cholesky's method if H is certainly definite, else by eigenvectors; on the CPU, since device eigensolvers can
    fail without an error. The problem's orbits are left out.
    """
    matrix, rounding = across_orbits(problem, parameters)
    definite = cholesky_inverse(matrix, rounding) or balanced_inverse(problem, parameters, matrix, rounding)
    return definite or eigen_inverse(matrix, rounding)


def across_orbits(problem: AbstractProblem, parameters: PyTree) -> tuple[Float[np.ndarray, "param param"], float]:
    """(1 − TTᵀ) H (1 − TTᵀ), T an orthonormal basis of the orbits' tangents, and the rounding of H: what the Hessian is
    across the orbits. Along them it is of the size of ∇L, and ∇L has no part there.
    """
    matrix, rounding = evaluation.hessian(problem, parameters)
    tangents = problem.orbit_tangents(parameters)
    lengths = np.linalg.norm(tangents, axis=0)
    tangents = tangents[:, lengths > 0] / lengths[lengths > 0]
    if not tangents.shape[1] or not np.all(np.isfinite(matrix)):
        return matrix, rounding
    left, values, _ = np.linalg.svd(tangents, full_matrices=False)
    basis = left[:, values > SAME_DIRECTION]
    matrix = matrix - basis @ (basis.T @ matrix)
    matrix = matrix - (matrix @ basis) @ basis.T
    return (matrix + matrix.T) / 2, rounding


def cholesky_inverse(matrix: Float[np.ndarray, "param param"], rounding: float) -> CholeskyInverse | None:
    """Where the matrix is definite whatever its rounding; None elsewhere."""
    lower = _factor(matrix, np.full(len(matrix), rounding))
    return None if lower is None else CholeskyInverse(rounding=rounding, lower=lower)


def balanced_inverse(
    problem: AbstractProblem, parameters: PyTree, matrix: Float[np.ndarray, "param param"], rounding: float
) -> CholeskyInverse | None:
    """Where the matrix, scaled to a unit diagonal, is definite whatever the rounding of that; None elsewhere. Signs of
    eigenvalues are the same in all scales (Sylvester), and the rounding of one large row no longer hides the others.
    """
    if not np.isfinite(rounding) or _factor(matrix, np.zeros(len(matrix))) is None:
        return None
    relative = evaluation.relative_hessian_error(problem, parameters)
    lower = _factor(matrix, relative * np.diagonal(matrix)) if np.isfinite(relative) else None
    return None if lower is None else CholeskyInverse(rounding=rounding, lower=lower, relative=relative)


def _factor(
    matrix: Float[np.ndarray, "param param"], rounding: Float[np.ndarray, " param"]
) -> Float[np.ndarray, "param param"] | None:
    """L of H − diag(rounding), Cholesky's own rounding included; None where that is not definite."""
    size, diagonal = len(matrix), np.diagonal(matrix)
    if not np.all(diagonal > rounding):
        return None
    factor = np.array(matrix.T, order="F")  # symmetric, so a plain copy
    factor[np.diag_indices(size)] -= rounding + size * (size + 1) * EPSILON / 2 * diagonal
    factor, failed = scipy.linalg.lapack.dpotrf(factor, lower=1, overwrite_a=1)
    return None if failed else factor


def eigen_inverse(matrix: Float[np.ndarray, "param param"], rounding: float) -> EigenInverse:
    """All eigenvectors. `error` bounds |λ_i − exact| for the Hessian at the given float64 point: the rounding of H
    (Weyl), the residual ‖Hv_i − λ_i v_i‖ of the eigensolver and its own rounding.
    """
    if not (np.all(np.isfinite(matrix)) and np.isfinite(rounding)):
        return _unknown(len(matrix))
    try:
        eigenvalues, eigenvectors = scipy.linalg.eigh(matrix, check_finite=False)
    except scipy.linalg.LinAlgError:  # LAPACK's iteration has not converged
        return _unknown(len(matrix))
    residuals = np.linalg.norm(matrix @ eigenvectors - eigenvectors * eigenvalues, axis=0)
    largest = float(np.max(np.abs(eigenvalues)))
    return EigenInverse(
        rounding=rounding,
        hessian=matrix,
        eigenvalues=eigenvalues,
        eigenvectors=eigenvectors,
        error=rounding + residuals + ROUNDINGS * EPSILON * largest,
    )


def _unknown(size: int) -> EigenInverse:
    """Where the Hessian is not finite, or no eigensolver is up to it: zero, give or take infinity."""
    return EigenInverse(
        rounding=float("inf"),
        hessian=np.zeros((size, size)),
        eigenvalues=np.zeros(size),
        eigenvectors=np.eye(size),
        error=np.full(size, np.inf),
    )


def symmetric_norm(product: Product, size: int) -> float:
    """The 2-norm of a symmetric map; infinite if it is not finite.

    Lanczos iteration from a vector of chance, which a map that is not zero sends to zero with probability zero. ARPACK
    refuses a map without a second direction: zero, or of rank one.
    """
    if size <= _DENSE:
        matrix = np.stack([product(axis) for axis in np.eye(size)], axis=1) if size else np.zeros((1, 1))
        return float(np.linalg.norm(matrix, 2)) if np.all(np.isfinite(matrix)) else float("inf")
    start = np.random.default_rng(0).standard_normal(size)  # the same at every call: no run depends on the one before
    unit = float(np.max(np.abs(product(start))))
    if unit == 0 or not np.isfinite(unit):
        return 0.0 if unit == 0 else float("inf")
    basis, diagonal, beside = [start / np.linalg.norm(start)], np.zeros(0), np.zeros(0)
    while True:
        image = product(basis[-1]) / unit  # of order 1: squares of what is far from it have no place in float64
        if not np.all(np.isfinite(image)):
            return float("inf")
        diagonal = np.append(diagonal, basis[-1] @ image)
        known = np.stack(basis)
        # against all of them, twice: what is left is orthogonal to rounding
        rest = image - known.T @ (known @ image)
        rest -= known.T @ (known @ rest)
        length = float(np.linalg.norm(rest))
        values, vectors = scipy.linalg.eigh_tridiagonal(diagonal, beside)
        place = int(np.argmax(np.abs(values)))
        found, residual = float(abs(values[place])), length * abs(float(vectors[-1, place]))
        invariant = len(basis) == size or length <= np.sqrt(size) * EPSILON * float(np.linalg.norm(image))
        if invariant or (len(basis) >= _LANCZOS_VECTORS and residual <= _NORM_ACCURACY * found):
            return found * unit
        beside, basis = np.append(beside, length), [*basis, rest / length]
