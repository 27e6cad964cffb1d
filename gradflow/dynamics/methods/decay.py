"""A gradient that falls like a power of the time, and what a step may err there."""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from gradflow.dynamics.methods.newton import norm

# along every tail ‖∇L‖ ~ t^(−r) with r from 1/2, next to a logarithm, over 1, of an exponential, to 2, of |x|³; with
# room on both sides. A path between plateaus, of a teacher–student flow say, does not stay within a tenth of one r
# while t grows by e: 40 such flows take 0.6 % more steps than without all this, and 4.4 % more with a fifth
_LEAST_EXPONENT, _LARGEST_EXPONENT, _SAME, _AGAIN = 0.3, 4.0, 0.1, math.e
_TINY = float(np.finfo(np.float64).tiny)


class Decay(NamedTuple):
    """λ = −d log ‖∇L‖/dt of the last accepted step, and its size; the exponent r = λt, to within a tenth of which it
    has stayed, and since when.
    """

    size: Float[Array, ""]
    rate: Float[Array, ""]
    exponent: Float[Array, ""]
    since: Float[Array, ""]

    def share(self, time: Float[Array, ""], size: Float[Array, ""]) -> Float[Array, ""]:
        """What part of its tolerance a step may err by: all of it, but λh along a power of the time. Such a path
        forgets an error only when the gradient has fallen by e, and the errors of the 1/(λh) steps until then add up.
        h is no less than the last step's: what that erred is a part of the velocity, and a shorter step is not more
        accurate by more than its length.
        """
        longest = jnp.maximum(size, self.size)
        share: Float[Array, ""] = jnp.where(self.is_a_power(time), jnp.clip(self.rate * longest, _TINY, 1.0), 1.0)
        return share

    def is_a_power(self, time: Float[Array, ""]) -> Bool[Array, ""]:
        """Whether the gradient has fallen like a power of the time for long enough."""
        known = (self.exponent > _LEAST_EXPONENT) & (self.exponent < _LARGEST_EXPONENT)
        return known & (self.since > 0) & (time > _AGAIN * self.since)

    def after(
        self,
        accepted: Bool[Array, ""],
        time: Float[Array, ""],
        size: Float[Array, ""],
        before: Float[Array, " param"],
        gradient: Float[Array, " param"],
    ) -> "Decay":
        """From an attempted step and the gradients at both of its ends."""
        rate = (_logarithm(before) - _logarithm(gradient)) / size
        exponent = rate * (time + size / 2)
        same = jnp.abs(exponent - self.exponent) <= _SAME * self.exponent
        return Decay(
            size=jnp.where(accepted, size, self.size),
            rate=jnp.where(accepted, rate, self.rate),
            exponent=jnp.where(accepted & ~same, exponent, self.exponent),
            since=jnp.where(accepted & ~same, time, self.since),
        )


def decay_from(time: Float[Array, ""]) -> Decay:
    """At the start of a flow."""
    return Decay(size=jnp.zeros_like(time), rate=jnp.zeros_like(time), exponent=jnp.zeros_like(time), since=time)


def _logarithm(gradient: Float[Array, " param"]) -> Float[Array, ""]:
    """log ‖∇L‖."""
    unit = jnp.maximum(norm(gradient), _TINY)  # squares of small numbers vanish
    scaled = gradient / unit
    return jnp.log(unit) + jnp.log(jnp.maximum(scaled @ scaled, _TINY)) / 2
