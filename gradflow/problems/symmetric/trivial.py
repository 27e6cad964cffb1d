"""The trivial representation: directions that keep the symmetry, those of the reduced problem."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.orbits import Classes, Orbit
from gradflow.problems.symmetric.representation import AbstractRepresentation, Basis, Direction, repeated


@dataclass(frozen=True)
class Trivial(AbstractRepresentation):
    """Directions are equivariant matrices themselves: parts constant·J and diagonal·I."""

    orbits: tuple[Orbit, ...]

    @property
    def name(self) -> str:
        return "trivial"

    @property
    def dimension(self) -> Any:
        return 1

    def basis(self, rows: Classes, columns: Classes, arithmetic: Arithmetic) -> Basis:
        """In this order: overlaps of neurons in one unit (I), in different ones (J − I, or J for two orbits), a."""
        own, others = pairs(self.orbits, rows, columns)
        count = len(own) + len(others) + len(rows.orbits)
        constant, diagonal = (np.zeros((count, len(rows.orbits), len(columns.orbits))) for _ in range(2))
        output, squares, at = np.zeros((count, len(rows.orbits))), [], 0
        for x, y in own:
            diagonal[at, x, y] = 1
            squares.append(rows.sizes[..., x])
            at += 1
        for x, y in others:
            constant[at, x, y] = 1
            size, partner = rows.sizes[..., x], columns.sizes[..., y]
            if rows.orbits[x] == columns.orbits[y]:
                diagonal[at, x, y] = -1
                partner = partner - 1
            squares.append(size * partner)
            at += 1
        for x in range(len(rows.orbits)):
            output[at, x] = 1
            squares.append(rows.sizes[..., x])
            at += 1
        return Basis(
            tuple(map(arithmetic.array, (constant, diagonal))), arithmetic.array(output), arithmetic.stack(squares)
        )

    def coefficients(self, direction: Direction, output: Numbers, *, sizes: bool = False) -> Numbers:
        own, others = pairs(self.orbits, direction.rows, direction.columns)
        constant, diagonal = direction.parts
        together = constant + diagonal
        found = [together[..., x, y] for x, y in own] + [constant[..., x, y] for x, y in others]
        found += [output[..., x] for x in range(len(direction.rows.orbits))]
        return np.stack(found, -1)

    def left(self, matrix: Equivariant, direction: Direction) -> Direction:
        constant, diagonal = direction.parts
        parts = (matrix.sums @ constant + matrix.constant @ diagonal, matrix.diagonal @ diagonal)
        return Direction(matrix.rows, direction.columns, parts)

    def transpose(self, direction: Direction) -> Direction:
        return Direction(direction.columns, direction.rows, direction.transposed_parts)

    def hadamard(self, matrix: Equivariant, direction: Direction) -> Direction:
        constant, diagonal = direction.parts
        parts = (matrix.constant * constant, matrix.diagonal * constant + matrix.own * diagonal)
        return Direction(direction.rows, direction.columns, parts)

    def column(self, vector: Numbers, rows: Classes, columns: Classes) -> Direction:
        constant = repeated(vector, columns)
        return Direction(rows, columns, (constant, 0 * constant))

    def contract(self, direction: Direction) -> Numbers:
        constant, diagonal = direction.parts
        return (constant * direction.columns.sizes[..., None, :] + diagonal).sum(-1)

    def apply(self, matrix: Equivariant, vector: Numbers) -> Numbers:
        return (matrix.sums @ vector[..., None])[..., 0]


def pairs(
    orbits: tuple[Orbit, ...], rows: Classes, columns: Classes
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The pairs of classes with overlaps in one unit, and those with overlaps between units."""
    every = [(x, y) for x in range(len(rows.orbits)) for y in range(len(columns.orbits))]
    own = [(x, y) for x, y in every if rows.orbits[x] == columns.orbits[y]]
    others = [(x, y) for x, y in every if rows.orbits[x] != columns.orbits[y] or not orbits[rows.orbits[x]].alone]
    return own, others
