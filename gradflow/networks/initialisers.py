"""Laws of the initial weights."""

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from gradflow import _checks
from gradflow._precision import require_64_bit
from gradflow.activations import AbstractActivation
from gradflow.networks.two_layer import TwoLayerNetwork


class AbstractInitialiser(eqx.Module):
    """A law of (W, a). Its fields are its parameters; they identify it in a store."""

    @abstractmethod
    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        """One network drawn with `key`."""


class GlorotNormal(AbstractInitialiser):
    """W_il ~ N(0, 2/(d + n)), a_i ~ N(0, 2/(n + 1)): the paper's. Source: Glorot & Bengio (2010)."""

    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        first, second = jax.random.split(key)
        weights = _normal(first, (width, input_dimension)) * (2 / (input_dimension + width)) ** 0.5
        output = _normal(second, (width,)) * (2 / (width + 1)) ** 0.5
        return TwoLayerNetwork(weights, output, activation)


class LecunNormal(AbstractInitialiser):
    """W_il ~ N(0, 1/d), a_i = `output`. Source: LeCun, Bottou, Orr & Müller (1998)."""

    output: float

    def __init__(self, output: float = 1.0):
        self.output = _checks.number("LecunNormal", "output", output)

    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        weights = _normal(key, (width, input_dimension)) / input_dimension**0.5
        return TwoLayerNetwork(weights, jnp.full(width, self.output), activation)


class UnitSphere(AbstractInitialiser):
    """w_i uniform on the unit sphere of R^d, a_i = `output`."""

    output: float

    def __init__(self, output: float = 1.0):
        self.output = _checks.number("UnitSphere", "output", output)

    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        weights = _normal(key, (width, input_dimension))
        weights = weights / jnp.linalg.norm(weights, axis=1, keepdims=True)
        return TwoLayerNetwork(weights, jnp.full(width, self.output), activation)


def _normal(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    require_64_bit("initialiser")
    return jax.random.normal(key, shape, dtype=jnp.float64)
