"""Points of space, moved together."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.flat import Side


class Translations(AbstractAction):
    """Points x_i of space, rows of one or several leaves (N, d), that may be moved together: x_i ↦ x_i + v.

    `points` chooses the leaves as in `equinox.tree_at`. An element of the group is v (d,).

    Conserved by the flow: the centre of mass Σ_i x_i / N (d,). Nearest point: exact. Canonical: the centre at 0.

        gf.Translations(lambda p: p["positions"])
    """

    advice: ClassVar[str] = "all the points, as rows, that must move together"
    is_isometric: ClassVar[bool] = True
    points: Callable[[PyTree], Any] = eqx.field(static=True)

    def __init__(self, points: Checked[Callable[[PyTree], Any]]):
        self.points = _checks.function("Translations", "points", points, "gf.Translations(lambda p: p)")

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("points", self.points, -1),)

    def element(self, value: Any, units: int) -> Float[Array, " axis"]:
        return _checks.group_array("transformed", value, (units,), f"np.ones({units})")

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        return (matrices[0] + element[:, None],)

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        return (np.broadcast_to(np.eye(len(matrices[0]))[:, :, None], (len(matrices[0]), *matrices[0].shape)),)

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, " axis"]]:
        return [random.normal(size=units)]

    def representative(self, *matrices: Matrix) -> tuple[Matrix, ...]:
        return (matrices[0] - np.mean(matrices[0], axis=1, keepdims=True),)

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        return (second[0] + np.mean(first[0] - second[0], axis=1, keepdims=True),)

    def conserved(self, matrices: Sequence[Matrix], rates: Sequence[Matrix]) -> dict[str, Float[np.ndarray, "..."]]:
        """With rates the points have masses 1/m."""
        return {"centre of mass": np.sum(matrices[0] / rates[0], axis=1) / np.sum(1 / rates[0], axis=1)}
