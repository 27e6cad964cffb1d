"""A problem at a point, as NumPy arrays: compiled once a shape, padding taken off."""

from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PyTree

from gradflow._errors import LossFailed, TooLarge
from gradflow._program import Program
from gradflow.problems.base import AbstractProblem
from gradflow.problems.rounding import AT_FLOOR

# how XLA says that there is no memory left, and that a callback failed: jaxlib makes a ValueError of both where an
# array is waited for
_EXHAUSTED, _INTERNAL = "RESOURCE_EXHAUSTED", "INTERNAL"

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

Product = Callable[[Float[np.ndarray, " param"]], Float[np.ndarray, " param"]]


class Values(NamedTuple):
    """Loss and gradient with the sizes of their rounding errors."""

    loss: float
    loss_floor: float
    gradient: Float[np.ndarray, " param"]
    gradient_rounding: Float[np.ndarray, " param"]

    @property
    def gradient_norm(self) -> float:
        """‖∇L‖∞."""
        return float(np.max(np.abs(self.gradient)))

    @property
    def gradient_floor(self) -> float:
        """The largest rounding error of a component of ∇L."""
        return float(np.max(self.gradient_rounding))

    @property
    def at_floor(self) -> bool:
        """The gradient is rounding: every |∂_i L| ≤ 2 × its own. Where the loss overflows that is infinite, and says
        nothing.
        """
        return self.is_within(0.0)

    def is_within(self, tolerance: float) -> bool:
        """Every |∂_i L| is within the tolerance, or rounding: in a narrow valley the slope along it has many digits
        where that across it has none.
        """
        within = np.abs(self.gradient) <= np.maximum(AT_FLOOR * self.gradient_rounding, tolerance)
        return bool(np.all(within) and np.all(np.isfinite(self.gradient_rounding)))


def values(problem: AbstractProblem, parameters: PyTree) -> Values:
    """L and ∇L in the trained parameters."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    loss, gradient, gradient_rounding, loss_floor = run(_values, compiled, padded)
    kept = _kept(problem, parameters)
    return Values(
        loss=float(loss),
        loss_floor=float(loss_floor),
        gradient=np.asarray(gradient)[kept],
        gradient_rounding=np.asarray(gradient_rounding)[kept],
    )


def hessian(problem: AbstractProblem, parameters: PyTree) -> tuple[Float[np.ndarray, "param param"], float]:
    """The Hessian in the trained parameters, and a bound on its rounding error in the 2-norm."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    matrix, rows = (np.asarray(array) for array in run(_hessian, compiled, padded))
    kept = _kept(problem, parameters)
    if not np.all(kept):
        matrix, rows = matrix[np.ix_(kept, kept)], rows[kept]
    return matrix, float(np.max(rows))


def relative_hessian_error(problem: AbstractProblem, parameters: PyTree) -> float:
    """A bound on the rounding of DHD in the 2-norm, D = diag(H)^{−1/2}."""
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    return float(run(_relative_hessian_error, compiled, padded))


def product(problem: AbstractProblem, parameters: PyTree) -> Product:
    """v ↦ Hv in the trained parameters, without a matrix; as accurate as the problem's `hvp`, so that of long weights
    the softest curvature keeps its digits.
    """
    compiled, padded = _on_cpu((problem.compiled(), problem.pad(parameters)))
    kept = _kept(problem, parameters)

    def of(vector: Float[np.ndarray, " param"]) -> Float[np.ndarray, " param"]:
        spread = np.zeros(len(kept))
        spread[kept] = vector
        image: Float[np.ndarray, " param"] = np.asarray(run(_product, compiled, padded, jnp.asarray(spread)))[kept]
        return image

    return of


def displaced(problem: AbstractProblem, parameters: PyTree, step: Float[np.ndarray, " param"]) -> PyTree:
    """The parameters moved by a vector."""
    return problem.unflatten(problem.flatten(parameters) + step, parameters)


def size(problem: AbstractProblem, parameters: PyTree) -> float:
    """max(‖θ‖, 1): what steps and distances are relative to; the largest float where that overflows."""
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(problem.flatten(parameters)))
    return min(max(norm, 1.0), float(np.finfo(np.float64).max))


def run(compiled: Callable[_Arguments, _Result], *arguments: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result:
    """The result of a compiled function, waited for. What goes wrong while it runs is memory that is not there, or an
    error that the problem's own functions raise (`eqx.error_if`, a callback): raises `TooLarge` or `LossFailed`.
    """
    try:
        result = compiled(*arguments, **keywords)
        for array in jax.tree.leaves(result):
            array.block_until_ready()
    except (jax.errors.JaxRuntimeError, eqx.EquinoxRuntimeError, ValueError) as error:
        if isinstance(error, ValueError) and not str(error).startswith((_EXHAUSTED, _INTERNAL)):
            raise
        if _EXHAUSTED in str(error):
            raise TooLarge(
                f"The device ran out of memory: {error}. Leave it more, or write a loss that holds smaller arrays."
            ) from error
        raise LossFailed(f"The problem's functions raised an error while they were computed: {error}") from error
    return result


@Program
def _values(problem: AbstractProblem, parameters: PyTree) -> tuple[Array, Array, Array, Array]:
    loss, gradient = problem.value_and_gradient(parameters)
    return loss, problem.flatten(gradient), problem.gradient_rounding(parameters), problem.loss_floor(parameters)


@Program
def _hessian(problem: AbstractProblem, parameters: PyTree) -> tuple[Array, Array]:
    return problem.hessian(parameters), problem.hessian_error(parameters)


@Program
def _relative_hessian_error(problem: AbstractProblem, parameters: PyTree) -> Array:
    return problem.relative_hessian_error(parameters)


@Program
def _product(problem: AbstractProblem, parameters: PyTree, vector: Float[Array, " param"]) -> Array:
    still = jax.tree.map(jnp.zeros_like, parameters)
    return problem.flatten(problem.hvp(parameters, problem.unflatten(vector, still)))


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
