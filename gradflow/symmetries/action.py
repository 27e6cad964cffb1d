"""Groups of matrices that act on rows of the parameters: what the single ones share."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from gradflow import _checks
from gradflow.symmetries.base import AbstractSymmetry
from gradflow.symmetries.flat import Flat, Side, flat, known, known_pair, sides_of

Matrix = Float[np.ndarray, "unit _entry"]
# one motion of a side for each generator
Motions = Float[np.ndarray, "generator unit _entry"]
_SEED = 0


class AbstractAction(AbstractSymmetry):
    """A group that acts on one or two sides of leaves, each laid out as a matrix whose rows are the units, the points
    or the coordinates between which it acts; the rest of the parameters it leaves alone.
    """

    @property
    @abstractmethod
    def sides(self) -> tuple[Side, ...]:
        """The leaves."""

    @abstractmethod
    def element(self, value: Any, units: int) -> Any:
        """An element of the group for so many units, or an error that says what would be one."""

    @abstractmethod
    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        """g·X for every side's matrix X."""

    @abstractmethod
    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        """The derivatives of g·X at the identity along a basis of the Lie algebra."""

    @abstractmethod
    def elements(self, random: np.random.Generator, units: int) -> list[Any]:
        """A few that generate the group, or of a continuous one, in general position."""

    @abstractmethod
    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        """The second matrices moved as near to the first as is known."""

    def begun(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> list[tuple[Matrix, ...]]:
        """The matrices of `starts`."""
        return []

    def representative(self, *matrices: Matrix) -> tuple[Matrix, ...]:
        """The matrices of `canonical`."""
        return matrices

    def conserved(self, matrices: Sequence[Matrix], rates: Sequence[Matrix]) -> dict[str, Float[np.ndarray, "..."]]:
        """What is conserved, with the rates of every number of the matrices."""
        return {}

    def transformed(self, parameters: Any, element: Any) -> PyTree:
        """g·θ. The element is what the class says; JAX may be tracing both."""
        at = flat("transformed", "parameters", parameters)
        rows = self._rows(at)
        element = self.element(element, len(rows[0]))
        vector = at.vector
        for each, matrix in zip(rows, self.moved(element, *(vector[each] for each in rows)), strict=True):
            vector = vector.at[each].set(matrix)
        return at.back(vector)

    def tangents(self, parameters: Any) -> Float[np.ndarray, "param orbit"]:
        at = known("tangents", "parameters", parameters)
        rows, vector = self._rows(at), np.asarray(at.vector)
        motions = self.motions(*(vector[each] for each in rows))
        columns = np.zeros((vector.size, len(motions[0])))
        for each, motion in zip(rows, motions, strict=True):
            columns[each.ravel()] = motion.reshape(len(motion), each.size).T
        return columns[:, np.any(columns != 0, axis=0)]

    def copies(self, parameters: Any) -> list[PyTree]:
        at = flat("copies", "parameters", parameters)
        units = len(self._rows(at)[0])
        return [self.transformed(at.tree, each) for each in self.elements(np.random.default_rng(_SEED), units)]

    def aligned(self, first: Any, second: Any) -> PyTree:
        other, rows, matrices = self._both("aligned", first, second)
        return _put(other, rows, self.nearest(*matrices))

    def starts(self, first: Any, second: Any) -> list[PyTree]:
        other, rows, matrices = self._both("starts", first, second)
        return [_put(other, rows, begun) for begun in self.begun(*matrices)]

    def canonical(self, parameters: Any) -> PyTree:
        at = known("canonical", "parameters", parameters)
        rows = self._rows(at)
        return _put(at, rows, self.representative(*(np.asarray(at.vector)[each] for each in rows)))

    def invariants(self, parameters: Any, rates: Any | None = None) -> dict[str, Float[np.ndarray, "..."]]:
        at = known("invariants", "parameters", parameters)
        speed = np.ones(at.vector.size)
        if rates is not None:
            speed = np.asarray(flat("invariants", "rates", _checks.rates("invariants", rates, at.trained)).vector)
        rows, vector = self._rows(at), np.asarray(at.vector)
        return self.conserved([vector[each] for each in rows], [speed[each] for each in rows])

    def _both(
        self, verb: str, first: Any, second: Any
    ) -> tuple[Flat, tuple[Int[np.ndarray, "unit _entry"], ...], tuple[list[Matrix], list[Matrix]]]:
        """The second point, where the rows stand, and the matrices of both points."""
        one, other = known_pair(verb, first, second)
        rows = self._rows(one)
        mine, theirs = ([np.asarray(at.vector)[each] for each in rows] for at in (one, other))
        return other, rows, (mine, theirs)

    def _rows(self, at: Flat) -> tuple[Int[np.ndarray, "unit _entry"], ...]:
        return sides_of(type(self).__name__, at, self.sides)


def _put(at: Flat, rows: Sequence[Int[np.ndarray, "unit _entry"]], matrices: Sequence[Any]) -> PyTree:
    """The tree with other matrices."""
    vector = np.array(at.vector)
    for each, matrix in zip(rows, matrices, strict=True):
        vector[each] = matrix
    return at.back(jnp.asarray(vector))
