"""What was proved of a point."""

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import Numbers, extended
from gradflow._checks import Checked
from gradflow._text import counted, listed
from gradflow.proofs.enclosure import Enclosure, decimal

if TYPE_CHECKING:
    import gradflow

_FLOAT64_DIGITS, _GUARD_DIGITS = 17, 5
_DIGITS_A_BIT = math.log10(2)
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


_OF_A_POINT = ("index", "bits", "error", "isolation", "gap", "loss", "least_eigenvalue", "elsewhere")
_OF_A_CURVE = ("sharing", "narrower")
_WITHOUT = {
    Statement.ISOLATED: _OF_A_CURVE,
    Statement.NOT_ISOLATED: (*_OF_A_POINT, "middle", "excess"),
    # the center is where Newton's method went
    Statement.NOT_PROVED: (*_OF_A_POINT, *_OF_A_CURVE, "radius"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Certificate:
    """A statement about the critical point near a given one, proved by computer.

    Distances are Euclidean, in the parameters of the problem (`problem.flatten`). If the `statement` is ISOLATED, then
    exactly one critical point θ* lies within `radius` of the given point, and exactly one within `isolation`, which is
    no less; it is at most `error` away from `center`, numbers of many digits; the Hessian at θ* has `index` negative
    eigenvalues and none of absolute value below `gap`; L(θ*) is in `loss`, and the least eigenvalue in
    `least_eigenvalue`, if that was asked for.

    If it is NOT_ISOLATED, a curve of critical points passes within `radius` of the given point: on it neuron i does the
    work of neuron `sharing[i][0]` of a narrower student with the sign `sharing[i][1]` (−1 and 0: of none), and
    `narrower` is the certificate of that student; None if it has no neurons. Nothing else is said: the given point may
    be beside the curve, and an isolated critical point be nearer.

    `proved` is whether there is a statement. If not, `step` names the one that failed, `reason` what stood in the way
    and `advice` what would help; that is no proof of the contrary. Of what is proved `reason` and the printed text are
    made from the numbers, here and when a file is read, so that they say what `gf.verify` proves and no more.

    `given` are the parameters as they were given, `middle` the refined ones as exact fractions; `bits` and
    `arithmetic` say in what it is to be proved again, `seconds` how long the proof took: they are no statements. For a
    symmetric problem distances, index and gap are those of the full space, with `excess` more dimensions than there are
    teachers; they hold in every other number of dimensions beyond the teachers too if `elsewhere`. `misquoted` names
    the texts of the file that it was read from that say something else: `gf.verify` counts them as failed.
    """

    problem: "gradflow.AbstractProblem"
    given: Any
    statement: Statement
    reason: str = ""
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
    elsewhere: bool = False
    misquoted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # text of a statement is never taken over, neither from a file nor from a certificate that is replaced
        if self.proved:
            said = {"reason": self._reason, "arithmetic": self._arithmetic, "step": None, "advice": ""}
            for name, value in said.items():
                object.__setattr__(self, name, value)

    @property
    def proved(self) -> bool:
        """Whether there is a statement. False does not say that there is no critical point."""
        return self.statement is not Statement.NOT_PROVED

    @property
    def center(self) -> Numbers | None:
        """The refined point, numbers of mpmath with as many digits as `error` leaves and a few more, in the order of
        `problem.flatten`; None if nothing was proved.
        """
        if self._error is None:
            return None
        largest = max((abs(value) for value in self.middle), default=Fraction(0))
        decimals = max(_FLOAT64_DIGITS, -math.floor(math.log10(max(self._error, _LEAST))))
        arithmetic = extended(_GUARD_DIGITS + decimals + math.ceil(int(largest).bit_length() * _DIGITS_A_BIT))
        return arithmetic.array([arithmetic.number(value) for value in self.middle])

    @property
    def student(self) -> Any:
        """The refined point in float64; the given one if Newton's method did not get anywhere. Where nothing was proved
        because the given point is too far from it, it can be certified itself. Raises `ValueError` where float64 does
        not hold it.
        """
        if not self.middle:
            return self.given
        _checks.within_float64("Certificate.student", "the refined point", self.middle, "certificate.center")
        return self.problem.unflatten(np.array([float(value) for value in self.middle]), self.given)

    @property
    def digits(self) -> int:
        """To how many decimals the refined point is known: its numbers are right to 10^−digits."""
        if self._error is None:
            return 0
        digits = -math.ceil(math.log10(max(self._error, _LEAST)))
        # the logarithm is rounded
        return digits if Fraction(self._error) * 10**digits <= 1 else digits - 1

    @property
    def _error(self) -> float | None:
        """None where it is no bound, too."""
        return self.error if self.error is not None and 0 <= self.error < math.inf else None

    @property
    def superfluous(self) -> tuple[str, ...]:
        """The fields that its statement does not have, as in an edited certificate: nothing is known of them."""
        names = _WITHOUT[self.statement]
        if self.statement is Statement.ISOLATED and not _is_symmetric(self.problem):
            names = (*names, "excess", "elsewhere")
        found = [name for name in names if not any(getattr(self, name) is nothing for nothing in (None, False, ()))]
        return tuple("center" if name == "middle" else name for name in found)

    @property
    def impossible(self) -> tuple[str, ...]:
        """What is bounded by no bound: negative, infinite or NaN, as in an edited certificate."""
        bounds = {"critical point": self.error, "radius": self.radius, "isolation": self.isolation, "gap": self.gap}
        bounds |= {"seconds": self.seconds}
        return tuple(name for name, bound in bounds.items() if bound is not None and not 0 <= bound < math.inf)

    def below(self, other: "Checked[Certificate]") -> bool:
        """Whether this critical point certainly has the smaller loss, as both certificates say: of files they are to be
        verified before. False does not say that it has not; where one is of a curve it is not known.
        """
        _checks.instance("below", "other", other, Certificate, "certificate.below(gf.certify(problem, point))")
        if not self.statement is other.statement is Statement.ISOLATED:
            return False
        return self.loss is not None and other.loss is not None and self.loss.below(other.loss)

    def __str__(self) -> str:
        if self.statement is Statement.NOT_PROVED:
            advice = f" {self.advice}" if self.advice else ""
            return f"certify: not proved ({self.step}): {self.reason}.{advice}"
        if self.statement is Statement.NOT_ISOLATED:
            return f"certify: not isolated, within {_at_most(self.radius)}: {self.reason}"
        elsewhere = f"; {self._dimensions}" if self._dimensions else ""
        return (
            f"certify: exactly one critical point within {_at_most(self.radius)} (within {_at_least(self.isolation)}), "
            f"index {self.index}, no eigenvalue within {_at_least(self.gap)} of zero, loss in {self.loss}, "
            f"{counted(self.digits, 'digit')}{elsewhere}"
        )

    __repr__ = __str__

    @property
    def _reason(self) -> str:
        """What is proved, in words."""
        if self.statement is Statement.ISOLATED:
            dimensions = f"; {self._dimensions}" if self._dimensions else ""
            return f"exactly one critical point, its Hessian not singular{dimensions}"
        said = "; ".join(_ways(self.sharing))
        return f"a curve of critical points passes there{', on which ' * bool(said)}{said}"

    @property
    def _arithmetic(self) -> str:
        """In which it is to be proved again."""
        by_symmetry = "by symmetry " * _is_symmetric(self.problem)
        return "" if self.bits is None else f"{by_symmetry}in balls of {self.bits} bits"

    @property
    def _dimensions(self) -> str:
        """In which an index by symmetry holds."""
        if not _is_symmetric(self.problem) or not isinstance(self.excess, int):
            return ""
        teachers = sum(orbit.size * len(orbit.teachers) for orbit in self.problem.orbits)
        teachers = int(teachers) if teachers == int(teachers) else teachers
        others = f" and in every other d > {teachers}" if self.elsewhere else ""
        return f"in d = {teachers + self.excess} dimensions{others}"


def _is_symmetric(problem: Any) -> bool:
    # not at the top: who reads what is stored needs no problems, which load JAX
    from gradflow.problems import SymmetricTeacherStudent

    return isinstance(problem, SymmetricTeacherStudent)


def is_sharing(value: Any) -> bool:
    """Whether it is what `Certificate.sharing` may be: a pair of integers for every neuron."""
    return (
        isinstance(value, tuple)
        and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value)
        and all(type(each) is int for pair in value for each in pair)
    )


def shared_and_dead(sharing: Any) -> tuple[list[list[str]], list[str]]:
    """The neurons that share the work of narrower ones, group by group, and those that do none."""
    groups: dict[int, list[str]] = {}
    for neuron, (place, _) in enumerate(sharing if is_sharing(sharing) else ()):
        groups.setdefault(place, []).append(str(neuron))
    dead = groups.pop(-1, [])
    return [group for group in groups.values() if len(group) > 1], dead


def _ways(sharing: Any) -> Iterator[str]:
    """What can move along a curve, by how neurons share the work of narrower ones."""
    shared, dead = shared_and_dead(sharing)
    for group in shared:
        yield f"neurons {listed(group)} share one weight vector and exchange output weights"
    if len(dead) == 1:
        move = "" if shared else ", and its weights move"
        yield f"neuron {dead[0]} has output weight zero{move}"
    elif dead:
        move = "" if shared else ", and the weights of some of them move"
        yield f"neurons {listed(dead)} have output weight zero{move}"


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
