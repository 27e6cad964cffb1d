"""Plain classes: their fields are set once, and they need no JAX.

What enters compiled code is an `equinox.Module`, but for two things that exact families are made of, which are computed
without JAX and are still the parameters of a problem for it: those are a `Pytree`.
"""

import sys
from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any, TypeVar, dataclass_transform

import numpy as np


class SetOnce:
    """Fields are set in `__init__` and stay."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in self.__dict__:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


_Kind = TypeVar("_Kind", bound="Pytree")

_UNTOLD: list[tuple[type, tuple[str, ...]]] = []


@dataclass_transform()
class Pytree(SetOnce):
    """A dataclass that JAX takes apart into its fields, but for those named `static`. JAX is told of it when the first
    is made where JAX is loaded, or when a problem is (`tell_jax`). Two are equal if their contents are.
    """

    def __init_subclass__(cls, *, static: tuple[str, ...] = (), **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(init="__init__" not in cls.__dict__, eq=False)(cls)
        _UNTOLD.append((cls, static))

    def __new__(cls: type[_Kind], *_: Any, **__: Any) -> _Kind:
        if _UNTOLD and "jax" in sys.modules:
            tell_jax()
        return object.__new__(cls)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        return all(_same(value, vars(other)[name]) for name, value in vars(self).items())

    def __hash__(self) -> int:
        return hash((type(self), *(np.shape(value) for value in vars(self).values())))


def _same(one: Any, another: Any) -> bool:
    """Also of arrays; one that JAX traces is the same as itself alone."""
    if one is another:
        return True
    jax = sys.modules.get("jax")
    if jax is not None and any(isinstance(value, jax.core.Tracer) for value in (one, another)):
        return False
    if np.ndim(one) == np.ndim(another) == 0:
        return bool(one == another)
    return np.array_equal(one, another)


def tell_jax() -> None:
    """Register the pytrees that JAX does not know yet."""
    while _UNTOLD:
        _register(*_UNTOLD.pop())


def _register(kind: type, static: tuple[str, ...]) -> None:
    from jax.tree_util import GetAttrKey, register_pytree_with_keys

    names = tuple(field.name for field in fields(kind) if field.name not in static)

    def apart(value: Any) -> tuple[list[tuple[GetAttrKey, Any]], tuple[Any, ...]]:
        leaves = [(GetAttrKey(name), getattr(value, name)) for name in names]
        return leaves, tuple(getattr(value, name) for name in static)

    def together(rest: tuple[Any, ...], leaves: Any) -> Any:
        # without `__init__`: what JAX puts into a tree on its way need not be numbers
        value: Any = object.__new__(kind)
        vars(value).update(zip((*names, *static), (*leaves, *rest), strict=True))
        return value

    register_pytree_with_keys(kind, apart, together)
