"""The index of the full Hessian at a symmetric point, from its parts."""

from dataclasses import dataclass

import numpy as np

from gradflow._arithmetic import Balls, extended
from gradflow.proofs.signs import index_beyond
from gradflow.proofs.symmetric.place import Part, SymmetricPlace
from gradflow.proofs.unproved import Unproved

# of the least eigenvalue; what a sum of a few bounds needs
_BELOW = 1 - 2.0**-7
# float64 has the eigenvalues of a part to four digits down to this share of the largest
_RESOLVED = 1e-11


@dataclass(frozen=True)
class Inertia:
    """`index` eigenvalues of the full Hessian are below −gap, all others are above gap; none is beyond `norm`.

    `index` holds in the dimensions of the place; `elsewhere` says whether it does in every other number of dimensions
    beyond the teachers' too, since no eigenvalue of directions orthogonal to the teachers is negative.
    """

    index: int
    elsewhere: bool
    gap: float
    norm: float


def inertia(place: SymmetricPlace) -> Inertia:
    """Proved, for every point in the place's balls.

    Raises `Unproved` where an eigenvalue is not told from zero.
    """
    arithmetic = place.arithmetic
    parts = list(place.parts())
    least = [_least(part, arithmetic) for part in parts]
    gap = _BELOW * min(least)
    index, elsewhere = 0, place.excess > 0
    for part, smallest in zip(parts, least, strict=True):
        negative = index_beyond(part.matrix, gap, arithmetic) if gap > 0 else None
        if negative is None:
            raise Unproved(
                "index",
                f"the Hessian in the representation {part.name} has an eigenvalue of about {smallest:.1e}, not told "
                f"from zero with {arithmetic.bits} bits",
                "Ask for more digits; where it is zero, as beside dead or duplicated neurons, nothing will do.",
            )
        index += part.dimension * negative
        elsewhere = elsewhere and not (negative and part.is_orthogonal)
    norm = max(arithmetic.norm(part.matrix.ravel()) for part in parts)
    return Inertia(index, elsewhere, gap, norm)


def _least(part: Part, arithmetic: Balls) -> float:
    """About the least absolute value of an eigenvalue: no bound."""
    middle = arithmetic.float64(part.matrix)
    if not np.all(np.isfinite(middle)):
        return 0.0
    if len(middle) == 1:
        return float(abs(middle[0, 0]))
    found = np.abs(np.linalg.eigvalsh((middle + middle.T) / 2))
    if found.min() > _RESOLVED * found.max():
        return float(found.min())
    many = extended(arithmetic.digits)
    exact = many.array([[arithmetic.exact(value) for value in row] for row in part.matrix])
    return float(min(abs(many.eigenvalues((exact + exact.T) / 2))))
