"""The vector field of the flow."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
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

    def hessian_operator(
        self, vector: Float[Array, " param"]
    ) -> Callable[[Float[Array, " param"]], Float[Array, " param"]]:
        """v ↦ Hv at a point, what does not depend on v computed once."""
        operator = self.problem.hessian_operator(self.problem.unflatten(vector, self.like))
        still = jax.tree.map(jnp.zeros_like, self.like)
        return lambda v: self.problem.flatten(operator(self.problem.unflatten(v, still)))

    def __call__(self, vector: Float[Array, " param"]) -> Float[Array, " param"]:
        return -self.rates * self.loss_and_gradient(vector)[1]


class Tolerances(eqx.Module):
    """Of the step's local error. Arrays, so that a new value compiles nothing."""

    rtol: Float[Array, ""]
    atol: Float[Array, ""]

    def __init__(self, rtol: Checked[float], atol: Checked[float]):
        rtol = _checks.tolerance("Tolerances", "rtol", rtol, line="gf.Tolerances(rtol=1e-3, atol=1e-6)")
        atol = _checks.tolerance("Tolerances", "atol", atol, zero=True, line="gf.Tolerances(rtol=1e-3, atol=1e-6)")
        self.rtol, self.atol = jnp.asarray(rtol, dtype=jnp.float64), jnp.asarray(atol, dtype=jnp.float64)

    def units(self, position: Float[Array, " param"], origin: Float[Array, " param"]) -> Float[Array, " param"]:
        """What a local error is measured in: rtol |θ| + atol, |θ| counting up to 1 or the length of the way from the
        flow's origin: of a start at 1e6 a thousandth is no accuracy where the loss varies over lengths of 1.
        """
        way = jnp.maximum(jnp.max(jnp.abs(position - origin)), 1.0)
        return self.rtol * jnp.minimum(jnp.abs(position), way) + self.atol
