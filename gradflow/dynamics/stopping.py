"""When the flow stops. One predicate a reason, used both for stopping and for reporting."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradflow.problems.rounding import EPSILON

# at a time T of blow-up the steps vanish in the rounding of T at T − t = 1e-14 T, where |θ̇|t/|θ| is 1e14 for θ that
# grows like a power of T − t, and |θ̇|t still 1e7 for θ = √(T − t); elsewhere it is of order 1
_RUNS_AWAY = 1e6


class Limits(eqx.Module):
    """Where the flow stops. Arrays, so that a new value compiles nothing."""

    gradient_tolerance: Float[Array, ""]
    end_time: Float[Array, ""]

    def __init__(self, gradient_tolerance: float, end_time: float):
        self.gradient_tolerance = jnp.asarray(gradient_tolerance, dtype=jnp.float64)
        self.end_time = jnp.asarray(end_time, dtype=jnp.float64)


def is_critical(gradient_norm: Float[Array, ""], limits: Limits) -> Bool[Array, ""]:
    """‖∇L‖∞ ≤ tolerance."""
    return gradient_norm <= limits.gradient_tolerance


def has_ended(time: Float[Array, ""], limits: Limits) -> Bool[Array, ""]:
    """The end time is reached."""
    return time >= limits.end_time


def has_diverged(
    time: Float[Array, ""], loss: Float[Array, ""], gradient_norm: Float[Array, ""], position: Float[Array, " param"]
) -> Bool[Array, ""]:
    """Anything is not finite; the time, where a loss without a lower bound falls for ever with a bounded gradient."""
    finite = jnp.isfinite(time) & jnp.isfinite(loss) & jnp.isfinite(gradient_norm)
    return ~(finite & jnp.all(jnp.isfinite(position)))


def has_risen(start_loss: Float[Array, ""], before: Float[Array, ""], after: Float[Array, ""]) -> Bool[Array, ""]:
    """A step raised the loss by more than 1 % of it and of all that the flow has lost so far: no gradient flow does
    that, and an implicit step that is far too long did (to a loss of 1e114, from weights of norm 1e3). Rounding stays
    below.
    """
    return after - before > 0.01 * (start_loss - before + jnp.abs(before))


def has_stalled(time: Float[Array, ""], step_size: Float[Array, ""]) -> Bool[Array, ""]:
    """The next step would not move the time by more than its rounding."""
    return ~(step_size > 16 * EPSILON * time)


def runs_away(
    time: Float[Array, ""], position: Float[Array, " param"], velocity: Float[Array, " param"]
) -> Bool[Array, ""]:
    """At the rate of now θ would change by a million times itself within as much time as has passed: a flow that ends
    in this way is infinite, or its velocity is, after a finite time. At a kink, the other place without a next step,
    the velocity is what it was.
    """
    return jnp.max(jnp.abs(velocity)) * time > _RUNS_AWAY * jnp.max(jnp.abs(position))
