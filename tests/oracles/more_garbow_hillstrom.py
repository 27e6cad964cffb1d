"""Test problems for minimisation with published minima, from their standard starts.

Source: Moré, Garbow & Hillstrom, Testing unconstrained optimization software, ACM TOMS 7 (1981). Sums of squares f; a
name of theirs, the residuals, the standard start and the minima that they list.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np


class Case(NamedTuple):
    """f = Σ r², its start, and the values of f at its minima."""

    residuals: Callable[[Any], Any]
    start: list[float]
    minima: tuple[float, ...]


def _bard(x):
    u = jnp.arange(1.0, 16.0)
    v, w = 16 - u, jnp.minimum(u, 16 - u)
    y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
    return jnp.asarray(y) - (x[0] + u / (v * x[1] + w * x[2]))


def _beale(x):
    i = jnp.arange(1.0, 4.0)
    return jnp.asarray([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** i)


def _biggs(x):
    t = 0.1 * jnp.arange(1.0, 14.0)
    y = jnp.exp(-t) - 5 * jnp.exp(-10 * t) + 3 * jnp.exp(-4 * t)
    return x[2] * jnp.exp(-t * x[0]) - x[3] * jnp.exp(-t * x[1]) + x[5] * jnp.exp(-t * x[4]) - y


def _box(x):
    t = 0.1 * jnp.arange(1.0, 11.0)
    return jnp.exp(-t * x[0]) - jnp.exp(-t * x[1]) - x[2] * (jnp.exp(-t) - jnp.exp(-10 * t))


def _brown(x):
    return jnp.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def _brown_dennis(x):
    t = jnp.arange(1.0, 21.0) / 5
    return (x[0] + t * x[1] - jnp.exp(t)) ** 2 + (x[2] + x[3] * jnp.sin(t) - jnp.cos(t)) ** 2


def _freudenstein_roth(x):
    first = -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1]
    return jnp.stack([first, -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]])


def _gaussian(x):
    t = (8 - jnp.arange(1.0, 16.0)) / 2
    half = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
    y = jnp.asarray([*half, 0.3989, *half[::-1]])
    return x[0] * jnp.exp(-x[1] * (t - x[2]) ** 2 / 2) - y


def _helical_valley(x):
    angle = jnp.arctan2(x[1], x[0]) / (2 * jnp.pi)
    return jnp.stack([10 * (x[2] - 10 * angle), 10 * (jnp.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]])


def _jennrich_sampson(x):
    i = jnp.arange(1.0, 11.0)
    return 2 + 2 * i - (jnp.exp(i * x[0]) + jnp.exp(i * x[1]))


def _kowalik_osborne(x):
    y = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
    u = jnp.asarray([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    return jnp.asarray(y) - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def _meyer(x):
    t = 45 + 5 * jnp.arange(1.0, 17.0)
    y = [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
    return x[0] * jnp.exp(x[1] / (t + x[2])) - jnp.asarray(y, dtype=float)


def _osborne_1(x):
    y = np.asarray(
        (
            *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658),
            *(0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431),
            *(0.424, 0.420, 0.414, 0.411, 0.406),
        )
    )
    t = 10 * jnp.arange(33.0)
    return y - (x[0] + x[1] * jnp.exp(-t * x[3]) + x[2] * jnp.exp(-t * x[4]))


def _powell_badly_scaled(x):
    return jnp.stack([1e4 * x[0] * x[1] - 1, jnp.exp(-x[0]) + jnp.exp(-x[1]) - 1.0001])


def _powell_singular(x):
    roots = jnp.sqrt(jnp.asarray([5.0, 10.0]))
    return jnp.stack(
        [x[0] + 10 * x[1], roots[0] * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, roots[1] * (x[0] - x[3]) ** 2]
    )


def _rosenbrock(x):
    return jnp.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


def _wood(x):
    roots = jnp.sqrt(jnp.asarray([90.0, 10.0, 0.1]))
    first = [10 * (x[1] - x[0] ** 2), 1 - x[0], roots[0] * (x[3] - x[2] ** 2), 1 - x[2]]
    return jnp.stack([*first, roots[1] * (x[1] + x[3] - 2), roots[2] * (x[1] - x[3])])


def _penalty(x):
    return jnp.concatenate([jnp.sqrt(1e-5) * (x - 1), jnp.sum(x**2, keepdims=True) - 0.25])


CASES = {
    "Rosenbrock": Case(_rosenbrock, [-1.2, 1.0], (0.0,)),
    "Freudenstein and Roth": Case(_freudenstein_roth, [0.5, -2.0], (0.0, 48.9842)),
    "Powell badly scaled": Case(_powell_badly_scaled, [0.0, 1.0], (0.0,)),
    "Brown badly scaled": Case(_brown, [1.0, 1.0], (0.0,)),
    "Beale": Case(_beale, [1.0, 1.0], (0.0,)),
    "Jennrich and Sampson": Case(_jennrich_sampson, [0.3, 0.4], (124.362,)),
    "helical valley": Case(_helical_valley, [-1.0, 0.0, 0.0], (0.0,)),
    "Bard": Case(_bard, [1.0, 1.0, 1.0], (8.21487e-3, 17.4286)),
    "Gaussian": Case(_gaussian, [0.4, 1.0, 0.0], (1.12793e-8,)),
    "Meyer": Case(_meyer, [0.02, 4000.0, 250.0], (87.9458,)),
    "Box three-dimensional": Case(_box, [0.0, 10.0, 20.0], (0.0,)),
    "Powell singular": Case(_powell_singular, [3.0, -1.0, 0.0, 1.0], (0.0,)),
    "Wood": Case(_wood, [-3.0, -1.0, -3.0, -1.0], (0.0,)),
    "Kowalik and Osborne": Case(_kowalik_osborne, [0.25, 0.39, 0.415, 0.39], (3.07505e-4, 1.02734e-3)),
    "Brown and Dennis": Case(_brown_dennis, [25.0, 5.0, -5.0, -1.0], (85822.2,)),
    "Osborne 1": Case(_osborne_1, [0.5, 1.5, -1.0, 0.01, 0.02], (5.46489e-5,)),
    "Biggs EXP6": Case(_biggs, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], (5.65565e-3, 0.0)),
    "penalty I": Case(_penalty, [1.0, 2.0, 3.0, 4.0], (2.24997e-5,)),
}
