"""Forty hand-made losses whose flow never arrives: where each ends and with which exponent, by formula.

A loss is that of its own coordinates turned by an orthogonal matrix, and quadratic in those that are left, so that
nothing lies along an axis. Along the motion ‖∇L‖ ~ t^(−(p−1)/(p−2)) with L − L∞ = |x|^p at a finite degenerate minimum,
t^(−(q+1)/(q+2)) with x^(−q) at infinity, and 1/t with exp(−x).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

import gradflow as gf

POINT, INFINITY = "degenerate point", "infinity"


class KnownTail(NamedTuple):
    """`exponent`: p or q, infinite for a tail that falls like an exponential; `least`: the loss at the end."""

    name: str
    formula: Callable[[Any], Any]
    start: tuple[float, ...]
    end: str
    exponent: float
    dimension: int
    least: float = 0.0

    @property
    def rotation(self) -> np.ndarray:
        """Rows are the coordinates of the formula, and those that are left."""
        noise = np.random.default_rng(len(self.name) + self.dimension).normal(size=(self.dimension, self.dimension))
        return np.linalg.qr(noise)[0]

    def loss(self) -> gf.Loss:
        """In turned coordinates; what the formula does not have has its minimum at 1, with curvatures 1 to 10."""
        rotation, own = jnp.asarray(self.rotation), len(self.start)
        curvatures = jnp.linspace(1.0, 10.0, self.dimension - own)

        def fn(parameters: Any) -> Any:
            turned = rotation @ parameters
            return self.formula(turned[:own]) + curvatures @ (turned[own:] - 1.0) ** 2

        return gf.Loss(fn, init=self.rotation.T @ self._own_start(), least_loss=self.least)

    @property
    def limit(self) -> np.ndarray:
        """The degenerate minimum: zero in the formula's coordinates."""
        turned = np.ones(self.dimension)
        turned[: len(self.start)] = 0.0
        return self.rotation.T @ turned

    def _own_start(self) -> np.ndarray:
        start = np.full(self.dimension, 0.5)
        start[: len(self.start)] = self.start
        return start


def _power(p: float) -> Callable[[Any], Any]:
    return lambda x: jnp.sum(jnp.abs(x) ** p)


def _falling(q: float) -> Callable[[Any], Any]:
    return lambda x: x[0] ** -q


def _softplus(x: Any) -> Any:
    return jnp.logaddexp(0.0, -x)


# linearly separable, through the origin, with margins that differ
_POINTS = np.array([[1.0, 0.3], [0.4, 1.2], [2.0, -0.5], [0.8, 0.9]])
# three classes apart from each other
_CLASSES = np.array([[1.0, 0.1], [-0.6, 0.9], [-0.4, -1.0]])


def _logistic(x: Any) -> Any:
    return jnp.mean(_softplus(jnp.asarray(_POINTS) @ x))


def _softmax(x: Any) -> Any:
    scores = jnp.asarray(_CLASSES) @ x.reshape(3, 2).T
    return jnp.mean(jnp.log(jnp.sum(jnp.exp(scores), axis=1)) - jnp.diagonal(scores))


def _homogeneous(x: Any) -> Any:
    return x[0] ** 4 + 3 * x[0] ** 2 * x[1] ** 2 + x[1] ** 4


TAILS = [
    KnownTail("x^4", _power(4.0), (1.0,), POINT, 4.0, 1),
    KnownTail("x^4", _power(4.0), (1.0,), POINT, 4.0, 2),
    KnownTail("x^4", _power(4.0), (0.7,), POINT, 4.0, 20),
    KnownTail("x^6", _power(6.0), (1.0,), POINT, 6.0, 1),
    KnownTail("x^6", _power(6.0), (0.8,), POINT, 6.0, 5),
    KnownTail("x^6", _power(6.0), (1.5,), POINT, 6.0, 20),
    KnownTail("x^8", _power(8.0), (1.0,), POINT, 8.0, 3),
    KnownTail("|x|^3", _power(3.0), (1.0,), POINT, 3.0, 2),
    KnownTail("|x|^3", _power(3.0), (2.0,), POINT, 3.0, 10),
    KnownTail("|x|^3.5", _power(3.5), (1.0,), POINT, 3.5, 4),
    KnownTail("|x|^5", _power(5.0), (1.0,), POINT, 5.0, 6),
    KnownTail("x^4 + 3x^2y^2 + y^4", _homogeneous, (1.0, 0.1), POINT, 4.0, 2),
    KnownTail("x^4 + 3x^2y^2 + y^4", _homogeneous, (0.5, 0.4), POINT, 4.0, 8),
    KnownTail("x^4 + y^4", _power(4.0), (1.0, -0.3), POINT, 4.0, 2),
    KnownTail("x^4 + y^4 + z^4", _power(4.0), (1.0, 0.7, -0.4), POINT, 4.0, 12),
    KnownTail("five x^6", _power(6.0), (1.0, 0.7, -0.4, 0.2, -1.1), POINT, 6.0, 5),
    KnownTail("x^4 + 2", lambda x: x[0] ** 4 + 2.0, (1.0,), POINT, 4.0, 3, 2.0),
    KnownTail("x^4 + x^6", lambda x: x[0] ** 4 + x[0] ** 6, (1.0,), POINT, 4.0, 7),
    KnownTail("x^4 + x^5", lambda x: x[0] ** 4 + 0.5 * x[0] ** 5, (1.0,), POINT, 4.0, 2),
    KnownTail("x^4 + y^6", lambda x: x[0] ** 4 + x[1] ** 6, (1.0, 0.5), POINT, 6.0, 4),
    KnownTail("(x^2 + y^2)^2", lambda x: (x @ x) ** 2, (1.0, 0.5), POINT, 4.0, 15),
    KnownTail("1 - cos^2 x^2", lambda x: jnp.sin(x[0] ** 2) ** 2, (0.9,), POINT, 4.0, 3),
    KnownTail("w^-0.5", _falling(0.5), (1.0,), INFINITY, 0.5, 1),
    KnownTail("w^-0.5", _falling(0.5), (1.0,), INFINITY, 0.5, 10),
    KnownTail("w^-1", _falling(1.0), (1.0,), INFINITY, 1.0, 1),
    KnownTail("w^-1", _falling(1.0), (1.0,), INFINITY, 1.0, 20),
    KnownTail("w^-2", _falling(2.0), (1.0,), INFINITY, 2.0, 1),
    KnownTail("w^-2", _falling(2.0), (2.0,), INFINITY, 2.0, 6),
    KnownTail("w^-4", _falling(4.0), (1.0,), INFINITY, 4.0, 1),
    KnownTail("w^-4", _falling(4.0), (1.0,), INFINITY, 4.0, 14),
    KnownTail("1 + w^-2", lambda x: 1.0 + x[0] ** -2, (1.0,), INFINITY, 2.0, 3, 1.0),
    KnownTail("1/(1 + w^2)", lambda x: 1.0 / (1.0 + x @ x), (0.6, 0.2), INFINITY, 2.0, 5),
    KnownTail("exp(-w)", lambda x: jnp.exp(-x[0]), (0.0,), INFINITY, np.inf, 1),
    KnownTail("exp(-w)", lambda x: jnp.exp(-x[0]), (0.0,), INFINITY, np.inf, 20),
    KnownTail("exp(-w) + exp(-2w)", lambda x: jnp.exp(-x[0]) + jnp.exp(-2 * x[0]), (0.0,), INFINITY, np.inf, 4),
    KnownTail("exp(-v) + exp(-2w)", lambda x: jnp.exp(-x[0]) + jnp.exp(-2 * x[1]), (0.0, 0.0), INFINITY, np.inf, 9),
    KnownTail("logistic regression", _logistic, (0.0, 0.0), INFINITY, np.inf, 2),
    KnownTail("logistic regression", _logistic, (0.0, 0.0), INFINITY, np.inf, 11),
    KnownTail("softmax", _softmax, (0.0,) * 6, INFINITY, np.inf, 6),
    KnownTail("(tanh w - 1)^2", lambda x: (jnp.tanh(x[0]) - 1.0) ** 2, (0.2,), INFINITY, np.inf, 2),
]
