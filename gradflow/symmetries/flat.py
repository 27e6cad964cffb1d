"""Parameters as a vector, and where the leaves that a symmetry acts on lie in it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int, PyTree

from gradflow import _checks


class Flat(NamedTuple):
    """A tree, what is trained of it, that in the order of `problem.flatten`, the way back, and the tree with every
    number replaced by its place in the vector.
    """

    tree: PyTree
    trained: PyTree
    vector: Float[Array, " param"]
    back: Callable[[Array], PyTree]
    places: PyTree


def flat(verb: str, name: str, parameters: Any) -> Flat:
    """Of any parameters that `gf.Loss` takes, models of Equinox among them; JAX may be tracing them."""
    tree = _checks.model(verb, name, parameters)
    trained, rest = eqx.partition(tree, eqx.is_inexact_array)
    vector, back = ravel_pytree(trained)
    leaves, structure = jax.tree.flatten(trained)
    ends = np.cumsum([leaf.size for leaf in leaves])
    places = [np.arange(end - leaf.size, end).reshape(leaf.shape) for leaf, end in zip(leaves, ends, strict=True)]
    return Flat(
        tree=tree,
        trained=trained,
        vector=vector,
        back=lambda moved: eqx.combine(back(moved), rest),
        places=eqx.combine(jax.tree.unflatten(structure, places), rest),
    )


def known(verb: str, name: str, parameters: Any) -> Flat:
    """The same where numbers are needed."""
    _checks.known(verb, parameters, f"symmetry.{verb} of numbers")
    return flat(verb, name, parameters)


def known_pair(verb: str, first: Any, second: Any) -> tuple[Flat, Flat]:
    """Two points of one structure."""
    one, other = known(verb, "first", first), known(verb, "second", second)
    line = f"symmetry.{verb}(first, second) with parameters of one structure"
    _checks.same_structure(verb, "second", other.trained, one.trained, line)
    return one, other


class Side(NamedTuple):
    """Leaves on which a group acts from one side: `where` chooses them, as in `equinox.tree_at`; `axes` are those on
    which it acts, one for all or one a leaf, left out the second of a matrix and the only one of a vector; or it acts
    on all numbers `together`.
    """

    name: str
    where: Callable[[PyTree], Any]
    axes: tuple[int, ...] | int | None
    together: bool = False

    def rows(self, kind: str, at: Flat) -> Int[np.ndarray, "unit _entry"]:
        """The places of the chosen numbers, one row for every index of the axis on which the group acts."""
        chosen = _checks.chosen_leaves(kind, self.name, self.where, at.places)
        _checks.no_arithmetic(
            kind, self.name, chosen, at.vector, _checks.chosen_leaves(kind, self.name, self.where, at.tree)
        )
        if self.together:
            return np.concatenate([leaf.ravel() for leaf in chosen])[None]
        shapes = [leaf.shape for leaf in chosen]
        axes = _checks.axes_of(kind, self.name, self.axes, shapes)
        moved = [np.moveaxis(leaf, axis, 0) for leaf, axis in zip(chosen, axes, strict=True)]
        _checks.one_length(kind, self.name, [len(leaf) for leaf in moved], shapes)
        return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in moved], axis=1)


def sides_of(kind: str, at: Flat, sides: tuple[Side, ...]) -> tuple[Int[np.ndarray, "unit _entry"], ...]:
    """The rows of every side, as many on each, and no number twice."""
    rows = tuple(side.rows(kind, at) for side in sides)
    names = " and ".join(side.name for side in sides)
    _checks.one_length(kind, names, [len(each) for each in rows], [each.shape for each in rows])
    _checks.no_number_twice(kind, names, np.concatenate([each.ravel() for each in rows]))
    return rows
