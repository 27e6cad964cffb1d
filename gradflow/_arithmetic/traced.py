"""JAX's numbers; JAX is loaded once they are used."""

import math
from typing import Any

from gradflow._arithmetic.float64 import Float64
from gradflow._arithmetic.numbers import Numbers


class Traced:
    """JAX's arrays, to be differentiated and compiled; linear algebra is the caller's."""

    epsilon = Float64.epsilon
    pi = math.pi

    def array(self, values: Any) -> Numbers:
        import jax.numpy as jnp

        return jnp.asarray(values, dtype=jnp.float64)

    def sqrt(self, values: Numbers) -> Numbers:
        import jax.numpy as jnp

        return jnp.sqrt(values)

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        import jax.numpy as jnp

        return jnp.arctan2(y, x)

    def stack(self, values: list[Any]) -> Numbers:
        """Along a new last axis."""
        import jax.numpy as jnp

        return jnp.stack(jnp.broadcast_arrays(*map(self.array, values)), -1)
