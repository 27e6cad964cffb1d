"""Units that are alike."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int, PyTree
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.flat import Side


class Permutations(AbstractAction):
    """Units that are alike, neurons of a layer or atoms of a kind: every order of them is the same function.

    `units` chooses all leaves in which the units have entries, as in `equinox.tree_at`; `axes` are those that count the
    units, one for all leaves or one a leaf. An element of the group is an order, every number from 0 to units − 1 once:
    unit i of the result is the unit order[i] of the parameters.

    The group is discrete: no tangents, and nothing conserved. Nearest point: exact (the linear assignment problem).

        gf.Permutations(lambda m: (m.layers[0].weight, m.layers[0].bias, m.layers[1].weight), axes=(0, 0, 1))
    """

    advice: ClassVar[str] = "all leaves in which these units have entries, and their axes"
    is_isometric: ClassVar[bool] = True
    units: Callable[[PyTree], Any] = eqx.field(static=True)
    axes: tuple[int, ...] | int = eqx.field(static=True)

    def __init__(self, units: Checked[Callable[[PyTree], Any]], *, axes: Checked[int | Sequence[int]] = 0):
        line = 'gf.Permutations(lambda p: (p["w"], p["a"]))'
        self.units = _checks.function("Permutations", "units", units, line)
        self.axes = _checks.axes("Permutations", "axes", axes)

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("units", self.units, self.axes),)

    def element(self, value: Any, units: int) -> Int[np.ndarray, " unit"]:
        return _checks.permutation("transformed", "element", value, units)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        return (matrices[0][element],)

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        return (np.zeros((0, *matrices[0].shape)),)

    def elements(self, random: np.random.Generator, units: int) -> list[Int[np.ndarray, " unit"]]:
        """Two units exchanged, and all moved on by one: the two generate every order."""
        order = np.arange(units)
        return [np.concatenate([order[:2][::-1], order[2:]]), np.roll(order, 1)]

    def matched(self, first: Any, second: Any) -> Int[np.ndarray, " unit"]:
        """Which unit of `second` stands for each of `first`: the least sum of squared distances."""
        _, _, ((mine,), (theirs,)) = self._both("matched", first, second)
        return _order(mine, theirs)

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        return (second[0][_order(first[0], second[0])],)


def _order(first: Matrix, second: Matrix) -> Int[np.ndarray, " unit"]:
    found: Int[np.ndarray, " unit"] = linear_sum_assignment(cdist(first, second, "sqeuclidean"))[1]
    return found
