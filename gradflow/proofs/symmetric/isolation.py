"""The proof that exactly one critical point of the full loss lies near a symmetric place."""

from dataclasses import dataclass
from typing import Any

from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.symmetric.inertia import inertia
from gradflow.proofs.symmetric.place import SymmetricPlace
from gradflow.proofs.unproved import Unproved

# left for the rounding of bounds, and for whoever checks them with other numbers of bits
_ROOM, _MORE = 1 - 2.0**-8, 1 + 2.0**-8


@dataclass(frozen=True)
class Isolation:
    """Exactly one critical point θ* of the full loss lies within `reach` of the place; it keeps the place's symmetry
    and is at most `error` away. The full Hessian there has `index` negative eigenvalues and none of absolute value
    below `gap`; L(θ*) is in `loss`. `elsewhere`: see `Inertia`.
    """

    index: int
    elsewhere: bool
    gap: float
    error: float
    reach: float
    loss: Enclosure


def isolated(place: SymmetricPlace) -> Isolation:
    """Proved, for every point c in the place's balls.

    If γ bounds all |λ| of the full Hessian H(c) from below, and K is a Lipschitz constant of it on a ball around c:

    - as long as K R < γ, no mean of Hessians on B(c, R) is singular, so that no two zeros of the gradient lie in it,
      and the index is the same everywhere;
    - with Y = ‖H(c)⁻¹ ∇L(c)‖, Newton's map x ↦ x − H(c)⁻¹∇L(x) is a contraction of B(c, 2Y) into itself if 2KY < γ, so
      that there is a zero (Newton–Kantorovich).

    The gradient keeps the symmetry, and so does Newton's step: Y is found from the few unknowns. The zero keeps it too,
    since its image under the group is another zero in the same ball.

    Raises `Unproved`.
    """
    arithmetic = place.arithmetic
    number = arithmetic.number
    curvature = inertia(place)
    step = newton_step(place)
    newton = arithmetic.norm(step) if step is not None else float("inf")
    error = 2 * newton * _MORE
    beyond = number(curvature.gap)
    reach = curvature.gap / place.lipschitz(0.0)
    lipschitz = number(place.lipschitz(reach))
    if not (error < reach and bool(lipschitz * number(error) < beyond)):
        raise Unproved(
            "existence",
            f"a Newton step is {newton:.1e} long, and the Hessian, whose least eigenvalue is about "
            f"{curvature.gap:.1e}, is known within {reach:.1e}",
            "Give a point that is nearer to the critical point, or more digits of it.",
        )
    there = beyond - lipschitz * number(error)
    change = _change(place, curvature.norm, lipschitz, number(error))
    lower, upper = arithmetic.ends(arithmetic.around(place.loss, arithmetic.upper(change)).item())
    return Isolation(
        index=curvature.index,
        elsewhere=curvature.elsewhere,
        gap=arithmetic.lower(there) * _ROOM,
        error=error,
        reach=min(reach, arithmetic.lower(beyond / lipschitz)) * _ROOM,
        loss=Enclosure(lower, upper),
    )


def newton_step(place: SymmetricPlace) -> Any | None:
    """H(c)⁻¹ ∇L(c), in the metric of the full space; None where the Hessian is not certainly regular."""
    step = place.arithmetic.solve(place.curvature, place.gradient[:, None])
    return None if step is None else step[:, 0]


def _change(place: SymmetricPlace, norm: float, lipschitz: Any, error: Any) -> Any:
    """How much the loss can change within the error; twice as much, for whoever checks it."""
    slope = place.arithmetic.number(place.arithmetic.norm(place.gradient))
    return 2 * (slope + (norm + lipschitz * error) * error) * error
