"""A problem at a point, as NumPy arrays: compiled once a shape, padding taken off."""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PyTree

from gradflow.problems.base import AbstractProblem

Product = Callable[[Float[np.ndarray, " param"]], Float[np.ndarray, " param"]]


class Values(NamedTuple):
    """Loss and gradient with their rounding floors."""

    loss: float
    loss_floor: float
    gradient: Float[np.ndarray, " param"]
    gradient_floor: float

    @property
    def gradient_norm(self) -> float:
        """‖∇L‖∞."""
        return float(np.max(np.abs(self.gradient)))


def values(problem: AbstractProblem, parameters: PyTree) -> Values:
    """L and ∇L in the trained parameters."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    loss, gradient, gradient_floor, loss_floor = _values(compiled, padded)
    return Values(
        loss=float(loss),
        loss_floor=float(loss_floor),
        gradient=np.asarray(gradient)[_kept(problem, parameters)],
        gradient_floor=float(gradient_floor),
    )


def hessian(problem: AbstractProblem, parameters: PyTree) -> tuple[Float[np.ndarray, "param param"], float]:
    """The Hessian in the trained parameters, and a bound on its rounding error in the 2-norm."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    matrix, rows = (np.asarray(array) for array in _hessian(compiled, padded))
    kept = _kept(problem, parameters)
    if not np.all(kept):
        matrix, rows = matrix[np.ix_(kept, kept)], rows[kept]
    return matrix, float(np.max(rows))


def product(problem: AbstractProblem, parameters: PyTree) -> Product:
    """v ↦ Hv in the trained parameters, without a matrix; as accurate as the problem's `hessian_operator`."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    kept = _kept(problem, parameters)

    def of(vector: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        spread = np.zeros(len(kept))
        spread[kept] = vector
        image: Float[np.ndarray, " param"] = np.asarray(_product(compiled, padded, jnp.asarray(spread)))[kept]
        return image

    return of


def displaced(problem: AbstractProblem, parameters: PyTree, step: Float[np.ndarray, " param"]) -> PyTree:
    """The parameters moved by a vector."""
    return problem.unflatten(problem.flatten(parameters) + step, parameters)


def size(problem: AbstractProblem, parameters: PyTree) -> float:
    """max(‖θ‖, 1): what steps and distances are relative to."""
    return max(float(np.linalg.norm(problem.flatten(parameters))), 1.0)


@eqx.filter_jit
def _values(problem: AbstractProblem, parameters: PyTree) -> tuple[Array, Array, Array, Array]:
    loss, gradient = problem.value_and_gradient(parameters)
    return loss, problem.flatten(gradient), problem.gradient_floor(parameters), problem.loss_floor(parameters)


@eqx.filter_jit
def _hessian(problem: AbstractProblem, parameters: PyTree) -> tuple[Array, Array]:
    return problem.hessian(parameters), problem.hessian_error(parameters)


@eqx.filter_jit
def _product(problem: AbstractProblem, parameters: PyTree, vector: Float[Array, " param"]) -> Array:
    still = jax.tree.map(jnp.zeros_like, parameters)
    return problem.flatten(problem.hessian_operator(parameters)(problem.unflatten(vector, still)))


def _on_cpu(tree: PyTree) -> PyTree:
    """Refinement's last digits, eigenvalues and proofs are the CPU's: device float64 may be emulated or fail
    silently.
    """
    if jax.default_backend() == "cpu":
        return tree
    arrays, rest = eqx.partition(tree, eqx.is_array)
    return eqx.combine(jax.device_put(arrays, jax.devices("cpu")[0]), rest)


def _kept(problem: AbstractProblem, parameters: PyTree) -> Bool[np.ndarray, " padded"]:
    """Which entries of the compiled problem's vectors are not padding."""
    ones = jax.tree.map(lambda leaf: np.ones(np.shape(leaf)), parameters)
    kept: Bool[np.ndarray, " padded"] = np.asarray(problem.compiled().flatten(problem.pad(ones))) != 0
    return kept
