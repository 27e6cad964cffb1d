"""JAX's numbers."""

import math
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradflow._arithmetic.float64 import Float64
from gradflow._arithmetic.numbers import Numbers


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
