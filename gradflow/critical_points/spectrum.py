"""Eigenvalues of the Hessian, each with a bound on its error, and what they prove."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from jaxtyping import Bool, Float, Int, PyTree

from gradflow.critical_points.inverse import CholeskyInverse, inverse_at
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.rounding import EPSILON, ROUNDINGS

# a variable that the loss hardly feels is not stretched beyond this
_LEAST_DIAGONAL = 1e-3
# of a matrix too large for all its eigenvalues: enough to see the softest modes and whether one stands alone
EXTREME = 8


class Spectrum(NamedTuple):
    """Eigenvalues in ascending order with bounds of their errors; how many are certainly negative, how many not told
    from zero; in words, what is proved.
    """

    eigenvalues: Float[np.ndarray, " known"]
    error: Float[np.ndarray, " known"]
    negative: int
    vanishing: int
    proves: str

    @property
    def unclear(self) -> Bool[np.ndarray, " known"]:
        """Which of them their error bound does not tell from zero."""
        unclear: Bool[np.ndarray, " known"] = np.abs(self.eigenvalues) <= self.error
        return unclear


def spectrum_of(eigenvalues: Float[np.ndarray, " known"], error: Float[np.ndarray, " known"], proves: str) -> Spectrum:
    """Counted from the eigenvalues themselves."""
    return Spectrum(
        eigenvalues=eigenvalues,
        error=error,
        negative=int(np.sum(eigenvalues < -error)),
        vanishing=int(np.sum(np.abs(eigenvalues) <= error)),
        proves=proves,
    )


def all_eigenvalues(matrix: Float[np.ndarray, "param param"], rounding: float) -> Spectrum:
    """By LAPACK, without eigenvectors: backward stable, which costs 4 √P ε ‖H‖ beside the rounding of H. Where it gives
    up, nothing is known of any.
    """
    try:
        eigenvalues = scipy.linalg.eigh(matrix, eigvals_only=True, check_finite=False)
    except np.linalg.LinAlgError:
        return spectrum_of(np.zeros(len(matrix)), np.full(len(matrix), np.inf), "LAPACK found no eigenvalues")
    own = ROUNDINGS * EPSILON * np.sqrt(len(eigenvalues)) * np.max(np.abs(eigenvalues))
    return spectrum_of(eigenvalues, np.full(len(eigenvalues), rounding + own), "all eigenvalues are known")


def balanced_eigenvalues(matrix: Float[np.ndarray, "param param"], inverse: CholeskyInverse) -> Spectrum:
    """Of a definite matrix whose rows have very different scales: the large eigenvalues from H, the small from H⁻¹.

    A relative change of DHD, D = diag(H)^{−1/2}, by e changes every eigenvalue by e/λ_min(DHD) of itself at most
    (Demmel & Veselić, SIAM J. Matrix Anal. Appl. 13 (1992)).
    """
    size, scale = len(matrix), 1 / np.sqrt(np.diagonal(matrix))
    plain = all_eigenvalues(matrix, inverse.rounding)
    reciprocal = scipy.linalg.cho_solve((inverse.lower, True), np.eye(size), check_finite=False)
    try:
        softest = scipy.linalg.eigh(matrix * np.outer(scale, scale), eigvals_only=True, check_finite=False)[0]
        compliances = scipy.linalg.eigh((reciprocal + reciprocal.T) / 2, eigvals_only=True, check_finite=False)[::-1]
    except np.linalg.LinAlgError:
        return plain
    # the factor's shift, and what a symmetric eigensolver leaves of the largest, 1/λ_min
    shifted = (2 * inverse.relative + size * (size + 1) * EPSILON) / max(softest - inverse.relative, EPSILON)
    solver = ROUNDINGS * EPSILON * np.sqrt(size) * compliances[0] / np.abs(compliances)
    error = (shifted + solver) / np.abs(compliances)
    closer = error < plain.error
    return spectrum_of(
        np.where(closer, 1 / compliances, plain.eigenvalues), np.where(closer, error, plain.error), plain.proves
    )


def extreme_eigenvalues(matrix: Float[np.ndarray, "param param"], inverse: CholeskyInverse) -> Spectrum:
    """The least and the largest by Lanczos iteration, on H⁻¹ and on H; a residual ‖Hv − λv‖ bounds the distance to an
    eigenvalue. That none is negative is Cholesky's method's to say; that none is less, Lanczos's, which proves nothing.
    Where it breaks down, or does not tell eigenvalues that are the same to many digits, LAPACK finds all of them.
    """
    size = len(matrix)
    start = np.random.default_rng(0).standard_normal(size)
    solved = scipy.sparse.linalg.LinearOperator(
        (size, size), matvec=lambda vector: -inverse.newton_step(vector), dtype=np.float64
    )
    try:
        _, softest = scipy.sparse.linalg.eigsh(solved, k=EXTREME, v0=start, which="LM", tol=1e-10)
        _, stiffest = scipy.sparse.linalg.eigsh(matrix, k=1, v0=start, which="LA", tol=1e-10)
    except scipy.sparse.linalg.ArpackError:
        return all_eigenvalues(matrix, inverse.rounding)
    eigenvalues, errors = [], []
    for vector in np.concatenate([softest, stiffest], axis=1).T:
        image = matrix @ vector
        eigenvalues.append(float(vector @ image))
        errors.append(float(np.linalg.norm(image - eigenvalues[-1] * vector)))
    order = np.argsort(eigenvalues)
    proves = (
        f"positive definite by Cholesky's method; of {size} eigenvalues the {EXTREME} least and the largest by Lanczos "
        "iteration"
    )
    return spectrum_of(np.asarray(eigenvalues)[order], inverse.rounding + np.asarray(errors)[order], proves)


def softest_mode(inverse: CholeskyInverse) -> Float[np.ndarray, " param"]:
    """The eigenvector of the least eigenvalue, to a few digits, by inverse iteration."""
    vector = np.random.default_rng(0).standard_normal(len(inverse.lower))
    for _ in range(8):  # to 10 % at a ratio of 1.3 to the next eigenvalue: only the signs of its entries are used
        vector = inverse.newton_step(vector / np.linalg.norm(vector))
    mode: Float[np.ndarray, " param"] = vector / np.linalg.norm(vector)
    return mode


class Inertia(NamedTuple):
    """LDLᵀ of H + shift·I, and its number of negative eigenvalues: that of the 1 × 1 and 2 × 2 pivots."""

    factor: Float[np.ndarray, "param param"]
    pivots: Int[np.ndarray, " param"]
    negative: int

    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        """−(H + shift·I)⁻¹∇L."""
        solution, _ = scipy.linalg.lapack.dsytrs(self.factor, self.pivots, -gradient, lower=1)
        step: Float[np.ndarray, " param"] = solution.ravel()
        return step


def inertia(matrix: Float[np.ndarray, "param param"], shift: float) -> Inertia:
    """Bunch & Kaufman (1977), Sylvester's law."""
    size = len(matrix)
    shifted = np.array(matrix.T, order="F")  # symmetric, so a plain copy
    shifted[np.diag_indices(size)] += shift
    work = int(scipy.linalg.lapack.dsytrf_lwork(size, lower=1)[0])
    factor, pivots, failed = scipy.linalg.lapack.dsytrf(shifted, lower=1, lwork=work, overwrite_a=1)
    if failed < 0:
        raise RuntimeError(f"dsytrf refused its argument {-failed}: this is a bug in gradflow, please report it")
    count, i = 0, 0
    while i < size:
        if pivots[i] > 0:
            count += int(factor[i, i] < 0)
            i += 1
        else:
            block = np.array([[factor[i, i], factor[i + 1, i]], [factor[i + 1, i], factor[i + 1, i + 1]]])
            count += int(np.sum(np.linalg.eigvalsh(block) < 0))
            i += 2
    return Inertia(factor=factor, pivots=pivots, negative=count)


def balanced_newton_step(
    matrix: Float[np.ndarray, "param param"], gradient: Float[np.ndarray, " param"]
) -> Float[np.ndarray, " param"]:
    """−H⁻¹∇L in variables scaled by D = |diag H|^{−1/2}, no eigenvalue of DHD cut.

    In a channel to infinity the entries of H grow like the square of the output weights, and with them the error bound
    of every eigenvalue, the one along the channel included; scaled, that one keeps its digits.
    """
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(matrix)), _LEAST_DIAGONAL))
    try:
        eigenvalues, eigenvectors = scipy.linalg.eigh(matrix * np.outer(scale, scale), check_finite=False)
    except np.linalg.LinAlgError:
        return np.full(len(scale), np.nan)
    eigenvalues = np.where(eigenvalues == 0, EPSILON, eigenvalues)
    step: Float[np.ndarray, " param"] = -scale * (eigenvectors @ ((eigenvectors.T @ (scale * gradient)) / eigenvalues))
    return step


@overflow_is_looked_at
def newton_step_at(problem: AbstractProblem, parameters: PyTree) -> float:
    """‖H⁺∇L‖ / max(‖θ‖, 1): the Newton step that is left at a point."""
    gradient = evaluation.values(problem, parameters).gradient
    step = inverse_at(problem, parameters).newton_step(gradient)
    return float(np.linalg.norm(step)) / evaluation.size(problem, parameters)
