"""Homogeneous units: larger weights in, smaller weights out."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.exponential_sums import zeros
from gradflow.symmetries.flat import Side


class Rescaling(AbstractAction):
    """Units with an activation that is homogeneous of a `degree` n, σ(cz) = cⁿσ(z) for c > 0 (ReLU: 1; its square: 2):
    (w_i, b_i) ↦ c_i (w_i, b_i) of the weights and biases into unit i, a_i ↦ c_i^{−n} a_i of those out of it.

    `incoming` and `outgoing` choose the leaves as in `equinox.tree_at`; the axes are those that count the units, one
    for all leaves or one a leaf. Left out they are those of Equinox's layers: the first of what comes in, the second of
    a matrix that goes out, the only one of a vector. An element of the group is its factors c (units,).

    Conserved by the flow: the balance ‖(w_i, b_i)‖² − n ‖a_i‖² of every unit. Nearest point: exact; of a unit that is
    dead on one side the infimum is taken, at a limit of the orbit. Canonical: ‖(w_i, b_i)‖² = n ‖a_i‖², the least norm.

        gf.Rescaling(lambda m: (m.layers[0].weight, m.layers[0].bias), lambda m: m.layers[1].weight)

    Source: Du, Hu & Lee, NeurIPS 2018, arXiv 1806.00900 (the balance); Kunin et al., ICLR 2021, arXiv 2012.04728.
    """

    advice: ClassVar[str] = (
        "degree= of the activation (1 for ReLU), every bias of these units in incoming, and their axes"
    )
    is_isometric: ClassVar[bool] = False
    incoming: Callable[[PyTree], Any] = eqx.field(static=True)
    outgoing: Callable[[PyTree], Any] = eqx.field(static=True)
    degree: float = eqx.field(static=True)
    incoming_axes: tuple[int, ...] | int = eqx.field(static=True)
    outgoing_axes: tuple[int, ...] | int | None = eqx.field(static=True)

    def __init__(
        self,
        incoming: Checked[Callable[[PyTree], Any]],
        outgoing: Checked[Callable[[PyTree], Any]],
        degree: Checked[float] = 1.0,
        *,
        incoming_axes: Checked[int | Sequence[int]] = 0,
        outgoing_axes: Checked[int | Sequence[int] | None] = None,
    ):
        line = 'gf.Rescaling(lambda p: p["w"], lambda p: p["a"])'
        self.incoming = _checks.function("Rescaling", "incoming", incoming, line)
        self.outgoing = _checks.function("Rescaling", "outgoing", outgoing, line)
        self.degree = _checks.tolerance("Rescaling", "degree", degree, line="degree=1.0")
        self.incoming_axes = _checks.axes("Rescaling", "incoming_axes", incoming_axes)
        self.outgoing_axes = None
        if outgoing_axes is not None:
            self.outgoing_axes = _checks.axes("Rescaling", "outgoing_axes", outgoing_axes)

    @property
    def sides(self) -> tuple[Side, ...]:
        return (
            Side("incoming", self.incoming, self.incoming_axes),
            Side("outgoing", self.outgoing, self.outgoing_axes),
        )

    def element(self, value: Any, units: int) -> Float[Array, " unit"]:
        return _checks.factors("transformed", value, units)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        into, out = matrices
        return element[:, None] * into, element[:, None] ** -self.degree * out

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        into, out = matrices
        one = np.eye(len(into))[:, :, None]
        return one * into, -self.degree * one * out

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, " unit"]]:
        return [random.uniform(0.5, 2.0, units)]

    def representative(self, *matrices: Matrix) -> tuple[Matrix, ...]:
        into, out = matrices
        sizes, others = np.linalg.norm(into, axis=1), np.sqrt(self.degree) * np.linalg.norm(out, axis=1)
        alive = (sizes > 0) & (others > 0)
        # cⁿ⁺¹ ‖(w, b)‖ = √n ‖a‖; where one of them is zero the other can become as small as one likes
        factors = np.exp(
            (
                np.log(others, where=alive, out=np.zeros_like(others))
                - np.log(sizes, where=alive, out=np.zeros_like(sizes))
            )
            / (1 + self.degree)
        )
        return np.where(alive, factors, 0.0)[:, None] * into, np.where(alive, factors**-self.degree, 0.0)[:, None] * out

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        rows = [self._nearest_unit(*unit) for unit in zip(*first, *second, strict=True)]
        into, out = (np.stack(side) for side in zip(*rows, strict=True))
        return into, out

    def _nearest_unit(self, *unit: Float[np.ndarray, " _entry"]) -> tuple[Float[np.ndarray, " _entry"], ...]:
        """With c = e^t the squared distance ‖w − e^t w′‖² + ‖a − e^{−nt} a′‖² has at most three stationary points."""
        (to_in, to_out, into, out), n = unit, self.degree
        slope = np.array([into @ into, -(to_in @ into), n * (to_out @ out), -n * (out @ out)])
        places = [(np.exp(t) * into, np.exp(-n * t) * out) for t in zeros(slope, np.array([2.0, 1.0, -n, -2 * n]))]
        if not (np.any(into) and np.any(out)):  # at c → ∞ or c → 0
            places.append((0.0 * into, 0.0 * out))
        return min(places, key=lambda place: np.sum((to_in - place[0]) ** 2) + np.sum((to_out - place[1]) ** 2))

    def conserved(self, matrices: Sequence[Matrix], rates: Sequence[Matrix]) -> dict[str, Float[np.ndarray, "..."]]:
        (into, out), (into_rates, out_rates) = matrices, rates
        balance = np.sum(into**2 / into_rates, axis=1) - self.degree * np.sum(out**2 / out_rates, axis=1)
        return {"balance": balance}
