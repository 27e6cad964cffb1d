"""The standard representation (N−1,1) of one orbit: some units against the others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.orbits import Classes, Orbit, label_of
from gradflow.problems.symmetric.representation import AbstractRepresentation, Basis, Direction, repeated


@dataclass(frozen=True)
class Standard(AbstractRepresentation):
    """With u of the orbit, Σ u = 0: the parts are u1ᵀ (rows of the orbit), 1uᵀ (columns of the orbit) and diag(u)."""

    orbits: tuple[Orbit, ...]
    orbit: int

    @property
    def size(self) -> Any:
        """N."""
        return self.orbits[self.orbit].size

    @property
    def name(self) -> str:
        return f"({label_of(self.orbits, self.orbit)}-1,1)"

    @property
    def dimension(self) -> Any:
        return self.size - 1

    def basis(self, rows: Classes, columns: Classes, arithmetic: Arithmetic) -> Basis:
        """Within the orbit diag(u), u1ᵀ + 1uᵀ − 2 diag(u) and u1ᵀ − 1uᵀ, orthogonal, of squared lengths 1, 2(N − 2) and
        2N; then u1ᵀ and 1uᵀ between orbits, and u for the output weights.
        """
        shape = (len(rows.orbits), len(columns.orbits))
        parts: list[list[Numbers]] = [[], [], []]
        output: list[Numbers] = []
        squares: list[Any] = []

        def add(square: Any, at: tuple[int, int] | None, *entries: int, student: int | None = None) -> None:
            for part, entry in zip(parts, entries, strict=True):
                part.append(np.zeros(shape))
                if at is not None:
                    part[-1][at] = entry
            output.append(np.zeros(shape[0]) if student is None else np.eye(shape[0])[student])
            squares.append(square)

        for at, (row_inside, column_inside) in self._pairs(rows, columns):
            if row_inside and column_inside:
                add(1.0, at, 0, 0, 1)
                add(2 * (self.size - 2), at, 1, 1, -2)
                add(2 * self.size, at, 1, -1, 0)
            elif row_inside:
                add(columns.sizes[..., at[1]], at, 1, 0, 0)
            else:
                add(rows.sizes[..., at[0]], at, 0, 1, 0)
        for x in np.flatnonzero(rows.among(self.orbit)):
            add(1.0, None, 0, 0, 0, student=int(x))
        row, column, diagonal = (arithmetic.array(np.stack(part)) for part in parts)
        return Basis((row, column, diagonal), arithmetic.array(np.stack(output)), arithmetic.stack(squares))

    def coefficients(self, direction: Direction, output: Numbers, *, sizes: bool = False) -> Numbers:
        sign = 1 if sizes else -1
        row, column, diagonal = direction.parts
        found = []
        for (x, y), (row_inside, column_inside) in self._pairs(direction.rows, direction.columns):
            r, c, d = row[..., x, y], column[..., x, y], diagonal[..., x, y]
            if row_inside and column_inside:
                found += [d + r + c, (r + c) / 2, (r + sign * c) / 2]
            else:
                found.append(r if row_inside else c)
        found += [output[..., x] for x in np.flatnonzero(direction.rows.among(self.orbit))]
        return np.stack(found, -1)

    def left(self, matrix: Equivariant, direction: Direction) -> Direction:
        row, column, diagonal = direction.parts
        parts = (
            matrix.diagonal @ row,
            matrix.sums @ column + matrix.constant @ diagonal,
            matrix.diagonal @ diagonal,
        )
        return Direction(matrix.rows, direction.columns, parts)

    def transpose(self, direction: Direction) -> Direction:
        row, column, diagonal = direction.transposed_parts
        return Direction(direction.columns, direction.rows, (column, row, diagonal))

    def hadamard(self, matrix: Equivariant, direction: Direction) -> Direction:
        row, column, diagonal = direction.parts
        parts = (
            matrix.constant * row,
            matrix.constant * column,
            matrix.diagonal * (row + column) + matrix.own * diagonal,
        )
        return Direction(direction.rows, direction.columns, parts)

    def column(self, vector: Numbers, rows: Classes, columns: Classes) -> Direction:
        row = repeated(vector, columns)
        return Direction(rows, columns, (row, 0 * row, 0 * row))

    def contract(self, direction: Direction) -> Numbers:
        row, _, diagonal = direction.parts
        return (row * direction.columns.sizes[..., None, :] + diagonal).sum(-1)

    def apply(self, matrix: Equivariant, vector: Numbers) -> Numbers:
        return (matrix.diagonal @ vector[..., None])[..., 0]

    def _pairs(self, rows: Classes, columns: Classes) -> list[tuple[tuple[int, int], tuple[bool, bool]]]:
        """The pairs of classes in which u has a place: in the row, the column, or both."""
        inside = [
            ((x, y), (row == self.orbit, column == self.orbit))
            for x, row in enumerate(rows.orbits)
            for y, column in enumerate(columns.orbits)
        ]
        return [(at, where) for at, where in inside if any(where)]
