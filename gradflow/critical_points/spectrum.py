"""All eigenvalues of the Hessian, each with a bound on its error."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Bool, Float, PyTree

from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.base import EPSILON, ROUNDINGS

# a variable that the loss hardly feels is not stretched beyond this
_LEAST_DIAGONAL = 1e-3


class Spectrum(NamedTuple):
    """Eigenvalues in ascending order, eigenvectors in columns, and bounds: of each eigenvalue's error, of the Hessian's
    rounding.

    `error` bounds |λ_i − exact| for the Hessian at the given float64 point: the rounding of H (Weyl), the residual
    ‖Hv_i − λ_i v_i‖ of the eigensolver and its own rounding.
    """

    hessian: Float[np.ndarray, "param param"]
    eigenvalues: Float[np.ndarray, " param"]
    eigenvectors: Float[np.ndarray, "param param"]
    error: Float[np.ndarray, " param"]
    rounding: float

    @property
    def vanishing(self) -> Bool[np.ndarray, " param"]:
        """Eigenvalues that their error bound does not tell from zero."""
        vanishing: Bool[np.ndarray, " param"] = np.abs(self.eigenvalues) <= self.error
        return vanishing

    @property
    def negative(self) -> Bool[np.ndarray, " param"]:
        """Eigenvalues that are certainly negative."""
        return self.eigenvalues < -self.error

    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        """−H⁺∇L; eigenvalues inside their error bound are cut."""
        inverse = np.where(self.vanishing, 0.0, 1 / np.where(self.vanishing, 1.0, self.eigenvalues))
        step: Float[np.ndarray, " param"] = -self.eigenvectors @ (inverse * (self.eigenvectors.T @ gradient))
        return step


def spectrum(problem: AbstractProblem, parameters: PyTree) -> Spectrum:
    """By LAPACK on the CPU: device eigensolvers can fail without an error."""
    matrix, rounding = evaluation.hessian(problem, parameters)
    if not (np.all(np.isfinite(matrix)) and np.isfinite(rounding)):
        return _unknown(len(matrix))
    eigenvalues, eigenvectors = scipy.linalg.eigh(matrix)
    residuals = np.linalg.norm(matrix @ eigenvectors - eigenvectors * eigenvalues, axis=0)
    largest = float(np.max(np.abs(eigenvalues)))
    return Spectrum(
        hessian=matrix,
        eigenvalues=eigenvalues,
        eigenvectors=eigenvectors,
        error=rounding + residuals + ROUNDINGS * EPSILON * largest,
        rounding=rounding,
    )


def _unknown(size: int) -> Spectrum:
    """Where the Hessian is not finite: zero, give or take infinity."""
    nothing, unbounded = np.zeros(size), np.full(size, np.inf)
    return Spectrum(
        hessian=np.zeros((size, size)),
        eigenvalues=nothing,
        eigenvectors=np.eye(size),
        error=unbounded,
        rounding=float("inf"),
    )


def balanced_newton_step(here: Spectrum, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
    """−H⁻¹∇L in variables scaled by D = |diag H|^{−1/2}, no eigenvalue of DHD cut.

    In a channel to infinity the entries of H grow like the square of the output weights, and with them the error bound
    of every eigenvalue, the one along the channel included; scaled, that one keeps its digits.
    """
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(here.hessian)), _LEAST_DIAGONAL))
    eigenvalues, eigenvectors = scipy.linalg.eigh(here.hessian * np.outer(scale, scale))
    eigenvalues = np.where(eigenvalues == 0, EPSILON, eigenvalues)
    step: Float[np.ndarray, " param"] = -scale * (eigenvectors @ ((eigenvectors.T @ (scale * gradient)) / eigenvalues))
    return step


def newton_step_at(problem: AbstractProblem, parameters: PyTree) -> float:
    """‖H⁺∇L‖ / max(‖θ‖, 1): the Newton step that is left at a point."""
    gradient = evaluation.values(problem, parameters).gradient
    step = spectrum(problem, parameters).newton_step(gradient)
    return float(np.linalg.norm(step)) / evaluation.size(problem, parameters)
