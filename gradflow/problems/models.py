"""A model as parameters: what is trained, and the rest, which is put back wherever a person or `fn` sees it."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jaxtyping import PyTree


class Rest:
    """The leaves of a model that are not trained (functions, texts, numbers of Python), in their places."""

    def __init__(self, tree: PyTree):
        self.tree = tree
        self._leaves, self._structure = jax.tree.flatten(tree)

    def put_back(self, trained: PyTree) -> PyTree:
        """The model as it was given."""
        return eqx.combine(trained, self.tree) if self._leaves else trained

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rest) and (self._structure, self._leaves) == (other._structure, other._leaves)

    def __hash__(self) -> int:
        return hash(self._structure)

    def __bool__(self) -> bool:
        return bool(self._leaves)


def split(parameters: PyTree) -> tuple[PyTree, Rest]:
    """What is trained, every inexact array, and the rest."""
    trained, rest = eqx.partition(parameters, eqx.is_inexact_array)
    return trained, Rest(rest)


class OfModel:
    """`fn` as a function of what is trained and, if there are any, of the arguments."""

    def __init__(self, fn: Callable[..., Any], rest: Rest, *, takes_args: bool):
        self.fn, self.rest, self.takes_args = fn, rest, takes_args

    def __call__(self, trained: PyTree, args: PyTree) -> Any:
        model = self.rest.put_back(trained)
        return self.fn(model, args) if self.takes_args else self.fn(model)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OfModel) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    def __repr__(self) -> str:
        return repr(self.fn)

    @property
    def _content(self) -> tuple[Any, ...]:
        return self.fn, self.rest, self.takes_args
