"""A loss whose critical points lie on sets, and what is true of one by its index, nullity and the set's dimension."""

from collections.abc import Callable
from typing import Any, NamedTuple

from gradflow import Kind
from oracles.flat_traps import Truth
from oracles.inertia import Settled

# two neurons, or a neuron and nothing, that are the same with fifty digits; apart, they are so by far more
SAME = 1e-25


class FlatSet(NamedTuple):
    """`most`: how many starts the full benchmark takes; `truths`: of parameters where a flow ended the classes that are
    true, or None if it is not known.
    """

    name: str
    problem: Any
    start: Callable[[int], Any]
    most: int
    truths: Callable[[Any], tuple[Truth, ...] | None]


def told(found: Settled | None, dimension: int | None) -> tuple[Truth, ...] | None:
    """By index, nullity and the dimension of the set of critical points; where that is not known, both are true."""
    if found is None:
        return None
    index, nullity = found.inertia
    flat = Truth(Kind.MINIMUM_MANIFOLD, 0, nullity), Truth(Kind.DEGENERATE, 0, nullity)
    if index > 0:
        return (Truth(Kind.SADDLE, index, nullity),)
    if nullity == 0:
        return (Truth(Kind.MINIMUM),)
    return flat if dimension is None else flat[:1] if dimension == nullity else flat[1:]
