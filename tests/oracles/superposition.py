"""Superposition of features in two dimensions, one feature at a time."""

from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

import gradflow as gf
from oracles.flat_set import FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import DIGITS, settled
from oracles.jets import Jet, jets
from oracles.landscape import Numbers


def superposition(corners: int, most: int) -> FlatSet:
    """Six features in two dimensions, x̂ = relu(WᵀWx + b), one feature at a time, uniform in [0, 1]: starts next to the
    regular polygon of `corners` corners, other features switched off by negative biases.

    H = ⅙ Σ_i {∫ (y − relu(‖W_i‖² y + b_i))² dy + Σ_{j≠i} ∫ relu(W_i·W_j y + b_j)² dy}. Zero modes are the rotation, and
    the three parameters of each feature that is off.
    """
    n = 6
    length, bias = _POLYGONS[corners]

    def loss(parameters: Any) -> Any:
        weights, biases = parameters
        overlaps = weights @ weights.T
        lost = jax.vmap(_own_loss)(jnp.diagonal(overlaps), biases)
        others = jax.vmap(lambda row: jax.vmap(_other_loss)(row, biases))(overlaps)
        return (jnp.sum(lost) + jnp.sum(others) - jnp.sum(jnp.diagonal(others))) / n

    def start(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        angles = 2 * np.pi * np.arange(corners) / corners
        weights, biases = np.zeros((n, 2)), np.full(n, -0.3)
        weights[:corners] = length * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        biases[:corners] = bias
        return weights + 0.03 * rng.normal(size=(n, 2)), biases + 0.03 * rng.normal(size=n)

    def truths(parameters: Any) -> tuple[Truth, ...] | None:
        vector = np.concatenate([np.ravel(leaf) for leaf in parameters])
        found = settled(vector, lambda x: superposition_jet(x).slope, lambda x: superposition_jet(x).bend)
        return told(found, 1 + 3 * (n - corners))

    return FlatSet(f"superposition, {corners}-gon of {n}", gf.Loss(loss, init=start(0)), start, most, truths)


# length and bias of the corners; starts only. Source of the hexagon: Chen et al., arXiv 2310.06301
_POLYGONS = {6: (1.32053, -0.61814), 5: (1.170459639098, -0.282297283127)}


def _own_loss(square: Any, bias: Any) -> Any:
    """∫_0^1 (y − relu(ρy + b))² dy, ρ ≥ 0."""
    safe = jnp.where(square > 0, square, 1.0)
    on = -bias / safe  # where it is switched on
    part = square * (1 - on**3) / 3 + bias * (1 - on**2) / 2
    late = 1 / 3 - 2 * part + (square + bias) ** 3 / (3 * safe)
    always = (1 - square) ** 2 / 3 - (1 - square) * bias + bias**2
    return jnp.where(bias >= 0, always, jnp.where(square + bias > 0, late, 1 / 3))


def _other_loss(overlap: Any, bias: Any) -> Any:
    """∫_0^1 relu(Gy + b)² dy."""
    end = overlap + bias
    safe = jnp.where(overlap == 0, 1.0, overlap)
    whole = bias**2 + bias * overlap + overlap**2 / 3
    both, neither = (bias >= 0) & (end >= 0), (bias <= 0) & (end <= 0)
    part = jnp.where(end > 0, end**3 / (3 * safe), -(bias**3) / (3 * safe))
    return jnp.where(both, whole, jnp.where(neither, 0.0, part))


def superposition_jet(vector: Numbers) -> Jet:
    """The same in mpmath, with both derivatives."""
    with mpmath.workdps(DIGITS):
        given = jets(vector)
        n = len(given) // 3
        weights, biases = [given[2 * i : 2 * i + 2] for i in range(n)], given[2 * n :]
        third, total = mpmath.mpf(1) / 3, given[0] * mpmath.mpf(0)
        for i, w in enumerate(weights):
            for j, (u, b) in enumerate(zip(weights, biases, strict=True)):
                overlap = w[0] * u[0] + w[1] * u[1]
                end = overlap + b
                begins, ends = b.value > 0, end.value > 0
                if begins and ends:
                    square = b**2 + b * overlap + overlap**2 * third
                elif begins or ends:
                    square = (end**3 if ends else -(b**3)) / overlap * third
                else:
                    square = given[0] * mpmath.mpf(0)
                total = total + square
                if i != j:
                    continue
                # ∫ y² − 2 ∫ y relu(ρy + b) beside it
                if begins:
                    total = total + third - overlap * (2 * third) - b
                elif ends:
                    on = -b / overlap
                    total = total + third - overlap * (1 - on**3) * (2 * third) - b * (1 - on**2)
                else:
                    total = total + third
        return total / n
