"""Networks of tanh with one hidden layer, on points."""

from typing import Any

import jax.numpy as jnp
import mpmath
import numpy as np

import gradflow as gf
from oracles.flat_set import SAME, FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import DIGITS, settled
from oracles.landscape import Numbers, exact, size


def perceptron(name: str, inputs: np.ndarray, targets: np.ndarray, width: int, most: int) -> FlatSet:
    """Σ (a·tanh(W x + β) + c − y)², of (W, β, a, c).

    With fewer points than parameters and Jacobian of full rank, perfect fits are a set of dimension P − points.
    """

    def loss(parameters: Any) -> Any:
        weights, biases, output, bias = parameters
        return jnp.sum((jnp.tanh(inputs @ weights.T + biases) @ output + bias - targets) ** 2)

    def start(seed: int) -> tuple[np.ndarray, ...]:
        rng, d = np.random.default_rng(seed), inputs.shape[1]
        weights, output = rng.normal(size=(width, d)) / d**0.5, rng.normal(size=width) / width**0.5
        return weights, 0.1 * rng.normal(size=width), output, np.zeros(())

    def truths(parameters: Any) -> tuple[Truth, ...] | None:
        vector = np.concatenate([np.ravel(leaf) for leaf in parameters])

        def slope(x: Numbers) -> Numbers:
            residuals, jacobian = _residuals(x, inputs, targets, width)
            return jacobian.T @ residuals * 2

        found = settled(vector, slope, lambda x: _perceptron_bend(x, inputs, targets, width))
        if found is None:
            return None
        residuals, _ = _residuals(found.point, inputs, targets, width)
        fits = float(size(residuals)) < SAME
        return told(found, vector.size - len(targets) if fits else None)

    return FlatSet(name, gf.Loss(loss, init=start(0)), start, most, truths)


def _perceptron(x: Numbers, inputs: np.ndarray, width: int) -> Any:
    """W with β as its last column, a, c, and the points with a 1 at their end."""
    d, points = inputs.shape[1], exact(np.column_stack([inputs, np.ones(len(inputs))]))
    weights, biases = x[: width * d].reshape(width, d), x[width * d : width * (d + 1)]
    return np.column_stack([weights, biases]), x[width * (d + 1) : -1], x[-1], points


_tanh = np.frompyfunc(mpmath.tanh, 1, 1)


def _residuals(x: Numbers, inputs: np.ndarray, targets: np.ndarray, width: int) -> tuple[Numbers, Numbers]:
    """f(x_s) − y_s and its derivatives by W, β, a, c."""
    with mpmath.workdps(DIGITS):
        weights, output, bias, points = _perceptron(x, inputs, width)
        t = _tanh(points @ weights.T)
        gains = (1 - t * t) * output
        by_weights = gains[:, :, None] * points[:, None, :]
        flat = by_weights[:, :, :-1].reshape(len(t), -1)
        ones = exact(np.ones((len(t), 1)))
        return t @ output + bias - exact(targets), np.concatenate([flat, gains, t, ones], axis=1)


def _perceptron_bend(x: Numbers, inputs: np.ndarray, targets: np.ndarray, width: int) -> Numbers:
    """2 Σ (∇f ∇fᵀ + (f − y) ∇²f), where ∇²f mixes parameters of one neuron only."""
    with mpmath.workdps(DIGITS):
        residuals, jacobian = _residuals(x, inputs, targets, width)
        weights, output, _, points = _perceptron(x, inputs, width)
        t, d = _tanh(points @ weights.T), inputs.shape[1]
        matrix = jacobian.T @ jacobian
        for i in range(width):
            own = [*range(i * d, (i + 1) * d), width * d + i]
            first = (1 - t[:, i] ** 2) * residuals
            second = first * t[:, i] * (-2 * output[i])
            matrix[np.ix_(own, own)] += (points * second[:, None]).T @ points
            mixed = points.T @ first
            matrix[own, width * (d + 1) + i] += mixed
            matrix[width * (d + 1) + i, own] += mixed
        return matrix * 2
