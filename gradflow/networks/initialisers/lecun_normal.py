"""LeCun normal, with one output weight for all neurons."""

from typing import TYPE_CHECKING

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks.initialisers.base import AbstractInitialiser, standard_normal

if TYPE_CHECKING:
    import jax

    import gradflow


class LecunNormal(AbstractInitialiser):
    """W_il ~ N(0, 1/d), a_i = `output`. Source: LeCun, Bottou, Orr & Müller (1998)."""

    output: float

    def __init__(self, output: Checked[float] = 1.0):
        self.output = _checks.number("LecunNormal", "output", output)

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        import jax.numpy as jnp

        from gradflow.networks.two_layer import TwoLayerNetwork

        weights = standard_normal(key, (width, input_dimension)) / input_dimension**0.5
        return TwoLayerNetwork(weights, jnp.full(width, self.output), activation)
