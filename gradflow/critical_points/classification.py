"""A verdict."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow.critical_points.flat_set import FlatSet
from gradflow.critical_points.kind import Kind
from gradflow.critical_points.learning_coefficient import LearningCoefficient
from gradflow.critical_points.tail import Tail


class Classification(eqx.Module):
    """What a point is, and why.

    `index` counts the certainly negative eigenvalues, `nullity` the explained zero ones; `eigenvalues` are the
    Hessian's, ascending, each with a bound in `eigenvalue_error`: rounding of the Hessian and of the eigensolver, and
    what the distance left to the critical point can change (`classify`). `proves` says which of them they are: all,
    the extreme ones, or none beside their signs. `tail` is the fit of the path that led there, where the point alone
    does not tell and a path was given; `flat_set` what steps along zero modes without a known reason have met.
    `global_minimum` says that the loss is the problem's `least_loss` here, to rounding, whatever the Hessian tells;
    False does not say that it is none. `learning_coefficient` is singular learning theory's, of minima; None elsewhere.
    """

    kind: Kind
    reason: str
    index: int
    nullity: int
    eigenvalues: Float[np.ndarray, " known"]
    eigenvalue_error: Float[np.ndarray, " known"]
    proves: str
    gradient_norm: float
    gradient_floor: float
    newton_step: float
    tail: Tail | None = None
    flat_set: FlatSet | None = None
    global_minimum: bool = False
    learning_coefficient: LearningCoefficient | None = None

    def __str__(self) -> str:
        known = self.proves
        if len(self.eigenvalues):
            least, error = self.eigenvalues[0], self.eigenvalue_error[0]
            known = f"eigenvalues {least:z.6g} (±{error:.0e}) to {self.eigenvalues[-1]:z.6g}"
        counts = "" if self.kind is Kind.UNDECIDED else f"index {self.index}, nullity {self.nullity}, "
        return f"classify: {self.kind}, {counts}{known}; {self.reason}"

    __repr__ = __str__
