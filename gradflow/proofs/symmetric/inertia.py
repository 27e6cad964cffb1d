"""The index of the full Hessian at a symmetric point, from its parts."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gradflow._arithmetic import Balls, Numbers, extended
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


def least_eigenvalue_between(place: SymmetricPlace, lower: Fraction, upper: Fraction) -> bool:
    """Whether that is proved of the full Hessian's least eigenvalue, for every point in the place's balls."""
    arithmetic = place.arithmetic

    def below(part: Part, bound: Fraction) -> int | None:
        shift = np.diag(arithmetic.array([bound] * len(part.matrix)))
        return index_beyond(part.matrix - shift, 0.0, arithmetic)

    parts = list(place.parts())
    return all(below(part, lower) == 0 for part in parts) and any((below(part, upper) or 0) > 0 for part in parts)


def about_least_eigenvalue(place: SymmetricPlace) -> Fraction:
    """A guess of it, to many digits: no bound."""
    arithmetic = place.arithmetic
    least = [min(_eigenvalues(part, arithmetic)) for part in place.parts()]
    return arithmetic.exact(arithmetic.number(min(least)))


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
        elsewhere = elsewhere and not (negative and "vector" in part.name)
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
    return float(min(abs(_eigenvalues(part, arithmetic))))


def _eigenvalues(part: Part, arithmetic: Balls) -> Numbers:
    """Of the middles, in as many digits as the balls have."""
    many = extended(arithmetic.digits)
    exact = many.array([[arithmetic.exact(value) for value in row] for row in part.matrix])
    return many.eigenvalues((exact + exact.T) / 2)
