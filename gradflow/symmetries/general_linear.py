"""Linear layers: any change of basis of the space between them."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.symmetries.action import AbstractAction, Matrix, Motions
from gradflow.symmetries.flat import Side

# a sum of eigenvalues below this part of the largest is zero: G does nothing there
_NOTHING = 1e-14
# Gauss–Newton steps: they converge quadratically where the two are on one orbit, and fast near it
_STEPS = 100
# a step that lowers the squared distance by less than this part of it is the last
_ENOUGH = 1e-12
_HALVINGS = 30
_SEED = 0


class GeneralLinear(AbstractAction):
    """The general linear group GL(h) of the space between two linear layers, x ↦ A(Bx + b): A ↦ AG⁻¹, B ↦ GB, b ↦ Gb.

    `left` and `right` choose the leaves as in `equinox.tree_at`, several on a side if several stand on the space: A the
    weights of the later layer (…, h), B and its bias those of the earlier one (h, …). The axes are those of length h,
    one for all leaves or one a leaf; left out they are those of Equinox's layers, the second of a matrix on the left
    (the only one of a vector), the first on the right. An element of the group is G (h, h), invertible.

    Conserved by the flow: AᵀA − BBᵀ (h, h), b among the columns of B. With rates that differ along the axes of length h
    nothing is said. Nearest point: an upper bound, by Gauss–Newton steps in G that start from the least squares
    solution of A₁G = A₂, GB₂ = B₁; zero for points of one orbit where A and B have rank h.

        gf.GeneralLinear(lambda m: m.layers[1].weight, lambda m: (m.layers[0].weight, m.layers[0].bias))

    Source: Arora, Cohen & Hazan, ICML 2018, arXiv 1802.06509 (the balance).
    """

    advice: ClassVar[str] = "gf.Rescaling or gf.Orthogonal if there is a nonlinearity between, and the bias in right"
    is_isometric: ClassVar[bool] = False
    left: Callable[[PyTree], Any] = eqx.field(static=True)
    right: Callable[[PyTree], Any] = eqx.field(static=True)
    left_axes: tuple[int, ...] | int | None = eqx.field(static=True)
    right_axes: tuple[int, ...] | int = eqx.field(static=True)

    def __init__(
        self,
        left: Checked[Callable[[PyTree], Any]],
        right: Checked[Callable[[PyTree], Any]],
        *,
        left_axes: Checked[int | Sequence[int] | None] = None,
        right_axes: Checked[int | Sequence[int]] = 0,
    ):
        line = "gf.GeneralLinear(lambda p: p[1], lambda p: p[0])"
        self.left = _checks.function("GeneralLinear", "left", left, line)
        self.right = _checks.function("GeneralLinear", "right", right, line)
        self.left_axes = None if left_axes is None else _checks.axes("GeneralLinear", "left_axes", left_axes)
        self.right_axes = _checks.axes("GeneralLinear", "right_axes", right_axes)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Aᵀ and B: the group acts on both from the left."""
        return Side("left", self.left, self.left_axes), Side("right", self.right, self.right_axes)

    def element(self, value: Any, units: int) -> Float[Array, "hidden hidden"]:
        return _checks.invertible_matrix("transformed", value, units)

    def moved(self, element: Any, *matrices: Float[Array, "unit _entry"]) -> tuple[Array, ...]:
        left, right = matrices
        return jnp.linalg.solve(element.T, left), element @ right

    def motions(self, *matrices: Matrix) -> tuple[Motions, ...]:
        left, right = matrices
        hidden = len(left)
        single = np.eye(hidden**2).reshape(hidden**2, hidden, hidden)
        return -single.transpose(0, 2, 1) @ left, single @ right

    def elements(self, random: np.random.Generator, units: int) -> list[Float[np.ndarray, "hidden hidden"]]:
        """Two rotations with factors between them, well-conditioned at any size."""
        first, second = (np.linalg.qr(random.normal(size=(units, units)))[0] for _ in range(2))
        return [first * random.uniform(0.5, 2.0, units) @ second]

    def nearest(self, first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
        start = _least_squares(first, second)
        return min((_descended(first, each) for each in (_by(start, second), tuple(second))), key=_apart(first))

    def conserved(self, matrices: Sequence[Matrix], rates: Sequence[Matrix]) -> dict[str, Float[np.ndarray, "..."]]:
        (left, right), (left_rates, right_rates) = matrices, rates
        if np.any(left_rates != left_rates[:1]) or np.any(right_rates != right_rates[:1]):
            return {}
        return {"AᵀA − BBᵀ": left / left_rates @ left.T - right / right_rates @ right.T}


def _by(element: Float[np.ndarray, "hidden hidden"], matrices: Sequence[Matrix]) -> tuple[Matrix, ...]:
    left, right = matrices
    return np.linalg.solve(element.T, left), element @ right


def _apart(first: Sequence[Matrix]) -> Callable[[Sequence[Matrix]], float]:
    """The squared distance from the first."""
    return lambda other: sum(float(np.sum((to - each) ** 2)) for to, each in zip(first, other, strict=True))


def _sylvester(
    first: Float[np.ndarray, "hidden hidden"],
    second: Float[np.ndarray, "hidden hidden"],
    right_side: Float[np.ndarray, "hidden hidden"],
    filling: Float[np.ndarray, "hidden hidden"],
) -> Float[np.ndarray, "hidden hidden"]:
    """X with PX + XQ = C, P and Q positive semidefinite; along what both leave alone it is `filling`."""
    (ours, basis), (theirs, other) = np.linalg.eigh(first), np.linalg.eigh(second)
    sums = np.maximum(ours, 0.0)[:, None] + np.maximum(theirs, 0.0)[None]
    known = sums > _NOTHING * np.max(sums, initial=0.0)
    inside = np.where(known, basis.T @ right_side @ other, filling) / np.where(known, sums, 1.0)
    found: Float[np.ndarray, "hidden hidden"] = basis @ inside @ other.T
    return found


def _least_squares(first: Sequence[Matrix], second: Sequence[Matrix]) -> Float[np.ndarray, "hidden hidden"]:
    """G with the least ‖A₁G − A₂‖² + ‖B₁ − GB₂‖². Along what both leave free it is in general position, so that it can
    be inverted.
    """
    (left, right), (to_left, to_right) = second, first
    filling = np.random.default_rng(_SEED).normal(size=(len(left), len(left)))
    sides = to_left @ left.T + to_right @ right.T
    found = _sylvester(to_left @ to_left.T, right @ right.T, sides, filling)
    return found if np.linalg.matrix_rank(found) == len(found) else np.eye(len(found))


def _descended(first: Sequence[Matrix], second: Sequence[Matrix]) -> tuple[Matrix, ...]:
    """Gauss–Newton steps G = I + X from the second towards the first, halved until the distance falls."""
    apart, moved = _apart(first), tuple(second)
    for _ in range(_STEPS):
        (left, right), (to_left, to_right) = moved, first
        sides = -(left @ (to_left - left).T) + (to_right - right) @ right.T
        step = _sylvester(left @ left.T, right @ right.T, sides, np.zeros((len(left), len(left))))
        for halvings in range(_HALVINGS):
            element = np.eye(len(step)) + step / 2**halvings
            if np.linalg.matrix_rank(element) == len(element) and apart(further := _by(element, moved)) < apart(moved):
                break
        else:
            return moved
        enough = apart(moved) - apart(further) <= _ENOUGH * apart(moved)
        moved = further
        if enough:
            break
    return moved
