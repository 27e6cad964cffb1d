"""Flows that are infinite, or infinitely fast, after a finite time."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradflow.dynamics.field import GradientField
from gradflow.problems.rounding import EPSILON

# next to a time T of blow-up the path speeds up at a rate of a few over T − t, and the steps vanish in the rounding of
# T where T − t is some 100 ε T; at a kink, the other place without a next step, the rate is what it was
_LEAST_RATE = 1e-6


@eqx.filter_jit
def blows_up(field: GradientField, time: Float[Array, ""], position: Float[Array, " param"]) -> Bool[Array, ""]:
    """The rate −v·MHv/v·v at which the velocity v = −M∇L grows is at least 1e-6 over the rounding of the time, ε t."""
    velocity = field(position)
    velocity = velocity / jnp.max(jnp.abs(velocity))
    acceleration = -field.rates * field.hessian_operator(position)(velocity)
    return (velocity @ acceleration) * (EPSILON * time) >= _LEAST_RATE * (velocity @ velocity)
