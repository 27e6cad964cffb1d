"""Rounding as it is: a computation done again with its roundings drawn at random.

Stochastic arithmetic (Vignes, Math. Comput. Simul. 35 (1993)): what every operation is given is multiplied by 1 ± ε/2,
and the spread of the results is the rounding error of the result, cancellation within it included, which the size of
the result does not show. An estimate, not a bound.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from math import pi, prod, sqrt
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, jaxpr_as_fun
from jaxtyping import Array, Float, PyTree

from gradflow.problems.rounding import EPSILON, ROUNDINGS

# as many evaluations as there are seeds: that all of them are by chance below a tenth of the standard deviation
# happens once in 10⁹, if their signs are independent. Roots of primes and 1 are linearly independent over the rationals
# (Besicovitch 1940), so that the multiples of all of them together, one for every call, are spread evenly over all
# combinations of phases (Weyl 1916); √5 is left to the golden ratio
_SEEDS = tuple(sqrt(prime) for prime in (2, 3, 7, 11, 13, 17, 19, 23))
# the most that a rounding changes a number by, relative to it
_UNIT = EPSILON / 2
# what moves or compares numbers, and rounds nothing
_EXACT = frozenset(
    (
        *("abs", "argmax", "argmin", "broadcast_in_dim", "concatenate", "convert_element_type", "copy", "copy_p"),
        *("dynamic_slice", "dynamic_update_slice", "eq", "expand_dims", "gather", "ge", "gt", "iota", "le", "lt"),
        *("max", "min", "ne", "neg", "pad", "reduce_max", "reduce_min", "reshape", "rev", "select_n", "sign", "slice"),
        *("sort", "split", "squeeze", "stop_gradient", "transpose"),
    )
)
# the number farthest from all fractions: the signs of sin(2π g i + …) follow no pattern of indices i, and every round
# of a loop has a seed of its own
_GOLDEN = (1 + sqrt(5)) / 2


def rounding_of(function: Callable[[PyTree], PyTree], parameters: PyTree, scales: PyTree | None = None) -> PyTree:
    """For each number of `function(parameters)` 4 × the largest change in eight evaluations with random roundings, the
    parameters' own to `scales` (their sizes, if left out) among them.
    """
    program = jax.make_jaxpr(function)(parameters)
    structure = jax.tree.structure(jax.eval_shape(function, parameters))
    leaves = jax.tree.leaves(parameters)
    sizes = [jnp.abs(leaf) for leaf in leaves] if scales is None else jax.tree.leaves(scales)

    def once(seed: Float[Array, ""]) -> list[Array]:
        draw = _Signs(seed)
        moved = [leaf + _UNIT * draw(leaf) * size for leaf, size in zip(leaves, sizes, strict=True)]
        return _perturbed(program.jaxpr, program.consts, moved, draw)

    exact = jax.tree.leaves(function(parameters))
    found = lax.map(once, jnp.asarray(_SEEDS))
    return jax.tree.unflatten(
        structure,
        [
            ROUNDINGS * jnp.max(jnp.abs(each - jnp.asarray(value)[None]), axis=0)
            for each, value in zip(found, exact, strict=True)
        ],
    )


def scales_of(parameters: PyTree) -> PyTree:
    """How large each parameter is when it is zero: itself, or min(1, ‖θ‖∞) if that is more. Below 1e-20 ‖θ‖∞ is a zero
    that Newton's method has come to, and 1 is the scale.
    """
    largest = jnp.max(jnp.asarray([jnp.max(jnp.abs(leaf), initial=0.0) for leaf in jax.tree.leaves(parameters)]))
    unit = jnp.where(largest > 1e-20, jnp.minimum(largest, 1.0), 1.0)
    return jax.tree.map(lambda leaf: jnp.maximum(jnp.abs(leaf), unit), parameters)


def signs_of(vector: Float[Array, " param"]) -> Float[Array, " param"]:
    """A vector of ±1 without a pattern."""
    return _Signs(jnp.asarray(0.0))(vector)


class _Signs:
    """±1 of the shape of an array, others at every call and for every seed."""

    def __init__(self, seed: Float[Array, ""], calls: Any | None = None):
        self.seed, self.calls = seed, count(1) if calls is None else calls

    def __call__(self, like: Array) -> Float[Array, "..."]:
        index = jnp.arange(1.0, like.size + 1).reshape(like.shape)
        turns = _GOLDEN * index + next(self.calls) * self.seed
        return jnp.where(jnp.sin(2 * pi * turns) > 0, 1.0, -1.0)


def _perturbed(program: Jaxpr, consts: Sequence[Any], arguments: Sequence[Any], draw: _Signs) -> list[Any]:
    """The results of a program, operation by operation."""
    known: dict[Any, Any] = dict(zip(program.constvars, consts, strict=True))
    known.update(zip(program.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else known[atom]

    for equation in program.eqns:
        given = [read(atom) for atom in equation.invars]
        if equation.primitive.name not in _EXACT:
            literal = [isinstance(atom, Literal) for atom in equation.invars]
            given = [value if fixed else _rounded(value, draw) for value, fixed in zip(given, literal, strict=True)]
        results = _operation(equation, given, draw)
        known.update(zip(equation.outvars, results, strict=True))
    return [_rounded(jnp.asarray(read(atom)), draw) for atom in program.outvars]


def _rounded(value: Any, draw: _Signs) -> Any:
    if jnp.result_type(value) != jnp.float64:
        return value
    return value * (1 + _UNIT * draw(jnp.asarray(value)))


def _operation(equation: Any, given: list[Any], draw: _Signs) -> list[Any]:
    """One operation; those that contain programs are gone into, and sums are rounded at every term."""
    name, params = equation.primitive.name, equation.params
    if name == "scan":
        return _scan(params, given, draw)
    if name == "while":
        return _while(params, given, draw)
    if name == "cond":
        branches = [partial(_inner, branch, draw=draw) for branch in params["branches"]]
        return list(lax.switch(given[0], branches, given[1:]))
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in params:
            return _inner(params[key], given, draw=draw)
    results = equation.primitive.bind(*given, **params)
    results = list(results) if equation.primitive.multiple_results else [results]
    if name == "reduce_sum":
        terms = prod(given[0].shape[axis] for axis in params["axes"])
        return [_summed(results[0], equation.primitive.bind(jnp.abs(given[0]), **params), terms, draw)]
    if name == "dot_general" and jnp.result_type(results[0]) == jnp.float64:
        (axes, _), _ = params["dimension_numbers"]
        terms = prod(given[0].shape[axis] for axis in axes)
        sizes = equation.primitive.bind(jnp.abs(given[0]), jnp.abs(given[1]), **params)
        return [_summed(results[0], sizes, terms, draw)]
    return results


def _summed(total: Array, sizes: Array, terms: int, draw: _Signs) -> Array:
    """The rounding of the partial sums: a random walk of ε/2 times the sum of the sizes."""
    if total.dtype != jnp.float64:
        return total
    return total + _UNIT * sqrt(terms) * draw(total) * sizes


def _inner(program: Jaxpr | ClosedJaxpr, given: Sequence[Any], *, draw: _Signs) -> list[Any]:
    if isinstance(program, ClosedJaxpr):
        return _perturbed(program.jaxpr, program.consts, given, draw)
    return _perturbed(program, (), given, draw)


def _scan(params: dict[str, Any], given: list[Any], draw: _Signs) -> list[Any]:
    constants, carried = params["num_consts"], params["num_carry"]
    fixed, begin, along = given[:constants], given[constants : constants + carried], given[constants + carried :]

    def body(carry: tuple[Any, Array], each: Any) -> tuple[tuple[Any, Array], Any]:
        values, seed = carry
        results = _inner(params["jaxpr"], [*fixed, *values, *each], draw=_Signs(seed, draw.calls))
        return (results[:carried], seed + _GOLDEN), results[carried:]

    (last, _), collected = lax.scan(body, (begin, draw.seed), along, length=params["length"], reverse=params["reverse"])
    return [*last, *collected]


def _while(params: dict[str, Any], given: list[Any], draw: _Signs) -> list[Any]:
    tests, bodies = params["cond_nconsts"], params["body_nconsts"]
    of_test, of_body, begin = given[:tests], given[tests : tests + bodies], given[tests + bodies :]

    def go_on(now: tuple[list[Any], Array]) -> Any:
        (result,) = jaxpr_as_fun(params["cond_jaxpr"])(*of_test, *now[0])
        return result

    def body(now: tuple[list[Any], Array]) -> tuple[list[Any], Array]:
        results = _inner(params["body_jaxpr"], [*of_body, *now[0]], draw=_Signs(now[1], draw.calls))
        return results, now[1] + _GOLDEN

    last, _ = lax.while_loop(go_on, body, (begin, draw.seed))
    return list(last)
