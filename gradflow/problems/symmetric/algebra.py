"""Matrices that a product of symmetric groups leaves as they are, by classes of rows and columns.

Permuting the units of an orbit permutes rows and columns together. A matrix that this does not change is constant on
every pair of classes, but for the pairs of neurons in one unit: constant·J + diagonal·I, J being all ones. Such
matrices are multiplied class by class, whatever the sizes of the orbits are, integers or not.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow._arithmetic import Numbers
from gradflow.problems.symmetric.orbits import Classes, same_orbit


class Equivariant(NamedTuple):
    """constant·J + diagonal·I for every pair of classes; `diagonal` is 0 where the two belong to different orbits.

    Arrays (..., row class, column class).
    """

    rows: Classes
    columns: Classes
    constant: Numbers
    diagonal: Numbers

    @property
    def same(self) -> Float[np.ndarray, "rows columns"]:
        """1 where row and column belong to the same orbit."""
        return same_orbit(self.rows, self.columns)

    @property
    def own(self) -> Numbers:
        """The entry of two neurons in one unit."""
        return self.constant + self.diagonal

    @property
    def transposed(self) -> "Equivariant":
        return Equivariant(self.columns, self.rows, self.constant.swapaxes(-1, -2), self.diagonal.swapaxes(-1, -2))

    @property
    def sums(self) -> Numbers:
        """What the matrix does to vectors that are constant on classes, as a matrix of classes."""
        return self.constant * self.columns.sizes[..., None, :] + self.diagonal

    @property
    def row_sums(self) -> Numbers:
        """(..., row class)."""
        return self.sums.sum(-1)

    @property
    def magnitude(self) -> "Equivariant":
        """A bound of what rounding is relative to: `diagonal` is a difference of entries."""
        return Equivariant(self.rows, self.columns, abs(self.constant), abs(self.constant) + abs(self.own))

    def times(self, other: "Equivariant") -> "Equivariant":
        """The product of matrices."""
        constant = self.sums @ other.constant + self.constant @ other.diagonal
        return Equivariant(self.rows, other.columns, constant, self.diagonal @ other.diagonal)

    def scaled(self, rows: Numbers | None = None, columns: Numbers | None = None) -> "Equivariant":
        """Rows and columns times a number for each class."""
        constant, diagonal = self.constant, self.diagonal
        if rows is not None:
            constant, diagonal = rows[..., :, None] * constant, rows[..., :, None] * diagonal
        if columns is not None:
            constant, diagonal = columns[..., None, :] * constant, columns[..., None, :] * diagonal
        return Equivariant(self.rows, self.columns, constant, diagonal)

    def spread(self) -> "Equivariant":
        """With an axis for a stack of directions before the last two."""
        return Equivariant(
            self.rows.spread(), self.columns.spread(), self.constant[..., None, :, :], self.diagonal[..., None, :, :]
        )
