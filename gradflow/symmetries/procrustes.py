"""The orthogonal matrix that lays one set of columns on another, and generators of rotations."""

from itertools import permutations
from math import perm

import numpy as np
from jaxtyping import Float
from scipy.linalg import qr

# so many ways to lay a frame on others are tried, the best first: the icosahedron's 60 rotations, and their like
_MOST_FRAMES = 200
# of more none is looked at: 60 points in three dimensions have 3,540
_MOST_TUPLES = 100_000


def orthogonal(
    first: Float[np.ndarray, "axis column"], second: Float[np.ndarray, "axis column"], *, reflections: bool
) -> Float[np.ndarray, "axis axis"]:
    """Q with the least ‖X − QX′‖, among all orthogonal matrices or those of determinant 1.

    X X′ᵀ = U S Vᵀ gives Q = U Vᵀ; for a rotation the sign of the least singular value's column turns if it must.

    Source: Schönemann, Psychometrika 31 (1966); Kabsch, Acta Cryst. A 32 (1976).
    """
    left, _, right = np.linalg.svd(first @ second.T)
    if not reflections and np.linalg.det(left @ right) < 0:
        left[:, -1] *= -1
    found: Float[np.ndarray, "axis axis"] = left @ right
    return found


def antisymmetric(size: int) -> Float[np.ndarray, "generator axis axis"]:
    """E_pq − E_qp for p < q."""
    upper = np.triu_indices(size, 1)
    basis = np.zeros((len(upper[0]), size, size))
    basis[np.arange(len(basis)), upper[0], upper[1]] = 1
    return basis - basis.transpose(0, 2, 1)


def in_general_position(random: np.random.Generator, size: int) -> Float[np.ndarray, "axis axis"]:
    """A rotation about no axis of the coordinates."""
    found: Float[np.ndarray, "axis axis"] = np.linalg.qr(random.normal(size=(size, size)))[0]
    found[:, 0] *= np.linalg.det(found)
    return found


def reflection(size: int) -> Float[np.ndarray, "axis axis"]:
    """Of the first axis, rotated away from it."""
    direction = np.arange(1.0, size + 1)
    return np.eye(size) - 2 * np.outer(direction, direction) / (direction @ direction)


def frames(
    first: Float[np.ndarray, "axis column"], second: Float[np.ndarray, "axis column"], *, reflections: bool
) -> list[Float[np.ndarray, "axis axis"]]:
    """Orthogonal matrices that lay some columns of the second on d − 1 independent ones of the first, those first whose
    lengths and angles fit best: where columns come in another order, one of them is right.
    """
    dimension, count = first.shape
    chosen = qr(first, mode="r", pivoting=True)[1][: min(dimension - 1, count)]
    to = first[:, chosen]
    if perm(count, len(chosen)) > _MOST_TUPLES:
        return []
    places = np.array(list(permutations(range(second.shape[1]), len(chosen))), dtype=int)
    tuples = second[:, places].transpose(1, 0, 2)
    misfit = np.sum((tuples.transpose(0, 2, 1) @ tuples - to.T @ to) ** 2, axis=(1, 2))
    found = []
    for number in np.argsort(misfit, kind="stable")[:_MOST_FRAMES]:
        rotation = orthogonal(to, tuples[number], reflections=False)
        found.append(rotation)
        if reflections:  # of the line that the d − 1 columns leave free
            normal = np.linalg.svd(to)[0][:, -1]
            found.append(rotation - 2 * np.outer(normal, normal @ rotation))
    return found
