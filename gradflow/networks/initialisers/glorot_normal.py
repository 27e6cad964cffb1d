"""Glorot normal: the paper's law."""

from typing import TYPE_CHECKING

from gradflow.networks.initialisers.base import AbstractInitialiser, standard_normal

if TYPE_CHECKING:
    import jax

    import gradflow


class GlorotNormal(AbstractInitialiser):
    """W_il ~ N(0, 2/(d + n)), a_i ~ N(0, 2/(n + 1)): the paper's. Source: Glorot & Bengio (2010)."""

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        import jax

        from gradflow.networks.two_layer import TwoLayerNetwork

        first, second = jax.random.split(key)
        weights = standard_normal(first, (width, input_dimension)) * (2 / (input_dimension + width)) ** 0.5
        output = standard_normal(second, (width,)) * (2 / (width + 1)) ** 0.5
        return TwoLayerNetwork(weights, output, activation)
