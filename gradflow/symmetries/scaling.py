"""Weights whose length does not matter."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.flat import Side


class Scaling(AbstractAction):
    """Weights whose length does not matter, before a normalisation say: L(cw) = L(w) for c > 0.

    `weights` chooses the leaves as in `equinox.tree_at`, which all together have one factor; with `axes`, one for all
    leaves or one a leaf, every unit along them has its own, as the channels of batch normalisation do. An element of
    the group is the factor, or the factors (units,).

    Conserved by the flow: ‖w‖², of every unit. Nearest point: exact, the infimum at w = 0 if the two point away from
    each other. Canonical: ‖w‖ = 1.

        gf.Scaling(lambda m: m.layers[0].weight, axes=0)

    Source: Kunin et al., ICLR 2021, arXiv 2012.04728.
    """

    advice: ClassVar[str] = "axes= if every unit is normalised by itself, and every bias that is normalised with it"
    is_isometric: ClassVar[bool] = False
    weights: Callable[[PyTree], Any] = eqx.field(static=True)
    axes: tuple[int, ...] | int | None = eqx.field(static=True)

    def __init__(
        self,
        weights: Checked[Callable[[PyTree], Any]],
        *,
        axes: Checked[int | Sequence[int] | None] = None,
    ):
        self.weights = _checks.function("Scaling", "weights", weights, 'gf.Scaling(lambda p: p["w"])')
        self.axes = None if axes is None else _checks.axes("Scaling", "axes", axes)

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("weights", self.weights, self.axes, together=self.axes is None),)

    def element(self, value: Any, units: int) -> Float[Array, " unit"]:
        return _checks.factors("transformed", value, units)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        return (element[:, None] * matrices[0],)

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        return (np.eye(len(matrices[0]))[:, :, None] * matrices[0],)

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, " unit"]]:
        return [random.uniform(0.5, 2.0, units)]

    def representative(self, *matrices: Matrix) -> tuple[Matrix, ...]:
        lengths = np.linalg.norm(matrices[0], axis=1, keepdims=True)
        return (matrices[0] / np.where(lengths > 0, lengths, 1.0),)

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        (to,), (weights,) = first, second
        squares = np.sum(weights**2, axis=1)
        factors = np.maximum(np.sum(to * weights, axis=1), 0.0) / np.where(squares > 0, squares, 1.0)
        return (factors[:, None] * weights,)

    def conserved(self, matrices: Sequence[Matrix], rates: Sequence[Matrix]) -> dict[str, Float[np.ndarray, "..."]]:
        return {"squared length": np.sum(matrices[0] ** 2 / rates[0], axis=1)}
