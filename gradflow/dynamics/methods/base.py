"""What an integrator is: a state, and one attempted step."""

from abc import abstractmethod
from typing import NamedTuple

import equinox as eqx
from jaxtyping import Array, Bool, Float, PyTree

from gradflow.dynamics.field import GradientField, Tolerances


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
