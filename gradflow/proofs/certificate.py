"""What was proved of a point."""

import enum
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gradflow._arithmetic import Numbers, extended
from gradflow._text import counted
from gradflow.problems import AbstractProblem
from gradflow.proofs.enclosure import Enclosure

_FLOAT64_DIGITS, _GUARD_DIGITS = 17, 5
# of an error that is zero
_LEAST = 1e-300


class Statement(enum.Enum):
    """What a certificate says; the value is what tables and files say."""

    ISOLATED = "isolated critical point"
    """Exactly one critical point lies in the ball of `radius`; its Hessian is not singular and has this `index`."""
    NOT_ISOLATED = "not isolated"
    """A curve of critical points passes through the ball of `radius`: `reason` names it."""
    NOT_PROVED = "not proved"
    """Nothing is said: neither that it holds nor that it does not."""

    def __str__(self) -> str:
        return self.value


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

    problem: AbstractProblem
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
        arithmetic = extended(_GUARD_DIGITS + max(_FLOAT64_DIGITS, -math.floor(math.log10(max(self.error, _LEAST)))))
        return arithmetic.array([arithmetic.number(value) for value in self.middle])

    @property
    def digits(self) -> int:
        """To how many decimals the refined point is known: its numbers are right to 10^−digits."""
        return 0 if self.error is None else -math.ceil(math.log10(max(self.error, _LEAST)))

    def below(self, other: "Certificate") -> bool:
        """Whether this critical point certainly has the smaller loss. False does not say that it has not."""
        return self.loss is not None and other.loss is not None and self.loss.below(other.loss)

    def __str__(self) -> str:
        if self.statement is Statement.NOT_PROVED:
            advice = f" {self.advice}" if self.advice else ""
            return f"certify: not proved ({self.step}): {self.reason}.{advice}"
        if self.statement is Statement.NOT_ISOLATED:
            return f"certify: not isolated, within {self.radius:.2g}: {self.reason}"
        return (
            f"certify: exactly one critical point within {self.radius:.2g} (within {self.isolation:.2g}), "
            f"index {self.index}, no eigenvalue within {self.gap:.2g} of zero, loss in {self.loss}, "
            f"{counted(self.digits, 'digit')}; {self.arithmetic}, {self.seconds:.2f} s"
        )

    __repr__ = __str__
