"""Numbers that know their first and second derivatives, in mpmath: what automatic differentiation is compared with."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mpmath
import numpy as np

from oracles.landscape import Numbers, exact


class Jet(NamedTuple):
    """A number, its gradient (P,) and its Hessian (P, P)."""

    value: Any
    slope: Numbers
    bend: Numbers

    def through(self, value: Any, first: Any, second: Any) -> "Jet":
        """f of it, of f, f' and f'' there."""
        bend = self.bend * first + np.outer(self.slope, self.slope) * second
        return Jet(value, self.slope * first, bend)

    def __add__(self, other: Any) -> "Jet":  # type: ignore[override]
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.slope, self.bend)
        return Jet(self.value + other.value, self.slope + other.slope, self.bend + other.bend)

    def __mul__(self, other: Any) -> "Jet":  # type: ignore[override]
        if not isinstance(other, Jet):
            return Jet(self.value * other, self.slope * other, self.bend * other)
        both = np.outer(self.slope, other.slope)
        bend = self.bend * other.value + other.bend * self.value + both + both.T
        return Jet(self.value * other.value, self.slope * other.value + other.slope * self.value, bend)

    def __pow__(self, power: int) -> "Jet":
        x = self.value
        second = power * (power - 1) * x ** (power - 2) if power not in (0, 1) else mpmath.mpf(0)
        return self.through(x**power, power * x ** (power - 1), second)

    __radd__ = __add__
    __rmul__ = __mul__  # type: ignore[assignment]

    def __neg__(self) -> "Jet":
        return self * mpmath.mpf(-1)

    def __sub__(self, other: Any) -> "Jet":
        return self + (-other)

    def __rsub__(self, other: Any) -> "Jet":
        return -self + other

    def __truediv__(self, other: Any) -> "Jet":
        return self * (other**-1 if isinstance(other, Jet) else 1 / mpmath.mpf(other))


def jets(values: Sequence[Any]) -> list[Jet]:
    """The variables themselves."""
    unit, none = exact(np.eye(len(values))), exact(np.zeros((len(values), len(values))))
    return [Jet(value, row, none) for value, row in zip(exact(values), unit, strict=True)]


class Functions(NamedTuple):
    """What a formula needs beside sums, products and powers."""

    exp: Callable[[Any], Any]
    sin: Callable[[Any], Any]
    cos: Callable[[Any], Any]
    positive_part: Callable[[Any], Any]


def _exp(x: Jet) -> Jet:
    value = mpmath.exp(x.value)
    return x.through(value, value, value)


def _sin(x: Jet) -> Jet:
    value = mpmath.sin(x.value)
    return x.through(value, mpmath.cos(x.value), -value)


def _cos(x: Jet) -> Jet:
    value = mpmath.cos(x.value)
    return x.through(value, -mpmath.sin(x.value), -value)


def _positive_part(x: Jet) -> Jet:
    return x if x.value > 0 else x * mpmath.mpf(0)


OF_JETS = Functions(_exp, _sin, _cos, _positive_part)
