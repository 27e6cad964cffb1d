"""What was proved of a point."""

import enum
import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import Numbers, extended
from gradflow._checks import Checked
from gradflow._text import counted
from gradflow.proofs.enclosure import Enclosure, decimal

if TYPE_CHECKING:
    import gradflow

_FLOAT64_DIGITS, _GUARD_DIGITS = 17, 5
# of an error that is zero
_LEAST = 1e-300


class Statement(enum.StrEnum):
    """What a certificate says; the value is what tables and files say."""

    ISOLATED = "isolated critical point"
    """Exactly one critical point lies in the ball of `radius`; its Hessian is not singular and has this `index`."""
    NOT_ISOLATED = "not isolated"
    """A curve of critical points passes through the ball of `radius`: `reason` names it."""
    NOT_PROVED = "not proved"
    """Nothing is said: neither that it holds nor that it does not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Certificate:
    """A statement about the critical point near a given one, proved by computer.

    Distances are Euclidean, in the parameters of the problem (`problem.flatten`). If the `statement` is ISOLATED, then
    exactly one critical point θ* lies within `radius` of the given point, and exactly one within `isolation`, which is
    no less; it is at most `error` away from `center`, numbers of many digits; the Hessian at θ* has `index` negative
    eigenvalues and none of absolute value below `gap`; L(θ*) is in `loss`, and the least eigenvalue in
    `least_eigenvalue`, if that was asked for.

    If it is NOT_ISOLATED, a curve of critical points passes within `radius`: neuron i does the work of neuron
    `sharing[i][0]` of a narrower student with the sign `sharing[i][1]` (−1 and 0: of none), and `narrower` is the
    certificate of that student; None if it has no neurons.

    `proved` is whether there is a statement. If not, `step` names the one that failed, `reason` what stood in the way
    and `advice` what would help; that is no proof of the contrary. `given` are the parameters as they were given,
    `middle` the refined ones as exact fractions, `arithmetic` and `bits` what was computed with. For a symmetric
    problem distances, index and gap are those of the full space, with `excess` more dimensions than there are teachers.
    """

    problem: "gradflow.AbstractProblem"
    given: Any
    statement: Statement
    reason: str
    seconds: float
    arithmetic: str = ""
    step: str | None = None
    advice: str = ""
    index: int | None = None
    middle: tuple[Fraction, ...] = ()
    bits: int | None = None
    error: float | None = None
    radius: float | None = None
    isolation: float | None = None
    gap: float | None = None
    loss: Enclosure | None = None
    least_eigenvalue: Enclosure | None = None
    sharing: tuple[tuple[int, int], ...] | None = None
    narrower: "Certificate | None" = None
    excess: int | None = None

    @property
    def proved(self) -> bool:
        """Whether there is a statement. False does not say that there is no critical point."""
        return self.statement is not Statement.NOT_PROVED

    @property
    def center(self) -> Numbers | None:
        """The refined point, numbers of mpmath with as many digits as `error` leaves and a few more, in the order of
        `problem.flatten`; None if nothing was proved.
        """
        if self.error is None:
            return None
        largest = max((abs(value) for value in self.middle), default=Fraction(0))
        decimals = max(_FLOAT64_DIGITS, -math.floor(math.log10(max(self.error, _LEAST))))
        arithmetic = extended(_GUARD_DIGITS + decimals + len(str(int(largest))))
        return arithmetic.array([arithmetic.number(value) for value in self.middle])

    @property
    def student(self) -> Any:
        """The refined point in float64; the given one if Newton's method did not get anywhere. Where nothing was proved
        because the given point is too far from it, it can be certified itself.
        """
        if not self.middle:
            return self.given
        return self.problem.unflatten(np.array([float(value) for value in self.middle]), self.given)

    @property
    def digits(self) -> int:
        """To how many decimals the refined point is known: its numbers are right to 10^−digits."""
        if self.error is None:
            return 0
        digits = -math.ceil(math.log10(max(self.error, _LEAST)))
        # the logarithm is rounded
        return digits if Fraction(self.error) * 10**digits <= 1 else digits - 1

    @property
    def impossible(self) -> tuple[str, ...]:
        """What is bounded by no bound: negative, infinite or NaN, as in an edited certificate."""
        bounds = {"critical point": self.error, "radius": self.radius, "isolation": self.isolation, "gap": self.gap}
        return tuple(name for name, bound in bounds.items() if bound is not None and not 0 <= bound < math.inf)

    def below(self, other: "Checked[Certificate]") -> bool:
        """Whether this critical point certainly has the smaller loss. False does not say that it has not."""
        _checks.instance("below", "other", other, Certificate, "certificate.below(gf.certify(problem, point))")
        return self.loss is not None and other.loss is not None and self.loss.below(other.loss)

    def __str__(self) -> str:
        if self.statement is Statement.NOT_PROVED:
            advice = f" {self.advice}" if self.advice else ""
            return f"certify: not proved ({self.step}): {self.reason}.{advice}"
        if self.statement is Statement.NOT_ISOLATED:
            return f"certify: not isolated, within {_at_most(self.radius)}: {self.reason}"
        return (
            f"certify: exactly one critical point within {_at_most(self.radius)} (within {_at_least(self.isolation)}), "
            f"index {self.index}, no eigenvalue within {_at_least(self.gap)} of zero, loss in {self.loss}, "
            f"{counted(self.digits, 'digit')}; {self.arithmetic}, {self.seconds:.2f} s"
        )

    __repr__ = __str__


def _at_most(bound: float | None) -> str:
    """To two digits, upwards: what is printed was proved too."""
    return _printed(bound, ROUND_CEILING)


def _at_least(bound: float | None) -> str:
    """To two digits, downwards."""
    return _printed(bound, ROUND_FLOOR)


def _printed(bound: float | None, rounding: str) -> str:
    if bound is None or not math.isfinite(bound):
        return str(bound)
    return f"{float(decimal(Fraction(bound), 2, rounding)):.2g}"
