"""Orthogonal changes of basis of a space on which leaves stand."""

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


class Orthogonal(AbstractAction):
    """The orthogonal group O(n) of an input or hidden space: X ↦ QX along one axis of every chosen leaf, rotations and
    reflections. Of inputs of isotropic law, W ↦ WQᵀ; between linear layers where GL(n) is too much, A ↦ AQᵀ, B ↦ QB.

    `leaves` chooses them as in `equinox.tree_at`; `axes` are the axes of length n, one for all leaves or one a leaf. An
    element of the group is Q (n, n).

    Conserved by the flow: nothing. An antisymmetric generator X gives θᵀXθ, which is zero anywhere. Nearest point:
    exact (Procrustes).

        gf.Orthogonal(lambda m: (m.layers[1].weight, m.layers[0].weight), axes=(1, 0))
    """

    advice: ClassVar[str] = "all the leaves that stand on this space, and their axes"
    is_isometric: ClassVar[bool] = True
    leaves: Callable[[PyTree], Any] = eqx.field(static=True)
    axes: tuple[int, ...] | int = eqx.field(static=True)

    def __init__(self, leaves: Checked[Callable[[PyTree], Any]], *, axes: Checked[int | Sequence[int]] = -1):
        self.leaves = _checks.function("Orthogonal", "leaves", leaves, 'gf.Orthogonal(lambda p: p["w"])')
        self.axes = _checks.axes("Orthogonal", "axes", axes)

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("leaves", self.leaves, self.axes),)

    def element(self, value: Any, units: int) -> Float[Array, "axis axis"]:
        return _checks.orthogonal_matrix("transformed", value, units, determinant=None)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        return (element @ matrices[0],)

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        return (procrustes.antisymmetric(len(matrices[0])) @ matrices[0],)

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, "axis axis"]]:
        return [procrustes.in_general_position(random, units), procrustes.reflection(units)]

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        return (procrustes.orthogonal(first[0], second[0], reflections=True) @ second[0],)

    def begun(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> list[tuple[Matrix, ...]]:
        return [(turned @ second[0],) for turned in procrustes.frames(first[0], second[0], reflections=True)]
