"""Newton's linear systems without a matrix: conjugate gradients on Hessian-vector products."""

import numpy as np
from jaxtyping import Float, PyTree

from gradflow.critical_points.inverse import AbstractInverse
from gradflow.problems import AbstractProblem, evaluation
from gradflow.problems.evaluation import Product

# of the right-hand side: Newton's method then gains three digits a step, as fast as its own convergence at first
_ACCURACY = 1e-3
_ROUNDS = 10  # conjugate gradients may take this many times P products: rounding costs them their exactness


class KrylovInverse(AbstractInverse):
    """H by its products: what only eigenvectors tell is not known.

    Where conjugate gradients meet a direction of negative curvature, that is the step; the relative change of H is
    looked at along the way only.
    """

    rounding: float
    product: Product

    def newton_step(self, gradient: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        solution, residual, direction = np.zeros_like(gradient), -gradient, -gradient
        squared = goal = float(residual @ residual)
        for _ in range(_ROUNDS * len(gradient)):
            if squared <= _ACCURACY**2 * goal:
                break
            image = self.product(direction)
            curvature = float(direction @ image)
            if not curvature > 0:
                return direction
            solution = solution + squared / curvature * direction
            residual = residual - squared / curvature * image
            before, squared = squared, float(residual @ residual)
            direction = residual + squared / before * direction
        return solution

    def along_descent(self, step: Float[np.ndarray, " param"]) -> float:
        """All of a step along which the curvature is negative, nothing of any other."""
        return float(np.linalg.norm(step)) if float(step @ self.product(step)) < 0 else 0.0

    def along_flat(self, step: Float[np.ndarray, " param"]) -> float:
        return 0.0

    def relative_change(self, change: Product, way: Float[np.ndarray, " param"]) -> float:
        curvature, changed = float(way @ self.product(way)), float(way @ change(way))
        return abs(changed / curvature) if curvature != 0 else float("inf")


def krylov_inverse(problem: AbstractProblem, parameters: PyTree) -> KrylovInverse:
    """H at a point."""
    return KrylovInverse(rounding=0.0, product=evaluation.product(problem, parameters))
