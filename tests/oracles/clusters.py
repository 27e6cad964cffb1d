"""Clusters of atoms."""

from typing import Any

import jax.numpy as jnp
import numpy as np

import gradflow as gf
from oracles.flat_set import FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import settled
from oracles.landscape import Numbers, exact

# of seven atoms, in units of the depth of a pair's well. Source: Tsai & Jordan, J. Phys. Chem. 97 (1993); of thirteen
# the least, Hoare & Pal (1971)
LENNARD_JONES = {7: (-16.505384, -15.935043, -15.593211, -15.533060), 13: (-44.326801,)}


def lennard_jones(atoms: int, most: int) -> FlatSet:
    """4 Σ (r⁻¹² − r⁻⁶) over pairs, of positions (atoms, 3).

    Six zero modes, translations and rotations. Starts are drawn in a ball, no two atoms closer than 0.9.
    """

    def loss(positions: Any) -> Any:
        i, j = np.triu_indices(atoms, 1)
        square = jnp.sum((positions[i] - positions[j]) ** 2, axis=1)
        return 4 * jnp.sum(square**-6 - square**-3)

    def start(seed: int) -> np.ndarray:
        rng, found = np.random.default_rng(seed), np.zeros((0, 3))
        radius = 0.9 * atoms ** (1 / 3)
        while len(found) < atoms:
            place = rng.uniform(-radius, radius, size=3)
            if np.linalg.norm(place) < radius and np.all(np.linalg.norm(found - place, axis=1) > 0.9):
                found = np.vstack([found, place])
        return found

    def truths(positions: Any) -> tuple[Truth, ...] | None:
        found = settled(
            np.ravel(positions), lambda x: _cluster(x.reshape(-1, 3))[0], lambda x: _cluster(x.reshape(-1, 3))[1]
        )
        return told(found, 6)

    return FlatSet(f"Lennard-Jones {atoms}", gf.Loss(loss, init=start(0)), start, most, truths)


def _cluster(positions: Numbers) -> tuple[Numbers, Numbers]:
    """Gradient and Hessian: with V(s), s = r², of a pair at distance D they are 2V'D and 2V' I + 4V'' DDᵀ."""
    n = len(positions)
    slope, bend = exact(np.zeros((n, 3))), exact(np.zeros((n, 3, n, 3)))
    identity = exact(np.eye(3))
    for i in range(n):
        for j in range(i):
            way = positions[i] - positions[j]
            s = way @ way
            first, second = 4 * (-6 / s**7 + 3 / s**4), 4 * (42 / s**8 - 12 / s**5)
            force, block = way * (2 * first), identity * (2 * first) + np.outer(way, way) * (4 * second)
            slope[i] += force
            slope[j] -= force
            bend[i, :, i, :] += block
            bend[j, :, j, :] += block
            bend[i, :, j, :] -= block
            bend[j, :, i, :] -= block
    return slope.ravel(), bend.reshape(3 * n, 3 * n)
