"""The protocol: a loss on parameters. Every stage of the pipeline works on any `AbstractProblem`."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._hashable import HashableModule
from gradflow._named import named
from gradflow.problems.confinement import Confined
from gradflow.problems.perturbed import rounding_of, scales_of, signs_of


@named
class Smoothness(eqx.Enumeration):
    """Whether Newton's method and the Hessian mean what they say. A member prints as its name and compares with it."""

    SMOOTH = "The loss is smooth."
    KINKED = "The loss has kinks; at one of them there is no Hessian."
    SINGULAR = "The loss has points where a derivative is infinite."


class ZeroModes(NamedTuple):
    """Directions in which the Hessian vanishes for a known reason; columns of unit length or none."""

    curves: Float[np.ndarray, "param curves"]
    kernel: Float[np.ndarray, "param kernel"]


class AbstractProblem(HashableModule):
    """A loss on parameters, any pytree of float64 arrays.

    `loss` must be given; the derivatives come from it by automatic differentiation unless a closed form overrides them.
    Vectors (P,) list the trained parameters in the order of `ravel_pytree`; `flatten` and `unflatten` go between.
    """

    @abstractmethod
    def loss(self, parameters: PyTree) -> Float[Array, ""]:
        """L(θ)."""

    def check(self, verb: str, parameters: Any) -> PyTree:
        """The parameters as float64 arrays, or an error that says what does not fit."""
        _checks.no_problem(verb, isinstance(parameters, AbstractProblem))
        _checks.known(verb, parameters)
        return self.fitting(verb, parameters)

    def fitting(self, verb: str, parameters: Any) -> PyTree:
        """The same of parameters that JAX may be tracing, as far as they are known."""
        return _checks.parameters(verb, "parameters", parameters)

    def gradient(self, parameters: PyTree) -> PyTree:
        """∇L, in the structure of the parameters."""
        return jax.grad(self.loss)(self.fitting("gradient", parameters))

    def value_and_gradient(self, parameters: PyTree) -> tuple[Float[Array, ""], PyTree]:
        """L and ∇L; a closed form may share work between the two."""
        parameters = self.fitting("value_and_gradient", parameters)
        return _checks.one_number(type(self).__name__, self.loss(parameters)), self.gradient(parameters)

    def hvp(self, parameters: PyTree, direction: PyTree) -> PyTree:
        """The Hessian times a direction, in the structure of the parameters."""
        at, along = self.fitting("hvp", parameters), self.fitting("hvp", direction)
        product: PyTree = jax.jvp(self.gradient, (at,), (along,))[1]
        return product

    def hessian_operator(self, parameters: PyTree) -> Callable[[PyTree], PyTree]:
        """The Hessian at a point as a linear map, what does not depend on the direction computed once."""
        at = self.fitting("hessian_operator", parameters)
        operator: Callable[[PyTree], PyTree] = jax.linearize(self.gradient, at)[1]
        return operator

    def hessian(self, parameters: PyTree) -> Float[Array, "param param"]:
        """The Hessian of L in the trained parameters, (P, P)."""
        parameters = self.fitting("hessian", parameters)
        vector = self.flatten(parameters)
        jacobian = jax.jacfwd(lambda v: self.flatten(self.gradient(self.unflatten(v, parameters))))
        matrix: Float[Array, "param param"] = jacobian(vector)
        return matrix

    def gradient_rounding(self, parameters: PyTree) -> Float[Array, " param"]:
        """For each component of ∇L the size of its rounding error; where no bound is known an estimate by random
        roundings (`rounding_of`), in which terms that cancel count with their size, and each parameter with its own.
        """
        parameters = self.fitting("gradient_rounding", parameters)
        return self.flatten(rounding_of(self.gradient, parameters, scales_of(parameters)))

    def gradient_floor(self, parameters: PyTree) -> Float[Array, ""]:
        """The ∞-norm below which ∇L is rounding: the largest of `gradient_rounding`."""
        return jnp.max(self.gradient_rounding(self.fitting("gradient_floor", parameters)), initial=0.0)

    def loss_floor(self, parameters: PyTree) -> Float[Array, ""]:
        """The rounding level of L: an estimate by random roundings (`rounding_of`) where no bound is known."""
        floor: Float[Array, ""] = rounding_of(self.loss, self.fitting("loss_floor", parameters))
        return floor

    def hessian_error(self, parameters: PyTree) -> Float[Array, " param"]:
        """For each row of `hessian` the size of its rounding errors together, in the 2-norm; an estimate by random
        roundings (`rounding_of`) of Hv, v = (±1, …, ±1), where no bound is known. The largest stands for the error of
        every eigenvalue.
        """
        parameters = self.fitting("hessian_error", parameters)
        signs = signs_of(self.flatten(parameters))

        def along_signs(parameters: PyTree) -> Float[Array, " param"]:
            return self.flatten(self.hessian_operator(parameters)(self.unflatten(signs, parameters)))

        errors: Float[Array, " param"] = rounding_of(along_signs, parameters, scales_of(parameters))
        return errors

    def relative_hessian_error(self, parameters: PyTree) -> Float[Array, ""]:
        """The 2-norm of the rounding of DHD, D = diag(H)^{−1/2}, where the diagonal is positive: small also where the
        parameters have very different scales. By random roundings as in `hessian_error`; infinite if nothing is known.
        """
        parameters = self.fitting("relative_hessian_error", parameters)
        diagonal = jnp.diagonal(self.hessian(parameters))
        scale = 1 / jnp.sqrt(jnp.where(diagonal > 0, diagonal, jnp.inf))
        return jnp.max(self._scaled_hessian_error(parameters, scale), initial=0.0)

    def _scaled_hessian_error(self, parameters: PyTree, scale: Float[Array, " param"]) -> Float[Array, " param"]:
        """`hessian_error` of DHD, D = diag(scale), by random roundings."""
        direction = scale * signs_of(scale)

        def along(parameters: PyTree) -> Float[Array, " param"]:
            return scale * self.flatten(self.hessian_operator(parameters)(self.unflatten(direction, parameters)))

        errors: Float[Array, " param"] = rounding_of(along, parameters, scales_of(parameters))
        return errors

    def invariants(self, parameters: PyTree) -> Mapping[str, Float[Array | np.ndarray, "..."]]:
        """What the gradient flow conserves, numbers or arrays, by name; the flow reports the drift."""
        return {}

    def drift(self, first: PyTree, last: PyTree, rates: PyTree | None = None) -> dict[str, float]:
        """How far each invariant has moved between two points of a flow, of an array the entry that has moved most. A
        flow whose `rates` differ conserves something else: of that nothing is said.
        """
        _checks.known("drift", (first, last))
        if rates is not None and np.ptp(np.concatenate([np.ravel(rate) for rate in jax.tree.leaves(rates)])) > 0:
            return {}
        return moved(self.invariants(first), self.invariants(last))

    def structural_zero_modes(self, parameters: PyTree) -> ZeroModes:
        """Known reasons for zero eigenvalues; a column T is used only if HT = 0 within its bound."""
        parameters = self.fitting("structural_zero_modes", parameters)
        none = np.zeros((self.flatten(parameters).size, 0))
        return ZeroModes(curves=none, kernel=none)

    def orbit_tangents(self, parameters: PyTree) -> Float[np.ndarray, "param orbit"]:
        """Tangents, as columns, of the orbit of the parameters under continuous symmetries of the loss. Anywhere, not
        at critical points alone, ∇L is orthogonal to them, and at a critical point they are zero modes of the Hessian.
        """
        return np.zeros((self.flatten(self.fitting("orbit_tangents", parameters)).size, 0))

    def stated_tangents(self, parameters: PyTree) -> dict[int, Float[np.ndarray, " param"]]:
        """What the caller has stated to be tangents of curves of critical points, by the number of its column: those of
        `structural_zero_modes` are candidates otherwise.
        """
        return {}

    @property
    def smoothness(self) -> Smoothness:
        return Smoothness.SMOOTH  # type: ignore[return-value]

    @property
    def least_loss(self) -> float:
        """A lower bound of L that, where attained, makes a point a global minimum; −∞ if none is known."""
        return -np.inf

    def flatten(self, parameters: PyTree) -> Float[Array, " param"]:
        """The trained parameters as a vector."""
        vector: Float[Array, " param"] = ravel_pytree(_checks.float64_leaves("flatten", "parameters", parameters))[0]
        return vector

    def unflatten(self, vector: Float[Array | np.ndarray, " param"], like: PyTree) -> PyTree:
        """The parameters `like` with the trained ones replaced by `vector`."""
        flat, back = ravel_pytree(_checks.float64_leaves("unflatten", "like", like))
        return back(_checks.vector("unflatten", vector, flat.size))

    def whole(self, parameters: PyTree) -> PyTree:
        """The parameters as the caller knows them, where the stages work on less."""
        return parameters

    def compiled(self) -> "AbstractProblem":
        """The problem that is compiled in place of this one: itself, or one of a shape shared with others (`pad`)."""
        return self

    def pad(self, parameters: PyTree) -> PyTree:
        """The parameters of `compiled()` that stand for these."""
        return parameters

    def unpad(self, parameters: PyTree) -> PyTree:
        """Back from `pad`."""
        return parameters

    def stacked(self, vectors: Float[np.ndarray, "time padded"], like: PyTree) -> PyTree:
        """The parameters of many vectors of the compiled shape, with a leading axis and without padding."""
        each = [self.unpad(self.compiled().unflatten(vector, like)) for vector in vectors]
        together: PyTree = jax.tree.map(lambda *leaves: np.stack(leaves), *each)
        return together

    def confined(self, parameters: PyTree) -> Confined | None:
        """The flow from a start in fewer parameters, where it cannot leave a subspace; None if that is not known."""
        return None


def moved(first: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, float]:
    """The largest change of each of two points' invariants."""
    return {
        name: float(np.max(np.abs(np.asarray(last[name]) - np.asarray(first[name])), initial=0.0)) for name in first
    }


def parameters_of(anything: Any) -> PyTree:
    """The parameters in a trajectory, point or solution (`.student`, `.parameters`), or the thing itself."""
    for name in ("student", "parameters"):
        if hasattr(anything, name):
            return getattr(anything, name)
    return anything
