"""Directions at a symmetric point, one irreducible representation of the symmetry group at a time.

The Hessian commutes with the group, so that it maps the directions of one representation to each other. They are
written with a vector u that stands for the representation (Σ u = 0 in its orbit, ‖u‖ = 1) and numbers for pairs of
classes; the matrix of the Hessian in these numbers is its block. Nothing here needs the sizes to be integers.
"""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import numpy as np

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.orbits import Classes


class Direction(NamedTuple):
    """Matrices of rows × columns: the numbers (..., direction, row class, column class) of each of the forms that the
    representation knows.
    """

    rows: Classes
    columns: Classes
    parts: tuple[Numbers, ...]

    def plus(self, *others: "Direction") -> "Direction":
        """The sum."""
        parts = self.parts
        for other in others:
            parts = tuple(mine + its for mine, its in zip(parts, other.parts, strict=True))
        return Direction(self.rows, self.columns, parts)

    def scaled(self, rows: Numbers) -> "Direction":
        """Each row times the number of its class."""
        return Direction(self.rows, self.columns, tuple(rows[..., :, None] * part for part in self.parts))

    @property
    def transposed_parts(self) -> tuple[Numbers, ...]:
        return tuple(part.swapaxes(-1, -2) for part in self.parts)


class Basis(NamedTuple):
    """Orthogonal directions of (W, a): `parts` of W (direction, student class, teacher class), `output` (direction,
    student class), and the squared lengths (..., direction), 0 or less where the sizes leave no such direction.
    """

    parts: tuple[Numbers, ...]
    output: Numbers
    squares: Numbers


class AbstractRepresentation(ABC):
    """An irreducible representation in the space of student weights and output weights.

    No module of Equinox, whose every access to a method costs more than the small arrays that are computed with here.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """In the partitions of representation theory: (N-1,1) is the standard representation of S_N."""

    @property
    @abstractmethod
    def dimension(self) -> Any:
        """How often each eigenvalue of the block occurs; no integer where a size is none."""

    @abstractmethod
    def basis(self, rows: Classes, columns: Classes, arithmetic: Arithmetic) -> Basis:
        """All directions of students × teachers and of output weights."""

    @abstractmethod
    def coefficients(self, direction: Direction, output: Numbers, *, sizes: bool = False) -> Numbers:
        """Those of a direction in the basis, (..., direction, coefficient); `sizes` says that the parts are sizes of
        terms, so that what would be a difference is a sum.
        """

    @abstractmethod
    def left(self, matrix: Equivariant, direction: Direction) -> Direction:
        """matrix · direction."""

    @abstractmethod
    def transpose(self, direction: Direction) -> Direction:
        """directionᵀ."""

    @abstractmethod
    def hadamard(self, matrix: Equivariant, direction: Direction) -> Direction:
        """matrix ∘ direction, entry by entry."""

    @abstractmethod
    def column(self, vector: Numbers, rows: Classes, columns: Classes) -> Direction:
        """vector · 1ᵀ."""

    @abstractmethod
    def contract(self, direction: Direction) -> Numbers:
        """direction · 1: sums over the columns."""

    @abstractmethod
    def apply(self, matrix: Equivariant, vector: Numbers) -> Numbers:
        """matrix · vector."""


def repeated(vector: Numbers, columns: Classes) -> Numbers:
    """The numbers (..., class) of a vector in every column."""
    return vector[..., :, None] * np.ones((*(1,) * vector.ndim, len(columns.orbits)))
