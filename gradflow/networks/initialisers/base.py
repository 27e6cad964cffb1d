"""What a law of the initial weights is."""

import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, dataclass_transform

from gradflow._plain import SetOnce
from gradflow._precision import require_64_bit

if TYPE_CHECKING:
    import jax

    import gradflow


@dataclass_transform()
@dataclass
class AbstractInitialiser(SetOnce, ABC):
    """A law of (W, a). Its fields are its parameters, plain data or laws themselves; they identify it in a store.

    A subclass is a dataclass by itself, whose fields are set once. It is no pytree: nothing of it is traced, and a
    store can be read without JAX, which a law loads when it draws.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(init="__init__" not in cls.__dict__, unsafe_hash=True)(cls)

    @abstractmethod
    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
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


def standard_normal(key: "jax.Array", shape: tuple[int, ...]) -> "jax.Array":
    """Independent standard normal numbers in float64."""
    import jax
    import jax.numpy as jnp

    require_64_bit("initialiser")
    return jax.random.normal(key, shape, dtype=jnp.float64)
