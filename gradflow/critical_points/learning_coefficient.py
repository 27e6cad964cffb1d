"""The local learning coefficient of singular learning theory, where the Hessian tells it."""

import equinox as eqx

from gradflow.critical_points.kind import Kind


class LearningCoefficient(eqx.Module):
    """λ of K(θ) = L(θ) − L*, L* the loss at the point: the volume of {K < ε} around it falls like ε^λ (−log ε)^(m − 1).

    Where the zeros of K near the point are a manifold of the nullity's dimension (a minimum, a minimum manifold), K is
    a sum of rank(H) squares in suitable coordinates (Morse–Bott), and λ is half that rank with the `multiplicity`
    m = 1: `value`. At a degenerate minimum of nullity ν, `value` is None and λ lies between `lower` = rank/2 and
    `upper` = rank/2 + ν/4: the rank is split off (Thom), and what is left of an analytic K ≥ 0 begins at fourth order
    or later. `rests_on` says what that takes for granted.

    Source: Watanabe, Algebraic Geometry and Statistical Learning Theory (2009); Lau et al. (arXiv 2308.12108).
    """

    value: float | None
    lower: float
    upper: float
    multiplicity: int | None
    rests_on: str

    def __str__(self) -> str:
        if self.value is None:
            return f"learning coefficient between {self.lower:g} and {self.upper:g} ({self.rests_on})"
        return f"learning coefficient {self.value:g}, multiplicity {self.multiplicity} ({self.rests_on})"

    __repr__ = __str__


def learning_coefficient(
    kind: Kind, nullity: int, parameters: int, proves: str, *, is_minimum: bool
) -> LearningCoefficient | None:
    """None where the point is no minimum, or is not known to be one."""
    half_rank = (parameters - nullity) / 2
    if kind in (Kind.MINIMUM, Kind.MINIMUM_MANIFOLD):
        rests_on = f"numerical: {proves}"
        if nullity:
            rests_on += f"; {nullity} zero modes along a critical manifold"
        return LearningCoefficient(half_rank, half_rank, half_rank, 1, rests_on)
    if kind is Kind.DEGENERATE and is_minimum:
        return LearningCoefficient(
            None, half_rank, half_rank + nullity / 4, None, "numerical: the Hessian has no say in the zero modes"
        )
    return None
