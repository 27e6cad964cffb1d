"""Several symmetries at once."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.base import AbstractSymmetry
from gradflow.symmetries.flat import flat, known_pair
from gradflow.symmetries.permutations import Permutations

# rounds of one part after the other
_ROUNDS = 1_000
# a round that lowers the distance by less than this part of it is the last
_ENOUGH = 1e-3


class SymmetryGroup(AbstractSymmetry):
    """The group that several symmetries generate: `gf.SymmetryGroup(problem.symmetries).distance(first, second)`.

    Tangents and conserved quantities are those of the parts. The nearest point is an upper bound. What keeps distances
    and has a representative (translations) is taken out of both points first. Then every part in turn moves the second
    as near as it can, round by round, from several starts, of which the best counts: as it is; with its units in the
    order in which the representatives of both points (balanced, of unit length, centred) match; and, where there are
    orders and rotations, with a frame of points laid on the one of the same lengths and angles that fits best.
    """

    advice: ClassVar[str] = "the parts that hold alone"
    # in general; nothing hangs on it
    is_isometric: ClassVar[bool] = False
    symmetries: tuple[AbstractSymmetry, ...]

    def __init__(self, symmetries: Checked[Sequence[AbstractSymmetry]]):
        self.symmetries = _checks.several_symmetries("SymmetryGroup", symmetries, AbstractSymmetry, empty=False)

    def tangents(self, parameters: Any) -> Float[np.ndarray, "param orbit"]:
        return np.concatenate([part.tangents(parameters) for part in self.symmetries], axis=1)

    def copies(self, parameters: PyTree) -> list[PyTree]:
        return [copy for part in self.symmetries for copy in part.copies(parameters)]

    def canonical(self, parameters: Any) -> PyTree:
        """By one part after the other: of the whole group's orbit only where the parts do not interfere."""
        for part in self.symmetries:
            parameters = part.canonical(parameters)
        return parameters

    def invariants(self, parameters: Any, rates: Any | None = None) -> dict[str, Float[np.ndarray, "..."]]:
        """Those of the parts; of a name that comes again the number of its part is said."""
        found: dict[str, Float[np.ndarray, ...]] = {}
        for number, part in enumerate(self.symmetries):
            for name, value in part.invariants(parameters, rates).items():
                found[f"{name} of symmetries[{number}]" if name in found else name] = value
        return found

    def aligned(self, first: Any, second: Any) -> PyTree:
        to, moving = (at.tree for at in known_pair("aligned", first, second))
        for part in self.symmetries:
            if part.is_isometric:
                to, moving = part.canonical(to), part.canonical(moving)
        starts = [moving, self._in_order(to, moving)]
        orders = [part for part in self.symmetries if isinstance(part, Permutations)]
        if orders:
            framed = [start for part in self.symmetries for start in part.starts(to, moving)]
            for part in orders:
                framed = [part.aligned(to, start) for start in framed]
            starts += sorted(framed, key=lambda start: _apart(to, start))[:1]
        nearest = min((self._descended(to, start) for start in starts), key=lambda point: _apart(to, point))
        for part in self.symmetries:
            if part.is_isometric:  # back from the representative
                nearest = part.aligned(first, nearest)
        return nearest

    def _in_order(self, to: PyTree, moving: PyTree) -> PyTree:
        """The units in the order in which those of the representatives match."""
        representatives = self.canonical(to), self.canonical(moving)
        for part in self.symmetries:
            if isinstance(part, Permutations):
                moving = part.transformed(moving, part.matched(*representatives))
        return moving

    def _descended(self, to: PyTree, moving: PyTree) -> PyTree:
        before = _apart(to, moving)
        # orders last: at a start they are right as far as is known
        parts = sorted(self.symmetries, key=lambda part: isinstance(part, Permutations))
        for _ in range(_ROUNDS):
            for part in parts:
                moving = part.aligned(to, moving)
            after = _apart(to, moving)
            if not after < (1 - _ENOUGH) * before:
                break
            before = after
        return moving


def _apart(first: PyTree, second: PyTree) -> float:
    return float(
        np.linalg.norm(np.asarray(flat("aligned", "first", first).vector - flat("aligned", "second", second).vector))
    )
