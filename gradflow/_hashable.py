"""Equinox modules that hash and compare by content on the host, so that `jax.jit` takes their methods."""

from collections.abc import Callable
from types import MethodType
from typing import Any

import equinox as eqx
import jax
import numpy as np


class HashableModule(eqx.Module):
    """A module with arrays in it that can be a key: `jax.jit(module.method)` looks its function up in a table.

    Equinox hashes the arrays themselves, which JAX refuses, and compares them by JAX, which inside `jax.jit` gives no
    answer. Here the hash is that of the structure and the shapes, and equality that of the contents, read on the host;
    a traced array equals itself alone. Modules never change, so a compiled method may hold them as constants: an array
    of NumPy in a problem of one's own must not be changed in place either.
    """

    def __hash__(self) -> int:
        leaves, structure = jax.tree.flatten(self)
        return hash((structure, tuple(np.shape(leaf) for leaf in leaves)))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        (ours, structure), (theirs, other_structure) = jax.tree.flatten(self), jax.tree.flatten(other)
        same: bool = structure == other_structure  # type: ignore[operator]
        return same and all(_equal(one, another) for one, another in zip(ours, theirs, strict=True))

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if isinstance(found, MethodType) and found.__self__ is self and not name.startswith("__"):
            return _Method(found.__func__, self)
        return found


class _Method(HashableModule):
    """A bound method that is a pytree, as Equinox's are: `eqx.filter_jit` takes its module's arrays as arguments."""

    function: Callable[..., Any] = eqx.field(static=True)
    module: HashableModule

    def __init__(self, function: Callable[..., Any], module: HashableModule):
        self.function, self.module = function, module
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(self, name, getattr(function, name))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.function(self.module, *arguments, **keywords)

    @property
    def __self__(self) -> HashableModule:
        return self.module

    @property
    def __func__(self) -> Callable[..., Any]:
        return self.function

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """Python's own bound method, whose signature is shown."""
        return MethodType(self.function, self.module)


def _equal(one: Any, another: Any) -> bool:
    if one is another:
        return True
    if isinstance(one, jax.core.Tracer) or isinstance(another, jax.core.Tracer):
        return False
    if not (eqx.is_array_like(one) and eqx.is_array_like(another)):
        return bool(one == another)
    first, second = _on_host(one), _on_host(another)
    return first.dtype == second.dtype and np.array_equal(first, second)


def _on_host(leaf: Any) -> np.ndarray:
    """Random keys as the integers that they hold."""
    is_key = isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)  # type: ignore[attr-defined]
    return np.asarray(jax.random.key_data(leaf) if is_key else leaf)
