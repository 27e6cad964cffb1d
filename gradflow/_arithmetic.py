"""Numbers of several kinds behind one interface: float64, traced by JAX, or as many digits as asked for.

Formulas written with +, −, ×, / and what stands here hold for all of them. Arrays of many digits are NumPy arrays of
mpmath's numbers.
"""

import functools
import math
from typing import Any

import jax.numpy as jnp
import mpmath
import numpy as np
from jaxtyping import Array, Float

# an array of any kind of number
Numbers = Any

FLOAT64_DIGITS = 15


class Float64:
    """NumPy's arrays."""

    digits = FLOAT64_DIGITS
    epsilon = float(np.finfo(np.float64).eps)
    pi = math.pi

    def array(self, values: Any) -> Numbers:
        return np.asarray(values, dtype=np.float64)

    def number(self, value: Any) -> Any:
        return float(value)

    def sqrt(self, values: Numbers) -> Numbers:
        return np.sqrt(values)

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        return np.arctan2(y, x)

    def stack(self, values: list[Any]) -> Numbers:
        """Along a new last axis."""
        return np.stack(np.broadcast_arrays(*map(self.array, values)), -1)

    def solve(self, matrix: Numbers, vector: Numbers) -> Numbers:
        """x with matrix·x = vector, for stacks of both; infinite where there is none."""
        try:
            return np.linalg.solve(matrix, vector[..., None])[..., 0]
        except np.linalg.LinAlgError:
            return np.full_like(vector, np.inf)

    def eigenvalues(self, symmetric: Numbers) -> Numbers:
        """Ascending, of a stack of symmetric matrices."""
        return np.linalg.eigvalsh(symmetric)


class Traced:
    """JAX's arrays, to be differentiated and compiled; linear algebra is the caller's."""

    epsilon = Float64.epsilon
    pi = math.pi

    def array(self, values: Any) -> Float[Array, "..."]:
        return jnp.asarray(values, dtype=jnp.float64)

    def sqrt(self, values: Numbers) -> Float[Array, "..."]:
        return jnp.sqrt(values)

    def arctangent(self, y: Numbers, x: Numbers) -> Float[Array, "..."]:
        """atan(y/x) for x > 0."""
        return jnp.arctan2(y, x)

    def stack(self, values: list[Any]) -> Float[Array, "..."]:
        """Along a new last axis."""
        return jnp.stack(jnp.broadcast_arrays(*map(self.array, values)), -1)


class Extended:
    """mpmath's numbers of `digits` decimal digits, in a context of their own."""

    def __init__(self, digits: int):
        self.digits = digits
        self.context = mpmath.mp.clone()
        self.context.dps = digits
        self.epsilon = self.context.mpf(10) ** -digits
        self.pi = +self.context.pi

    def array(self, values: Any) -> Numbers:
        return _objects(np.frompyfunc(self.number, 1, 1)(np.asarray(values, dtype=object)))

    def number(self, value: Any) -> Any:
        return self.context.mpf(value.item() if isinstance(value, np.generic) else value)

    def sqrt(self, values: Numbers) -> Numbers:
        return _objects(np.frompyfunc(self.context.sqrt, 1, 1)(values))

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        return _objects(np.frompyfunc(self.context.atan2, 2, 1)(y, x))

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


def _objects(values: Any) -> Numbers:
    """An array also where NumPy returns a bare number."""
    return np.asarray(values, dtype=object)


Arithmetic = Float64 | Traced | Extended

FLOAT64, TRACED = Float64(), Traced()


@functools.cache
def extended(digits: int) -> Extended:
    """The arithmetic of so many digits; one context each."""
    return Extended(digits)


def arithmetic_of(digits: int) -> Float64 | Extended:
    """float64 as far as it goes."""
    return FLOAT64 if digits <= FLOAT64_DIGITS else extended(digits)
