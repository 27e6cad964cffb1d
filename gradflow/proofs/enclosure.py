"""An interval that contains a number."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from gradflow import _checks
from gradflow._checks import Checked

# what is printed of an interval that is narrower still
_MOST_PRINTED = 40


@dataclass(frozen=True, repr=False)
class Enclosure:
    """At least `lower` and at most `upper`, exact numbers: compare them, or take `float` of them.

    Any finite number is converted exactly, an int, a float or a Decimal too; NaN and infinities are refused,
    as are ends in the wrong order.
    """

    lower: Fraction
    upper: Fraction

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            exact = _checks.exact_number("Enclosure", name, getattr(self, name), "gf.Enclosure(0, 1)")
            object.__setattr__(self, name, exact)
        _checks.ascending("Enclosure", "lower and upper", self.lower, self.upper, "gf.Enclosure(0, 1)")

    @property
    def width(self) -> Fraction:
        return self.upper - self.lower

    def below(self, other: "Checked[Enclosure]") -> bool:
        """Whether this number is certainly the smaller one. False does not mean that it is not."""
        _checks.instance("below", "other", other, Enclosure, "certificate.loss.below(another.loss)")
        return self.upper < other.lower

    def __str__(self) -> str:
        """Outward to as many digits as tell the ends apart."""
        for digits in range(6, _MOST_PRINTED):
            lower, upper = decimal(self.lower, digits, ROUND_FLOOR), decimal(self.upper, digits, ROUND_CEILING)
            if Fraction(upper) - Fraction(lower) <= 2 * self.width:
                break
        return f"[{lower}, {upper}]"

    __repr__ = __str__


def decimal(value: Fraction, digits: int, rounding: str) -> Decimal:
    """To so many significant digits."""
    return Context(prec=digits, rounding=rounding).divide(Decimal(value.numerator), Decimal(value.denominator))
