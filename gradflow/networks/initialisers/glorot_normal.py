"""Glorot normal: the paper's law."""

import jax
from jaxtyping import Array, Key

from gradflow.activations import AbstractActivation
from gradflow.networks.initialisers.base import AbstractInitialiser, standard_normal
from gradflow.networks.two_layer import TwoLayerNetwork


class GlorotNormal(AbstractInitialiser):
    """W_il ~ N(0, 2/(d + n)), a_i ~ N(0, 2/(n + 1)): the paper's. Source: Glorot & Bengio (2010)."""

    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        first, second = jax.random.split(key)
        weights = standard_normal(first, (width, input_dimension)) * (2 / (input_dimension + width)) ** 0.5
        output = standard_normal(second, (width,)) * (2 / (width + 1)) ** 0.5
        return TwoLayerNetwork(weights, output, activation)
