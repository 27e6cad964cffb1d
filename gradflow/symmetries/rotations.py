"""Points of space, turned together."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries import procrustes
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.flat import Side


class Rotations(AbstractAction):
    """Points x_i of space, rows of one or several leaves (N, d), that may be turned together about the origin: x_i ↦
    Rx_i, R of SO(d); with `reflections` of O(d).

    `points` chooses the leaves as in `equinox.tree_at`. An element of the group is R (d, d).

    Conserved by the flow: nothing. An antisymmetric generator X gives Σ_i x_iᵀXx_i, which is zero anywhere: a gradient
    flow has no momenta. Nearest point: exact (Kabsch).

        gf.Rotations(lambda p: p["positions"])
    """

    advice: ClassVar[str] = (
        "all the points, as rows, that must turn together, and no field that singles out a direction"
    )
    is_isometric: ClassVar[bool] = True
    points: Callable[[PyTree], Any] = eqx.field(static=True)
    reflections: bool = eqx.field(static=True)

    def __init__(self, points: Checked[Callable[[PyTree], Any]], *, reflections: Checked[bool] = False):
        self.points = _checks.function("Rotations", "points", points, "gf.Rotations(lambda p: p)")
        self.reflections = _checks.flag("Rotations", "reflections", reflections)

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("points", self.points, -1),)

    def element(self, value: Any, units: int) -> Float[Array, "axis axis"]:
        return _checks.orthogonal_matrix("transformed", value, units, determinant=None if self.reflections else 1)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        return (element @ matrices[0],)

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        return (procrustes.antisymmetric(len(matrices[0])) @ matrices[0],)

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, "axis axis"]]:
        turned = procrustes.in_general_position(random, units)
        return [turned, procrustes.reflection(units)] if self.reflections else [turned]

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        return (procrustes.orthogonal(first[0], second[0], reflections=self.reflections) @ second[0],)

    def begun(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> list[tuple[Matrix, ...]]:
        return [
            (turned @ second[0],) for turned in procrustes.frames(first[0], second[0], reflections=self.reflections)
        ]
