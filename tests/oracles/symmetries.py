"""A small loss for every symmetry, that has it, and one beside it that does not."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.linalg import expm

import gradflow as gf

RANDOM = np.random.default_rng(0)
INPUTS, TARGETS = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=12)
TWO_LAYERS = {"w": RANDOM.normal(size=(4, 3)), "b": RANDOM.normal(size=4), "a": RANDOM.normal(size=4)}
LINEAR = {"left": RANDOM.normal(size=(2, 3)), "right": RANDOM.normal(size=(3, 4)), "bias": RANDOM.normal(size=3)}
POINTS = RANDOM.normal(size=(5, 3))
MAP = RANDOM.normal(size=(2, 4))


def network(power):
    """A two-layer network with the activation max(z, 0)^power on a data set; its ends are held by `weight_decay`."""

    def loss(p, weight_decay=0.0):
        hidden = jnp.maximum(INPUTS @ p["w"].T + p["b"][None], 0) ** power
        return jnp.mean((hidden @ p["a"] - TARGETS) ** 2) + weight_decay * jnp.sum(p["a"] ** 2)

    return loss


def linear(p):
    return jnp.sum((p["left"] @ p["right"] - MAP) ** 2) + jnp.sum((p["left"] @ p["bias"] - 1) ** 2)


def distances(x):
    """Springs between all pairs, none of which is at rest with the others."""
    i, j = np.triu_indices(len(x), 1)
    lengths = jnp.sum((x[i] - x[j]) ** 2, axis=1)
    return jnp.sum((lengths - 1) ** 2)


def about_the_origin(x):
    return distances(x) + jnp.sum((jnp.sum(x**2, axis=1) - 2) ** 2)


def normalised(p):
    direction = p["w"] / jnp.linalg.norm(p["w"], axis=1, keepdims=True)
    return jnp.mean((jnp.tanh(INPUTS @ direction.T) @ p["a"] - TARGETS) ** 2)


def isotropic(p):
    """Of inputs nothing but the overlaps of the weights."""
    return jnp.sum((p["w"] @ p["w"].T - jnp.eye(4)) ** 2) + jnp.sum((p["w"] @ p["u"] - 1) ** 2)


def antisymmetric(coordinates, size):
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = coordinates
    return matrix - matrix.T


class Example(NamedTuple):
    """A loss, parameters in general position, its symmetry, and what is none.

    `element(c)` is the element of the group with the coordinates c in its Lie algebra, in the order of the tangents;
    `dimension` how many there are.
    """

    loss: Callable[[Any], Any]
    init: Any
    symmetry: gf.AbstractSymmetry
    element: Callable[[Any], Any]
    dimension: int
    broken: Callable[[Any], Any]


IN, OUT = lambda p: (p["w"], p["b"]), lambda p: p["a"]
EXAMPLES = {
    "Rescaling, ReLU": Example(
        network(1), TWO_LAYERS, gf.Rescaling(IN, OUT), np.exp, 4, lambda p: network(1)(p, weight_decay=1e-9)
    ),
    "Rescaling, ReLU squared": Example(network(2), TWO_LAYERS, gf.Rescaling(IN, OUT, 2), np.exp, 4, network(1)),
    "GeneralLinear": Example(
        linear,
        LINEAR,
        gf.GeneralLinear(lambda p: p["left"], lambda p: (p["right"], p["bias"])),
        lambda c: expm(np.reshape(c, (3, 3))),
        9,
        lambda p: linear(p) + 1e-9 * p["bias"][0] ** 2,
    ),
    "Orthogonal": Example(
        isotropic,
        {"w": TWO_LAYERS["w"], "u": RANDOM.normal(size=3)},
        gf.Orthogonal(lambda p: (p["w"], p["u"])),
        lambda c: expm(antisymmetric(c, 3)),
        3,
        lambda p: isotropic(p) + 1e-9 * p["u"][0],
    ),
    "Rotations": Example(
        about_the_origin,
        POINTS,
        gf.Rotations(lambda p: p),
        lambda c: expm(antisymmetric(c, 3)),
        3,
        lambda x: about_the_origin(x) + 1e-9 * x[0, 0],
    ),
    "Translations": Example(distances, POINTS, gf.Translations(lambda p: p), lambda c: c, 3, about_the_origin),
    "Scaling": Example(
        normalised,
        {"w": TWO_LAYERS["w"], "a": TWO_LAYERS["a"]},
        gf.Scaling(lambda p: p["w"], axes=0),
        np.exp,
        4,
        lambda p: normalised(p) + 1e-9 * jnp.sum(p["w"] ** 2),
    ),
    "Permutations": Example(
        network(1),
        TWO_LAYERS,
        gf.Permutations(lambda p: (p["w"], p["b"], p["a"])),
        lambda c: [2, 0, 3, 1],
        0,
        lambda p: network(1)(p) + 1e-9 * p["a"][0],
    ),
}
