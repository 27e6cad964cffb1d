"""The vector field of the flow."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from gradflow.problems import AbstractProblem


class GradientField(eqx.Module):
    """dθ/dt = −M ∇L(θ) on vectors of trained parameters; M is diagonal, the `rates`. `like` carries the parameters that
    are fixed.
    """

    problem: AbstractProblem
    like: PyTree
    rates: Float[Array, " param"]

    def loss_and_gradient(self, vector: Float[Array, " param"]) -> tuple[Float[Array, ""], Float[Array, " param"]]:
        """L and ∇L."""
        loss, gradient = self.problem.value_and_gradient(self.problem.unflatten(vector, self.like))
        return loss, self.problem.flatten(gradient)

    def __call__(self, vector: Float[Array, " param"]) -> Float[Array, " param"]:
        return -self.rates * self.loss_and_gradient(vector)[1]


class Tolerances(eqx.Module):
    """Of the step's local error. Arrays, so that a new value compiles nothing."""

    rtol: Float[Array, ""]
    atol: Float[Array, ""]

    def __init__(self, rtol: float, atol: float):
        self.rtol, self.atol = jnp.asarray(rtol, dtype=jnp.float64), jnp.asarray(atol, dtype=jnp.float64)
