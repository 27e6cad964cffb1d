"""LeCun normal, with one output weight for all neurons."""

import jax.numpy as jnp
from jaxtyping import Array, Key

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.activations import AbstractActivation
from gradflow.networks.initialisers.base import AbstractInitialiser, standard_normal
from gradflow.networks.two_layer import TwoLayerNetwork


class LecunNormal(AbstractInitialiser):
    """W_il ~ N(0, 1/d), a_i = `output`. Source: LeCun, Bottou, Orr & Müller (1998)."""

    output: float

    def __init__(self, output: Checked[float] = 1.0):
        self.output = _checks.number("LecunNormal", "output", output)

    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        weights = standard_normal(key, (width, input_dimension)) / input_dimension**0.5
        return TwoLayerNetwork(weights, jnp.full(width, self.output), activation)
