"""What an integrator is: a state, and one attempted step."""

from abc import abstractmethod
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.stopping import has_risen


class StepInfo(NamedTuple):
    """What one attempted step was. `loss` and `gradient` are L and ∇L where it led to, from a method that has looked at
    them there; left out, they are computed again.
    """

    accepted: Bool[Array, ""]
    time: Float[Array, ""]
    position: Float[Array, " param"]
    next_step_size: Float[Array, ""]
    ok: Bool[Array, ""]
    loss: Float[Array, ""] | None = None
    gradient: Float[Array, " param"] | None = None


class AbstractMethod(eqx.Module):
    """An integrator of the flow. Its state is its own (a pytree); a rejected step returns the time and position it
    started from.

    Nothing about stopping, recording or progress belongs here: `dynamics.chunk` does that for all methods.
    """

    @abstractmethod
    def init(
        self, field: GradientField, time: Float[Array, ""], position: Float[Array, " param"], tolerances: Tolerances
    ) -> PyTree:
        """The state before the first step."""

    @abstractmethod
    def step(
        self,
        field: GradientField,
        time: Float[Array, ""],
        position: Float[Array, " param"],
        state: PyTree,
        tolerances: Tolerances,
        end_time: Float[Array, ""],
    ) -> tuple[StepInfo, PyTree]:
        """One attempted step, not beyond `end_time`."""


class Descent(NamedTuple):
    """What tells whether a step still descends: L at the start of the flow, and L and ∇L at the last accepted point."""

    start_loss: Float[Array, ""]
    loss: Float[Array, ""]
    gradient: Float[Array, " param"]

    def allows(
        self, way: Float[Array, " param"], loss: Float[Array, ""], gradient: Float[Array, " param"]
    ) -> Bool[Array, ""]:
        """Whether a step leads to where there is a loss and a gradient, and not up."""
        finite = jnp.isfinite(loss) & jnp.all(jnp.isfinite(gradient))
        return finite & ~has_risen(self.start_loss, self.loss, loss, (self.gradient + gradient) @ way)

    def after(self, accepted: Bool[Array, ""], loss: Float[Array, ""], gradient: Float[Array, " param"]) -> "Descent":
        """From where an attempted step led to."""
        return Descent(
            start_loss=self.start_loss,
            loss=jnp.where(accepted, loss, self.loss),
            gradient=jnp.where(accepted, gradient, self.gradient),
        )


def descent_from(field: GradientField, position: Float[Array, " param"]) -> Descent:
    """At the start of a flow."""
    loss, gradient = field.loss_and_gradient(position)
    return Descent(start_loss=loss, loss=loss, gradient=gradient)
