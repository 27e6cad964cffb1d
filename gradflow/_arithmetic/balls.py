"""Arb's balls: numbers with an error bound that every operation carries on."""

import contextlib
import functools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from gradflow._arithmetic.numbers import Numbers, objects


class Balls:
    """Real numbers enclosed in balls of `bits` of precision, by python-flint: whatever is computed contains the true
    value. Comparisons hold only if they hold for every number in the balls.

    The precision is the process's own: operations belong inside `working()`. Outside they are right too, with
    another number of bits.
    """

    # a ball knows its own rounding
    epsilon = 0

    def __init__(self, bits: int):
        import flint  # an optional extra

        self.bits = bits
        self.digits = int(bits * math.log10(2))
        self._flint = flint

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Operations have `bits` of precision inside."""
        with self._flint.ctx.workprec(self.bits):
            yield

    @contextlib.contextmanager
    def truncating(self, length: int) -> Iterator[None]:
        """Power series have so many terms inside: the process's own, too."""
        before = self._flint.ctx.cap
        self._flint.ctx.cap = length
        try:
            yield
        finally:
            self._flint.ctx.cap = before

    def series(self, coefficients: Iterable[Any], around: Any) -> Any:
        """The polynomial Σ c_i t^i as a power series in t − t₀, for every t₀ in the ball `around`.

        Belongs inside `truncating`.
        """
        moved = self._flint.arb_poly(list(coefficients))(self._flint.arb_poly([around, 1]))
        return self._flint.arb_series(moved.coeffs(), self._flint.ctx.cap)

    def coefficients(self, series: Any, length: int) -> list[Any]:
        """The first coefficients of a power series that is known to so many terms."""
        if series.prec < length:
            raise RuntimeError(f"a power series of {series.prec} terms: this is a bug in gradflow, please report it")
        return [series[power] for power in range(length)]

    @property
    def pi(self) -> Any:
        return self._flint.arb.pi()

    def array(self, values: Any) -> Numbers:
        """Integers, float64 and fractions of a power of two as the numbers that they are; other fractions in balls."""
        return objects(np.frompyfunc(self.number, 1, 1)(np.asarray(values, dtype=object)))

    def number(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            if value.denominator & (value.denominator - 1):
                return self._flint.arb(value.numerator) / value.denominator
            return self._dyadic(value.numerator, 1 - value.denominator.bit_length())
        return self._flint.arb(value.item() if isinstance(value, np.generic) else value)

    def ball(self, middle: Any, radius: float) -> Any:
        """All numbers at most so far away."""
        return self._flint.arb(middle, radius)

    def around(self, values: Numbers, radius: Any) -> Numbers:
        """Each of the numbers with so much more room."""
        room = self._flint.arb(0, radius)
        return objects(np.frompyfunc(lambda value: value + room, 1, 1)(values))

    def sqrt(self, values: Numbers) -> Numbers:
        return objects(np.frompyfunc(lambda value: value.sqrt(), 1, 1)(values))

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        return objects(np.frompyfunc(self._flint.arb.atan2, 2, 1)(y, x))

    def stack(self, values: list[Any]) -> Numbers:
        """Along a new last axis."""
        return np.stack(np.broadcast_arrays(*map(self.array, values)), -1)

    def product(self, left: Numbers, right: Numbers) -> Numbers:
        """Of two matrices, at the speed of Arb's."""
        if 0 in (*left.shape, *right.shape):
            return self.array(np.zeros((left.shape[0], right.shape[1])))
        matrix = self._flint.arb_mat(left.tolist()) * self._flint.arb_mat(right.tolist())
        return np.array(matrix.tolist(), dtype=object).reshape(left.shape[0], right.shape[1])

    def solve(self, matrix: Numbers, right: Numbers) -> Numbers | None:
        """X with matrix·X = right (two matrices); None where the matrix is not certainly regular."""
        try:
            found = self._flint.arb_mat(matrix.tolist()).solve(self._flint.arb_mat(right.tolist()))
        except ZeroDivisionError:
            return None
        return np.array(found.tolist(), dtype=object).reshape(right.shape)

    def middle(self, values: Numbers) -> Numbers:
        """The middles, exact."""
        return objects(np.frompyfunc(lambda value: value.mid(), 1, 1)(values))

    def upper(self, value: Any) -> float:
        """A float64 that no number of the ball exceeds."""
        return _up(value.upper())

    def lower(self, value: Any) -> float:
        """A float64 that exceeds no number of the ball."""
        return -_up((-value).upper())

    def sizes(self, values: Numbers) -> Numbers:
        """Float64 that the absolute values do not exceed, one by one; infinite where a ball is not finite."""
        return np.asarray(np.frompyfunc(lambda value: _up(value.abs_upper()), 1, 1)(values), dtype=np.float64)

    def size(self, values: Numbers) -> float:
        """A float64 that no absolute value exceeds; infinite where a ball is not finite."""
        return float(np.max(self.sizes(values), initial=0.0))

    def norm(self, values: Numbers) -> float:
        """A float64 that the 2-norm does not exceed."""
        # of the bounds of the sizes: the square of a ball around zero has negative numbers, and no root
        sizes = objects(np.frompyfunc(lambda value: value.abs_upper(), 1, 1)(values))
        return self.upper((sizes * sizes).sum().sqrt()) if len(values) else 0.0

    def float64(self, values: Numbers) -> Numbers:
        """The middles in float64, to the nearest or the one beside it."""
        return np.asarray(np.frompyfunc(float, 1, 1)(values), dtype=np.float64)

    def spread(self, values: Numbers) -> float:
        """A float64 that no radius exceeds."""
        return max((_up(value.rad()) for value in np.ravel(values)), default=0.0)

    def encloses(self, ball: Any, value: Any) -> bool:
        """Whether the ball contains an exact number of mpmath."""
        sign, mantissa, exponent, _ = value._mpf_
        return bool(ball.contains(self._dyadic(-int(mantissa) if sign else int(mantissa), exponent)))

    def ends(self, ball: Any) -> tuple[Fraction, Fraction]:
        """The least and the largest number of the ball, to a rounding outwards."""
        return self.exact(ball.lower()), self.exact(ball.upper())

    def exact(self, value: Any) -> Fraction:
        """The middle."""
        mantissa, exponent = value.mid().man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    def _dyadic(self, mantissa: int, exponent: int) -> Any:
        """m 2^e."""
        return self._flint.arb(self._flint.arf((mantissa, exponent)))


@functools.cache
def balls(bits: int) -> Balls:
    """The arithmetic of so many bits.

    Raises `ModuleNotFoundError` where python-flint is not installed.
    """
    return Balls(bits)


def _up(value: Any) -> float:
    """A float64 that is at least this exact number."""
    # of −∞, where float64 has no number, that is the least of its own
    return math.nextafter(float(value), math.inf) if value.is_finite() else math.inf
