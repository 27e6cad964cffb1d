"""mpmath's numbers."""

import functools
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from gradflow._arithmetic.numbers import Numbers, objects


class Extended:
    """mpmath's numbers of `digits` decimal digits, in a context of their own."""

    def __init__(self, digits: int):
        self.digits = digits
        self.context = mpmath.mp.clone()
        self.context.dps = digits
        self.epsilon = self.context.mpf(10) ** -digits
        self.pi = +self.context.pi

    def array(self, values: Any) -> Numbers:
        return objects(np.frompyfunc(self.number, 1, 1)(np.asarray(values, dtype=object)))

    def number(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return self.context.mpf(value.numerator) / value.denominator
        return self.context.mpf(value.item() if isinstance(value, np.generic) else value)

    def sqrt(self, values: Numbers) -> Numbers:
        return objects(np.frompyfunc(self.context.sqrt, 1, 1)(values))

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        return objects(np.frompyfunc(self.context.atan2, 2, 1)(y, x))

    def stack(self, values: list[Any]) -> Numbers:
        """Along a new last axis."""
        return np.stack(np.broadcast_arrays(*map(self.array, values)), -1)

    def solve(self, matrix: Numbers, vector: Numbers) -> Numbers:
        """x with matrix·x = vector; infinite where there is none."""
        try:
            solution = self.context.lu_solve(self.context.matrix(matrix.tolist()), self.context.matrix(vector.tolist()))
        except ZeroDivisionError:
            return self.array(np.full(vector.shape, np.inf))
        return np.array(list(solution), dtype=object)

    def eigenvalues(self, symmetric: Numbers) -> Numbers:
        """Ascending, of one symmetric matrix."""
        return np.array(list(self.context.eigsy(self.context.matrix(symmetric.tolist()), eigvals_only=True)))


@functools.cache
def extended(digits: int) -> Extended:
    """The arithmetic of so many digits; one context each."""
    return Extended(digits)
