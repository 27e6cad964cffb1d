"""Directions alone: every weight vector on the unit sphere."""

from typing import TYPE_CHECKING

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks.initialisers.base import AbstractInitialiser, standard_normal

if TYPE_CHECKING:
    import jax

    import gradflow


class UnitSphere(AbstractInitialiser):
    """w_i uniform on the unit sphere of R^d, a_i = `output`."""

    output: float

    def __init__(self, output: Checked[float] = 1.0):
        self.output = _checks.number("UnitSphere", "output", output)

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        import jax.numpy as jnp

        from gradflow.networks.two_layer import TwoLayerNetwork

        weights = standard_normal(key, (width, input_dimension))
        weights = weights / jnp.linalg.norm(weights, axis=1, keepdims=True)
        return TwoLayerNetwork(weights, jnp.full(width, self.output), activation)
