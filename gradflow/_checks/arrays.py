"""Arrays: float64 or refused, finite, of the shape expected."""

from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow._checks.descriptions import shown
from gradflow._checks.numbers import LARGEST_COUNT
from gradflow._errors import WrongType, WrongValue
from gradflow._precision import require_64_bit


def float64(verb: str, name: str, value: Any) -> Float[Array, "..."]:
    """`value` as a float64 array; integers and lists are converted exactly, anything lossy is refused."""
    require_64_bit(verb)
    if not isinstance(value, jax.Array | np.ndarray | np.generic):
        given = value
        try:
            value = np.asarray(value)
        # what NumPy raises for ragged lists, and objects for which __array__ fails
        except (ValueError, TypeError) as error:
            raise WrongValue(
                f"{verb}: {name} must be a rectangular array of numbers, got {shown(given)} ({error}). "
                f"Write {name}=[[1.0, 0.5], [0.5, -1.0]], rows of equal length."
            ) from error
        if value.dtype.kind not in "OiufcbV":
            raise WrongType(f"{verb}: {name} must be an array of numbers, got {shown(given)}. Write {name}=[1.0, 0.5].")
    if isinstance(value, np.ma.MaskedArray):
        raise WrongType(f"{verb}: {name} must be an array without a mask. Write {name}.filled(0.0) if that is meant.")
    dtype = value.dtype
    if jax.dtypes.issubdtype(dtype, jax.dtypes.extended):  # type: ignore[attr-defined]
        raise WrongType(f"{verb}: {name} must be float64, got an array of random keys. Write {name}=[1.0, 0.5].")
    if dtype.kind == "O":
        return _of_objects(verb, name, value)
    if np.issubdtype(dtype, np.integer):
        if isinstance(value, jax.core.Tracer):
            raise WrongType(f"{verb}: {name} must be float64, got {dtype} under jit. Write {name}.astype('float64').")
        exact = np.asarray(value).astype(np.float64)
        if not np.array_equal(exact.astype(object), np.asarray(value).astype(object)):
            raise _beyond(verb, name)
        return jnp.asarray(exact)
    if dtype != np.float64:
        advice = "numbers"
        if dtype.kind in "fcb":
            advice = f"{name}.astype('float64') if that is meant, and import gradflow before making arrays"
        raise WrongType(f"{verb}: {name} must be float64, got {dtype}; nothing is cast silently. Write {advice}.")
    return jnp.asarray(value)


def _of_objects(verb: str, name: str, value: Any) -> Float[Array, "..."]:
    """An array of Python's own numbers; of anything else there is none."""
    for entry in value.ravel():
        if isinstance(entry, bool) or not isinstance(entry, int | float):
            # of mpmath, a Decimal, a fraction
            many_digits = hasattr(entry, "__float__") and not isinstance(entry, bool)
            rounded = f"{name}.astype('float64')" if value.ndim else f"float({shown(entry)})"
            line = f"{rounded} if it is to be rounded" if many_digits else f"{name}=[1.0, 0.5]"
            raise WrongType(f"{verb}: {name} must be an array of numbers of float64, got {shown(entry)}. Write {line}.")
        if isinstance(entry, int) and (abs(entry) > LARGEST_COUNT or float(entry) != entry):
            raise _beyond(verb, name)
    return jnp.asarray(value.astype(np.float64))


def _beyond(verb: str, name: str) -> WrongValue:
    return WrongValue(
        f"{verb}: {name} must hold numbers of float64, got integers beyond 2**53, which it does not hold. Give float64 "
        "values."
    )


def finite(verb: str, name: str, value: Float[Array, "..."]) -> Float[Array, "..."]:
    """Refuse NaN and infinities where the value is known (not while tracing)."""
    if not isinstance(value, jax.core.Tracer) and not np.all(np.isfinite(value)):
        bad = np.argwhere(~np.isfinite(np.asarray(value)))
        where = tuple(int(i) for i in bad[0])
        raise WrongValue(
            f"{verb}: {name} must be finite, got {np.asarray(value)[where]} at index {where} "
            f"({len(bad)} such value{'s' if len(bad) > 1 else ''})."
        )
    return value


def known(verb: str, value: PyTree, line: str = "problem.loss or problem.gradient inside") -> None:
    """Numbers, not what stands for them while JAX traces: the stages are loops on the host."""
    # inside jax.jit what is computed of numbers is traced as well
    if any(isinstance(leaf, jax.core.Tracer) for leaf in [*leaves_of(value), jnp.zeros(())]):
        raise WrongType(
            f"{verb}: parameters must be numbers, got traced arrays: {verb} runs on the host, and jax.jit, jax.grad "
            f"and jax.vmap cannot transform it. Call {verb} outside of them, and write {line}."
        )


def covariance(
    verb: str, p: Any, q: Any, c: Any, gram_determinant: Any | None
) -> tuple[Float[Array, "..."], Float[Array, "..."], Float[Array, "..."], Float[Array, "..."]]:
    """Variances p, q, covariance c and pq − c², checked where they are known."""
    p, q, c = (finite(verb, name, float64(verb, name, value)) for name, value in (("p", p), ("q", q), ("c", c)))
    try:
        np.broadcast_shapes(p.shape, q.shape, c.shape)
    except ValueError as error:
        raise WrongValue(f"{verb}: p, q and c must broadcast, got shapes {p.shape}, {q.shape}, {c.shape}.") from error
    known = not any(isinstance(value, jax.core.Tracer) for value in (p, q, c))
    if known and (np.any(np.asarray(p) < 0) or np.any(np.asarray(q) < 0)):
        raise WrongValue(f"{verb}: the variances p and q must not be negative, got p = {_one(p)}, q = {_one(q)}.")
    # one part in 1e12 lets rounded overlaps of parallel vectors pass
    if known and np.any(np.abs(np.asarray(c)) > np.sqrt(np.asarray(p)) * np.sqrt(np.asarray(q)) * (1 + 1e-12)):
        raise WrongValue(
            f"{verb}: the covariance c must satisfy |c| <= sqrt(p q), got p = {_one(p)}, q = {_one(q)}, c = {_one(c)}."
        )
    if gram_determinant is None:
        return p, q, c, p * q - c * c
    gram_determinant = finite(verb, "gram_determinant", float64(verb, "gram_determinant", gram_determinant))
    # rounding may leave it slightly below zero, never below the rounding of pq
    if known and not isinstance(gram_determinant, jax.core.Tracer):
        allowed = -1e-12 * np.asarray(p) * np.asarray(q)
        if np.any(np.asarray(gram_determinant) < allowed):
            raise WrongValue(
                f"{verb}: gram_determinant = pq - c**2 must not be negative, got {_one(gram_determinant)}."
            )
    return p, q, c, gram_determinant


def _one(value: Float[Array, "..."]) -> str:
    """A number in a message, or an array in a word."""
    return repr(float(value)) if value.ndim == 0 else shown(value)


def parameters(verb: str, name: str, value: Any) -> PyTree:
    """A pytree of float64 arrays; a list of numbers is one array. Some leaves may be empty, a bias of width 0, not all.

    Python's integers, lists of them, and an array that is all there is, are numbers someone wrote down: they are
    converted exactly. An integer array within a tree may count or index something, and is refused.
    """
    if isinstance(value, Iterator) or not _has_leaves(value):
        raise WrongType(f"{verb}: {name} must hold at least one number, got {shown(value)}. Write {name}=[0.0, 1.0].")
    leaves, structure = jax.tree_util.tree_flatten_with_path(value, is_leaf=_is_list)
    converted = []
    for path, leaf in leaves:
        place = name + jax.tree_util.keystr(path)
        if path:
            _trainable(verb, place, leaf)
        converted.append(finite(verb, place, float64(verb, place, leaf)))
    if not any(leaf.size for leaf in converted):
        empty = ", ".join(name + jax.tree_util.keystr(path) for path, _ in leaves)
        given = f"nothing in {empty}" if leaves else shown(value)
        raise WrongType(f"{verb}: {name} must hold at least one number, got {given}. Write {name}=[0.0, 1.0].")
    return jax.tree.unflatten(structure, converted)


def model(verb: str, name: str, value: Any) -> PyTree:
    """`parameters`, and besides models of Equinox, of which the inexact arrays are float64 and the rest is as it is."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(value, is_leaf=_is_module)
    if not any(map(_is_module, (leaf for _, leaf in leaves))):
        return parameters(verb, name, value)
    parts = [
        _module(verb, place, leaf) if _is_module(leaf) else parameters(verb, place, leaf)
        for place, leaf in ((name + jax.tree_util.keystr(path), leaf) for path, leaf in leaves)
    ]
    return jax.tree.unflatten(structure, parts)


def _is_module(value: Any) -> bool:
    return isinstance(value, eqx.Module)


def _module(verb: str, name: str, module: eqx.Module) -> PyTree:
    leaves, structure = jax.tree_util.tree_flatten_with_path(module)
    converted, trained = [], False
    for path, leaf in leaves:
        if eqx.is_array(leaf) or isinstance(leaf, np.ndarray | np.generic):
            place = name + jax.tree_util.keystr(path)
            _trainable(verb, place, leaf)
            leaf = finite(verb, place, float64(verb, place, leaf))
            trained = trained or leaf.size > 0
        converted.append(leaf)
    if not trained:
        raise WrongType(
            f"{verb}: {name} must hold at least one number that is trained, got {shown(module)} without arrays. "
            "Write an array where a number of Python is: jnp.asarray(1.0)."
        )
    return jax.tree.unflatten(structure, converted)


def _trainable(verb: str, place: str, leaf: Any) -> None:
    """An integer array within a tree may count or index something."""
    if _is_integer_array(leaf):
        raise WrongType(
            f"{verb}: {place} is an array of {leaf.dtype}; only float64 is trained, and nothing is cast silently. "
            f"Write {place}.astype('float64') if it is a parameter; else keep it out of the parameters: a constant "
            "of the loss, or eqx.field(static=True)."
        )


def arguments(problem: str, value: Any) -> PyTree:
    """A pytree of arrays of any type, copied: data. A list of numbers is one array."""
    if not _has_leaves(value):
        raise WrongType(f"{problem}: args must hold arrays, got {shown(value)}. Write args=(inputs, targets).")
    leaves, structure = jax.tree_util.tree_flatten_with_path(value, is_leaf=_is_list)
    return jax.tree.unflatten(
        structure, [_argument(problem, "args" + jax.tree_util.keystr(path), leaf) for path, leaf in leaves]
    )


def _argument(problem: str, place: str, leaf: Any) -> Array:
    if isinstance(leaf, jax.Array):
        return jnp.array(leaf)
    is_number = _is_list(leaf) or isinstance(leaf, bool | int | float | np.ndarray | np.generic)
    try:
        found = np.asarray(leaf) if is_number and not isinstance(leaf, np.ma.MaskedArray) else None
    except ValueError:  # rows of different lengths
        found = None
    if found is None or found.dtype.kind not in "biufc":
        raise WrongType(
            f"{problem}: {place} must be an array of numbers, got {shown(leaf)}. Write {place}=np.asarray(...), and "
            "what is no array into fn itself."
        )
    return jnp.array(found)


def _is_integer_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray | np.generic) and np.issubdtype(leaf.dtype, np.integer)


def _has_leaves(tree: Any) -> bool:
    """Whether JAX can take a structure apart."""
    try:
        jax.tree_util.tree_flatten(tree)
    except (ValueError, TypeError):  # of keys that cannot be ordered
        return False
    return True


def float64_leaves(verb: str, name: str, value: Any) -> PyTree:
    """A pytree of float64 arrays, whose values are not looked at: they may be traced, or those of a run that failed."""
    leaves = leaves_of(value)
    if not leaves or not all(getattr(leaf, "dtype", None) == np.float64 and hasattr(leaf, "shape") for leaf in leaves):
        raise WrongType(
            f"{verb}: {name} must be float64 arrays in the structure of the parameters, got {shown(value)}. Write "
            f"problem.{verb}(...) with parameters such as problem.init."
        )
    return value


def in_float64(verb: str, name: str, network: Any) -> None:
    """Weights and output weights in float64, of a network that JAX may have made: it looks at nothing."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(network):
        if getattr(leaf, "dtype", None) != np.float64:
            given = getattr(leaf, "dtype", None) or shown(leaf)
            raise WrongType(
                f"{verb}: {name}{jax.tree_util.keystr(path)} must be float64, got {given}; nothing is cast silently. "
                f"Write {name} = jax.tree.map(lambda leaf: leaf.astype('float64'), {name}) before, if that is meant."
            )


def vector(verb: str, value: Any, size: int) -> Float[Array, " param"]:
    """A vector of all trained parameters."""
    if getattr(value, "dtype", None) != np.float64 or getattr(value, "shape", None) != (size,):
        raise WrongValue(
            f"{verb}: vector must be a float64 array of shape ({size},), got {shown(value)}. Write "
            f"problem.{verb}(problem.flatten(parameters), parameters)."
        )
    return jnp.asarray(value)


def leaves_of(tree: Any) -> list[Any]:
    """Those of a structure that JAX can take apart; an iterator would be spent."""
    try:
        return [] if isinstance(tree, Iterator) else jax.tree.leaves(tree)
    except (ValueError, TypeError):  # of keys that cannot be ordered
        return []


def _is_list(value: Any) -> bool:
    """A list of numbers, which is one array; a list of arrays is a pytree."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(_is_list(entry) or (isinstance(entry, int | float) and not isinstance(entry, bool)) for entry in value)
    )


def float64_throughout(problem: str, in_float32: bool) -> None:
    """A loss that computes in float32 has no end point at 1e-8, whatever type it returns."""
    if in_float32:
        raise WrongType(
            f"{problem}: fn computes in float32 on the way. Keep float64 throughout, without astype('float32'); of "
            "args in float32 write args.astype('float64')."
        )


def key(verb: str, value: Any) -> Any:
    """A key of jax.random, of the new style or the old."""
    if not isinstance(value, jax.Array):
        raise WrongType(
            f"{verb}: key must be a JAX random key, got {shown(value)}. Write problem.init(jax.random.key(0))."
        )
    if not jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):  # type: ignore[attr-defined]
        if value.dtype != jnp.uint32 or value.shape != (2,):
            raise WrongType(
                f"{verb}: key must be a JAX random key, got an array {value.dtype}{list(value.shape)}. "
                "Write problem.init(jax.random.key(0))."
            )
        return jax.random.wrap_key_data(value)
    if value.shape != ():
        raise WrongValue(f"{verb}: one key is needed, got {value.shape[0]}. Write problem.init(keys[0]).")
    return value


def tangents(given: tuple[int, ...], size: int) -> None:
    """Columns of as many numbers as there are parameters."""
    if len(given) != 2 or given[0] != size:
        raise WrongValue(
            f"Loss: curves(parameters) must return tangents as columns of shape ({size}, m), got {given}. "
            "Write curves=lambda parameters: basis.T for tangents that stand in rows."
        )


def rates(verb: str, value: PyTree, parameters: PyTree) -> PyTree:
    """A positive rate for all leaves of the parameters, or for every leaf: a number, or an array of its shape."""
    leaves, structure = jax.tree.flatten(parameters)
    given = [rate for rate in jax.tree.leaves(value) if not callable(rate)]
    if len(given) == 1 and given[0] is value and np.shape(value) == ():
        given = given * len(leaves)
    if len(given) != len(leaves):
        given = jax.tree.leaves(value, is_leaf=_is_list)
    line = (
        "rates=2.0 for all, or rates=gf.TwoLayerNetwork(weights, output) with positive entries"
        if hasattr(parameters, "weights")
        else "rates=jax.tree.map(jnp.ones_like, problem.init), or other positive numbers of those shapes, or rates=2.0"
    )
    if len(given) != len(leaves):
        raise WrongValue(
            f"{verb}: rates must have {len(leaves)} leaves, as the parameters have, got {len(given)}. Write {line}."
        )
    spread = []
    for rate, leaf in zip(given, leaves, strict=True):
        rate = np.asarray(finite(verb, "rates", float64(verb, "rates", rate)))
        if rate.shape not in ((), leaf.shape) or np.any(rate <= 0):
            raise WrongValue(
                f"{verb}: each rate must be a positive number or an array of shape {leaf.shape}, got {rate}. "
                f"Write {line}."
            )
        spread.append(np.broadcast_to(rate, leaf.shape))
    return jax.tree.unflatten(structure, spread)
