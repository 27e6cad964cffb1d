"""Representations in products of two standard ones: a vector of rows and one of columns, both of sum zero."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.orbits import Classes, Orbit, label_of
from gradflow.problems.symmetric.representation import AbstractRepresentation, Basis, Direction, repeated


@dataclass(frozen=True)
class _Tensor(AbstractRepresentation):
    """One matrix stands for the representation, so that directions are numbers for pairs of classes; output weights
    have no part in it. An equivariant matrix acts from the left by its diagonal and entry by entry by its constant.
    """

    orbits: tuple[Orbit, ...]
    first: int
    second: int

    @property
    def size(self) -> Any:
        """N."""
        return self.orbits[self.first].size

    @property
    def label(self) -> str:
        """Of N."""
        return label_of(self.orbits, self.first)

    def _places(self, rows: Classes, columns: Classes) -> list[tuple[int, int]]:
        orbits = {(self.first, self.second), (self.second, self.first)}
        every = [(x, y) for x in range(len(rows.orbits)) for y in range(len(columns.orbits))]
        return [(x, y) for x, y in every if (rows.orbits[x], columns.orbits[y]) in orbits]

    @property
    def sign(self) -> int:
        """Of the transposed matrix."""
        return 1

    def basis(self, rows: Classes, columns: Classes, arithmetic: Arithmetic) -> Basis:
        places = self._places(rows, columns)
        part = np.zeros((len(places), len(rows.orbits), len(columns.orbits)))
        for at, (x, y) in enumerate(places):
            part[at, x, y] = 1
        output = arithmetic.array(np.zeros((len(places), len(rows.orbits))))
        return Basis((arithmetic.array(part),), output, arithmetic.array(np.ones(len(places))))

    def coefficients(self, direction: Direction, output: Numbers, *, sizes: bool = False) -> Numbers:
        (part,) = direction.parts
        return np.stack([part[..., x, y] for x, y in self._places(direction.rows, direction.columns)], -1)

    def left(self, matrix: Equivariant, direction: Direction) -> Direction:
        return Direction(matrix.rows, direction.columns, (matrix.diagonal @ direction.parts[0],))

    def transpose(self, direction: Direction) -> Direction:
        return Direction(direction.columns, direction.rows, (self.sign * direction.transposed_parts[0],))

    def hadamard(self, matrix: Equivariant, direction: Direction) -> Direction:
        return Direction(direction.rows, direction.columns, (matrix.constant * direction.parts[0],))

    def column(self, vector: Numbers, rows: Classes, columns: Classes) -> Direction:
        return Direction(rows, columns, (0 * repeated(vector, columns),))

    def contract(self, direction: Direction) -> Numbers:
        return 0 * direction.parts[0].sum(-1)

    def apply(self, matrix: Equivariant, vector: Numbers) -> Numbers:
        return 0 * vector


@dataclass(frozen=True)
class TwoOrbits(_Tensor):
    """(N−1,1) ⊗ (M−1,1) of two orbits: uvᵀ, and vuᵀ where the orbits change places."""

    @property
    def name(self) -> str:
        return f"({self.label}-1,1) x ({label_of(self.orbits, self.second)}-1,1)"

    @property
    def dimension(self) -> Any:
        return (self.size - 1) * (self.orbits[self.second].size - 1)


@dataclass(frozen=True)
class Symmetric(_Tensor):
    """(N−2,2): symmetric matrices within an orbit, with zero diagonal and rows of sum zero."""

    @property
    def name(self) -> str:
        return f"({self.label}-2,2)"

    @property
    def dimension(self) -> Any:
        return _half(self.size * (self.size - 3))


@dataclass(frozen=True)
class Alternating(_Tensor):
    """(N−2,1,1): antisymmetric matrices within an orbit with rows of sum zero."""

    @property
    def sign(self) -> int:
        return -1

    @property
    def name(self) -> str:
        return f"({self.label}-2,1,1)"

    @property
    def dimension(self) -> Any:
        return _half((self.size - 1) * (self.size - 2))


def _half(product: Any) -> Any:
    """Of an even integer exactly, whatever its size; of a real number too."""
    return product // 2 if isinstance(product, int) else product / 2
