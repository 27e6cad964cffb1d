"""What a member of an exact family knows of itself: loss, network, full spectrum, in as many digits as needed."""

import functools
import math
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradflow._arithmetic import FLOAT64, FLOAT64_DIGITS, Extended, Float64, extended
from gradflow.problems.symmetric import Orbit, SymmetricNetwork, SymmetricSpectrum
from gradflow.problems.symmetric.blocks import TERMS
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.spectrum import spectrum

if TYPE_CHECKING:
    import gradflow

# exact points are found in at least so many digits and rounded at the end, so that every digit of a float64 is right
_LEAST_DIGITS = 34
# what a few hundred operations cost
_GUARD_DIGITS = 10
# float64 must leave four digits of every eigenvalue, or more are taken
_RELATIVE_ERROR = 1e-4
# what so many do not tell from zero is zero; at k = 1e30 the least eigenvalue is 1e-100 of the largest
_MOST_DIGITS = 150


class PrecisionWarning(UserWarning):
    """float64 was not enough: more digits were taken, or should be, which the message says."""


@dataclass(frozen=True, repr=False)
class AbstractFamilyPoint(ABC):
    """A member of an exact family of critical points of `k` orthonormal teachers with unit output weights, in `d`
    dimensions (k + 1 if None).

    `digits` is what was asked for; None is float64, computed in more digits where float64 would not do.
    """

    k: Any
    n: Any
    d: int | None
    digits: int | None

    @property
    @abstractmethod
    def orbits(self) -> tuple[Orbit, ...]:
        """The neurons that its symmetry permutes together."""

    @abstractmethod
    def in_arithmetic(self, arithmetic: Extended) -> SymmetricNetwork:
        """The point itself, right to the digits of the arithmetic."""

    @property
    @abstractmethod
    def student(self) -> "gradflow.TwoLayerNetwork":
        """The network, in float64.

        Raises `ValueError` for sizes that are no integers, `MemoryError` if it would not fit.
        """

    @property
    def sizes(self) -> tuple[Any, ...]:
        """Those of the orbits."""
        return tuple(orbit.size for orbit in self.orbits)

    @property
    def problem(self) -> "gradflow.SymmetricTeacherStudent":
        """The reduced problem, whose unknowns are those of `network`."""
        from gradflow.problems.symmetric.problem import SymmetricTeacherStudent

        return SymmetricTeacherStudent(self.orbits)

    @property
    def network(self) -> SymmetricNetwork:
        """The point as parameters of `problem`; float64, or as many digits as were asked for."""
        found = self.in_arithmetic(self._working)
        kind = self._result
        return SymmetricNetwork(kind.array(found.own), kind.array(found.others), kind.array(found.output))

    @property
    def loss(self) -> Any:
        """L; a float, or a number of as many digits as were asked for. Zero where rounding does not tell it from that:
        at the perfect copy.
        """
        found, working = self.in_arithmetic(self._working), self._working
        here = landscape(self.orbits, found.own, found.others, found.output, working)
        is_zero = abs(here.loss) <= TERMS * working.epsilon * here.magnitude.loss
        return self._result.number(0 if is_zero else here.loss)

    @property
    def spectrum(self) -> SymmetricSpectrum:
        """All eigenvalues of the full Hessian in `d` dimensions, with multiplicities, block by block.

        Warns (`PrecisionWarning`) where float64 leaves fewer than four digits of one of them, and takes more.
        """
        if self.digits is None or self.digits <= FLOAT64_DIGITS:
            found = _spectrum(self, FLOAT64)
            if self.digits is not None or not found.loses(_RELATIVE_ERROR):
                return found
            found, digits = self._settled()
            warnings.warn(
                f"float64 leaves fewer than four digits of an eigenvalue at k = {self.k}, n = {self.n}: computed in "
                f"{digits}. Write digits=30 to have them all.",
                PrecisionWarning,
                stacklevel=3,  # beyond the module's own look-up of properties
            )
        else:
            found, _ = self._settled()
        return found.rounded(self._result)

    def _settled(self) -> tuple[SymmetricSpectrum, int]:
        """In as many digits as leave four of every eigenvalue; one that is zero never has them."""
        digits = self._working.digits
        found = _spectrum(self, self._working)
        while found.loses(_RELATIVE_ERROR) and digits < _MOST_DIGITS:
            digits *= 2
            found = _spectrum(self, extended(digits))
        return found, digits

    @property
    def _result(self) -> Float64 | Extended:
        many = self.digits is not None and self.digits > FLOAT64_DIGITS
        return extended(int(self.digits or 0)) if many else FLOAT64

    @property
    def _working(self) -> Extended:
        """Sums of k terms and more cancel to what does not grow with k."""
        return extended(working_digits(self.k, self.digits))


@functools.lru_cache(maxsize=256)
def _spectrum(point: AbstractFamilyPoint, arithmetic: Float64 | Extended) -> SymmetricSpectrum:
    """Kept, since a point is asked for its index, its eigenvalues and its multiplicities one after the other."""
    network = point.in_arithmetic(arithmetic if isinstance(arithmetic, Extended) else point._working)
    return spectrum(point.orbits, network, 1 if point.d is None else point.d - int(point.k), arithmetic)


def working_digits(k: Any, digits: int | None) -> int:
    """How many digits leave so many in a result."""
    return max(_LEAST_DIGITS, (digits or FLOAT64_DIGITS) + _GUARD_DIGITS + math.ceil(2 * math.log10(k)))
