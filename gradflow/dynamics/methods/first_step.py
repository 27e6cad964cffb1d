"""How long the first step of a flow is."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from gradflow.dynamics.field import GradientField
from gradflow.dynamics.methods.growth import GROWTH, rate
from gradflow.dynamics.methods.newton import norm

# the first step (Hairer, Nørsett & Wanner, Solving ODEs I, section II.4): where θ or f is this small in units of the
# tolerance, their ratio means nothing, and the first trial step is _TRIAL
_NOTHING, _TRIAL = 1e-5, 1e-6


def first_step(
    field: GradientField,
    position: Float[Array, " param"],
    velocity: Float[Array, " param"],
    units: Float[Array, " param"],
) -> Float[Array, ""]:
    """Hairer, Nørsett & Wanner, Solving ODEs I, section II.4, for order 1; and no further than the growth allows."""
    size, slope = norm(position / units), norm(velocity / units)
    meaningless = (size < _NOTHING) | (slope < _NOTHING)
    trial = jnp.where(meaningless, _TRIAL, 0.01 * size / jnp.where(meaningless, 1.0, slope))
    change = (field(position + trial * velocity) - velocity) / trial
    steepest = jnp.maximum(slope, norm(change / units))
    by_bend = jnp.where(steepest <= 1e-15, jnp.maximum(_TRIAL, 1e-3 * trial), 0.1 / jnp.sqrt(steepest))
    by_growth = GROWTH[1] / rate(velocity, change)
    # a trial step to where the field is not finite says nothing: move by a hundredth of the tolerance
    first = jnp.minimum(jnp.minimum(100 * trial, by_bend), by_growth)
    return jnp.where(jnp.isfinite(steepest), first, 0.01 / slope)
