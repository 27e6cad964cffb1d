"""The teacher as the sums over pairs use it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradflow.networks import TwoLayerNetwork


class Teacher(eqx.Module):
    """Weight vectors v_j and output weights b_j, and the two matrix products they enter.

    A teacher whose vectors are the first k axes is stored as all d axes with b_j = 0 beyond the k-th: V = I, so that
    both products are what they are given, and nothing is multiplied out.
    """

    weights: Float[Array, "teacher input"]
    output: Float[Array, " teacher"]
    on_axes: bool = eqx.field(static=True)

    def __init__(self, network: TwoLayerNetwork):
        k, d = network.weights.shape
        known = not isinstance(network.weights, jax.core.Tracer)
        self.on_axes = known and np.array_equal(network.weights, np.eye(k, d))
        self.weights, self.output = network.weights, network.output
        if self.on_axes:
            self.weights, self.output = jnp.eye(d), jnp.pad(jnp.asarray(network.output), (0, d - k))

    def overlaps(self, vectors: Float[Array, "width input"]) -> Float[Array, "width teacher"]:
        """w_i·v_j."""
        return vectors if self.on_axes else vectors @ self.weights.T

    def combined(self, coefficients: Float[Array, "width teacher"]) -> Float[Array, "width input"]:
        """Σ_j c_ij v_j."""
        return coefficients if self.on_axes else coefficients @ self.weights
