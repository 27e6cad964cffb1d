"""A user's function as JAX sees it, once and for all."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, jaxpr_as_fun, jaxprs_in_params
from jaxtyping import Array, Float, PyTree

from gradflow._digest import digest_of


class Traced:
    """A function of values like the `examples`, traced when this is made: what else it reads is captured then.

    Two are equal if the function is the same and has captured the same, and so may share a compiled program. By the
    function alone they must not: a method of an object that has changed since is still the same function. A copy is
    this one; one that is pickled is traced again where it is loaded.
    """

    def __init__(self, fn: Callable[..., Any], *examples: PyTree):
        self.fn: Any = fn
        self._examples = examples
        # a function of its own, since JAX remembers how it traced one before
        closed = jax.make_jaxpr(lambda *given: fn(*given))(*examples)
        # copies: an array of NumPy may be changed in place
        captured = closed.replace(consts=[jnp.array(each) for each in closed.consts])  # type: ignore[no-untyped-call]
        self._program = jaxpr_as_fun(captured)
        self.single_precision = _computes_in_float32(closed.jaxpr) or any(map(_is_float32, captured.consts))
        self._content = (str(closed), *map(_content, captured.consts))

    def __call__(self, *given: PyTree) -> Float[Array, "..."]:
        (value,) = self._program(*jax.tree.leaves(given))
        return jnp.asarray(value, dtype=jnp.float64)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Traced) and self.fn == other.fn and self._content == other._content

    def __hash__(self) -> int:
        return hash((self.fn, self._content))

    def __repr__(self) -> str:
        return repr(self.fn)

    def __copy__(self) -> "Traced":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Traced":
        return self

    def __reduce__(self) -> tuple[type["Traced"], tuple[Any, ...]]:
        return Traced, (self.fn, *self._examples)


def _computes_in_float32(program: Jaxpr) -> bool:
    """Whether some operation has a result in float32; what is only given in it is data."""
    return any(
        any(_is_float32(result.aval) for result in one.outvars)
        or any(map(_computes_in_float32, jaxprs_in_params(one.params)))
        for one in program.eqns
    )


def _is_float32(array: Any) -> bool:
    return getattr(array, "dtype", None) == np.float32


def _content(captured: Any) -> Any:
    """What tells an array from others; one that is traced is itself alone."""
    if isinstance(captured, jax.core.Tracer) or jax.dtypes.issubdtype(captured.dtype, jax.dtypes.extended):  # type: ignore[attr-defined]
        return id(captured)
    return digest_of(np.asarray(captured))
