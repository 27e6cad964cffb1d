"""What a law of the initial weights is."""

import inspect
from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from gradflow._precision import require_64_bit
from gradflow.activations import AbstractActivation
from gradflow.networks.two_layer import TwoLayerNetwork


class AbstractInitialiser(eqx.Module):
    """A law of (W, a). Its fields are its parameters, plain data or laws themselves; they identify it in a store."""

    @abstractmethod
    def __call__(
        self, key: Key[Array, ""], width: int, input_dimension: int, activation: AbstractActivation
    ) -> TwoLayerNetwork:
        """One network drawn with `key`."""

    @property
    def label(self) -> str:
        """One line for titles and tables: the name, and in brackets the fields that do not have their default."""
        given = inspect.signature(type(self)).parameters
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        told = [
            f"{name} = {shown(value)}"
            for name, value in fields.items()
            if name not in given or value != given[name].default
        ]
        return type(self).__name__ + (f" ({', '.join(told)})" if told else "")


def shown(value: object) -> str:
    """A parameter in a label: numbers without a trailing .0, laws by their own label."""
    if isinstance(value, AbstractInitialiser):
        return value.label
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def standard_normal(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    """Independent standard normal numbers in float64."""
    require_64_bit("initialiser")
    return jax.random.normal(key, shape, dtype=jnp.float64)
