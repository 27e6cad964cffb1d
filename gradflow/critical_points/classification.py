"""A verdict."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow.critical_points.kind import Kind


class Classification(eqx.Module):
    """What a point is, and why.

    `index` counts the certainly negative eigenvalues, `nullity` the explained zero ones; `eigenvalues` are all of the
    Hessian's, ascending, each with a bound in `eigenvalue_error`: rounding of the Hessian and of the eigensolver, and
    what the distance left to the critical point can change (`classify`).
    """

    kind: Kind
    reason: str
    index: int
    nullity: int
    eigenvalues: Float[np.ndarray, " param"]
    eigenvalue_error: Float[np.ndarray, " param"]
    gradient_norm: float
    gradient_floor: float
    newton_step: float

    def __str__(self) -> str:
        least, error = self.eigenvalues[0], self.eigenvalue_error[0]
        return (
            f"classify: {self.kind}, index {self.index}, nullity {self.nullity}, "
            f"eigenvalues {least:.6g} (±{error:.0e}) to {self.eigenvalues[-1]:.6g}; {self.reason}"
        )

    __repr__ = __str__
