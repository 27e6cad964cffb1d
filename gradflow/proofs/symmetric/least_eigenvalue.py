"""The least eigenvalue of the full Hessian at a symmetric point, enclosed."""

from gradflow._arithmetic import Balls, extended
from gradflow.proofs.signs import count_below
from gradflow.proofs.symmetric.place import Part, SymmetricPlace

# to twelve digits: float64 ends, with some to spare
_WIDTH = 2.0**-40


def least_eigenvalue(place: SymmetricPlace) -> tuple[float, float] | None:
    """Bounds on it for every point in the place's balls; None where they are not proved.

    Belongs inside `arithmetic.working()`.
    """
    parts = list(place.parts())
    guess = min(_least(part, place.arithmetic) for part in parts)
    bounds = guess - _WIDTH * abs(guess), guess + _WIDTH * abs(guess)
    return bounds if is_least(parts, *bounds, place.arithmetic) else None


def is_least(parts: list[Part], lower: float, upper: float, arithmetic: Balls) -> bool:
    """Whether no eigenvalue is below the one number, and some below the other."""
    none_below = all(count_below(part.matrix, lower, arithmetic) == 0 for part in parts)
    return none_below and any((count_below(part.matrix, upper, arithmetic) or 0) > 0 for part in parts)


def _least(part: Part, arithmetic: Balls) -> float:
    """About the least eigenvalue: no bound."""
    many = extended(arithmetic.digits)
    middle = many.array([[arithmetic.exact(value) for value in row] for row in part.matrix])
    return float(min(many.eigenvalues((middle + middle.T) / 2)))
