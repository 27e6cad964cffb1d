"""When the flow stops. One predicate a reason, used both for stopping and for reporting."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from gradflow.problems.rounding import EPSILON

# beyond this a step or two overflow, and a flow that halves them creeps up to the largest float
_LARGEST = 1e300


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
    """Anything is not finite, or next to it; the time, where a loss without a lower bound falls for ever with a bounded
    gradient.
    """
    largest = jnp.maximum(jnp.maximum(time, jnp.abs(loss)), jnp.maximum(gradient_norm, jnp.max(jnp.abs(position))))
    return ~(largest < _LARGEST)


def has_risen(
    start_loss: Float[Array, ""], before: Float[Array, ""], after: Float[Array, ""], slope: Float[Array, ""] | float
) -> Bool[Array, ""]:
    """A step raised the loss by more than 1 % of it and of all that the flow has lost so far: no gradient flow does
    that, and an implicit step that is far too long did (to a loss of 1e114, from weights of norm 1e3). `slope`, the
    gradients at both ends along the step, has the same sign, unless what rose is the rounding of the loss.
    """
    return (after - before > 0.01 * (start_loss - before + jnp.abs(before))) & (slope > 0)


def has_stalled(time: Float[Array, ""], step_size: Float[Array, ""]) -> Bool[Array, ""]:
    """The next step would not move the time by more than its rounding."""
    return ~(step_size > 16 * EPSILON * time)
