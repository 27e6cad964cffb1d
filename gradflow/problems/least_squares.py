"""Sums of squared residuals, whose roundings, bound and zero modes the residuals tell."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow.problems.base import ZeroModes
from gradflow.problems.function import AbstractFunctionProblem, prepared
from gradflow.problems.rounding import AT_FLOOR, EPSILON, ROUNDINGS
from gradflow.problems.traced import Traced

# how far from a point the rank of J is looked at, on the scale max(‖θ‖, 1): near enough to be its neighbourhood, far
# enough that a singular value that grows with the square of the distance is no rounding
_NEARBY = 1e-3
_PLACES = 4


class LeastSquares(AbstractFunctionProblem):
    """L(θ) = Σ_i r_i(θ)², without a factor ½; r = `residuals(parameters)`, or `residuals(parameters, args)`, an array.

    ∇L = 2 Jᵀr with J = ∂r/∂θ; H = 2 JᵀJ + 2 Σ_i r_i ∂²r_i. `init` and `args` are those of `gf.Loss`. The rounding of
    r_i is taken to be δ_i = 4 ε (|r_i| + Σ_j |J_ij| |θ_j|), an estimate: it does not see what cancels inside r_i
    without depending on θ. From it L is known to Σ_i (2 |r_i| δ_i + δ_i²), and ∇L to 2 Σ_i |J_ij| (δ_i + 4 ε |r_i|): a
    perfect fit attains the lower bound 0 where its residuals are rounding.

    Where L attains 0, H = 2 JᵀJ, and its zero modes are the kernel of J. If the rank of J is the same in a
    neighbourhood, {r = 0} is a manifold with that kernel as its tangent space (constant rank theorem), so that the zero
    modes are tangents of curves of global minima. That is looked at in a few places near the point, along the kernel
    and across it, and assumed elsewhere; where the rank differs, the kernel explains the zero eigenvalues and no curve.

        line = gf.LeastSquares(lambda w, data: w[0] + w[1] * data[0] - data[1], init=[0.0, 0.0], args=(x, y))
        gf.solve(line, line.init)
    """

    traced: Traced = eqx.field(static=True)
    start: PyTree[Float[Array, "..."]]
    args: PyTree[Array]

    def __init__(self, residuals: Any, init: Any, *, args: Any | None = None):
        line = "gf.LeastSquares(lambda x: x - 1.0, init=[0.0, 0.0])"
        of_model, self.start, self.args = prepared("LeastSquares", "residuals", residuals, init, args, line)
        _checks.residual_array(of_model, self.start, self.args)
        self.traced = Traced(of_model, self.start, self.args)
        _checks.float64_throughout("LeastSquares", self.traced.single_precision)
        _checks.differentiable("LeastSquares", self.loss, self.start, twice=True)

    def residuals(self, parameters: PyTree) -> Float[Array, " residual"]:
        """r, as a vector."""
        return self._of(self.flatten(self.fitting("residuals", parameters)))

    def jacobian(self, parameters: PyTree) -> Float[Array, "residual param"]:
        """J = ∂r/∂θ in the trained parameters."""
        vector = self.flatten(self.fitting("jacobian", parameters))
        wide = jax.eval_shape(self._of, vector).size < vector.size
        matrix: Float[Array, "residual param"] = (jax.jacrev if wide else jax.jacfwd)(self._of)(vector)
        return matrix

    def loss(self, parameters: PyTree) -> Float[Array, ""]:
        return jnp.sum(self._of(self.flatten(self.fitting("loss", parameters))) ** 2)

    def loss_floor(self, parameters: PyTree) -> Float[Array, ""]:
        """Σ_i (2 |r_i| δ_i + δ_i²)."""
        residuals, rounding, _ = self._roundings("loss_floor", parameters)
        return jnp.sum((2 * residuals + rounding) * rounding)

    def gradient_floor(self, parameters: PyTree) -> Float[Array, ""]:
        """max_j 2 Σ_i |J_ij| (δ_i + 4 ε |r_i|)."""
        residuals, rounding, jacobian = self._roundings("gradient_floor", parameters)
        return jnp.max(2 * (rounding + ROUNDINGS * EPSILON * residuals) @ jacobian)

    def hessian_error(self, parameters: PyTree) -> Float[Array, " param"]:
        """The base's; the roundings of the sums 2 |J|ᵀ|J|, which may cancel; and 2 |Σ_i s_i ∂²r_i|, s the part of r in
        the range of J, which a Gauss–Newton step removes: at a critical point s = 0, and on the way to a manifold of
        perfect fits s = r, so that Newton's method leaves alone what r curves along the manifold.
        """
        trained = self.fitting("hessian_error", parameters)
        jacobian, vector = self.jacobian(trained), self.flatten(trained)
        removed = jacobian @ (jnp.linalg.pinv(jacobian) @ self._of(vector))
        passing = 2 * jax.hessian(lambda at: removed @ self._of(at))(vector)
        sums = 2 * jnp.sum(jnp.abs(jacobian), axis=1) @ jnp.abs(jacobian)
        return super().hessian_error(trained) + ROUNDINGS * EPSILON * sums + jnp.sum(jnp.abs(passing), axis=1)

    def structural_zero_modes(self, parameters: PyTree) -> ZeroModes:
        none = super().structural_zero_modes(parameters)
        _checks.known("structural_zero_modes", parameters)
        trained = self.fitting("structural_zero_modes", parameters)
        if not self.loss(trained) <= AT_FLOOR * self.loss_floor(trained):
            return none
        jacobian = np.asarray(self.jacobian(trained))
        if not np.all(np.isfinite(jacobian)):
            return none
        rank, kernel = _kernel(jacobian)
        if rank == jacobian.shape[1]:
            return none
        point = np.asarray(self.flatten(trained))
        aside = np.random.default_rng(0).normal(size=(_PLACES, len(point)))
        ways = np.concatenate([aside, aside @ kernel @ kernel.T])
        steps = _NEARBY * max(float(np.linalg.norm(point)), 1.0) * ways / np.linalg.norm(ways, axis=1, keepdims=True)
        places = [self.unflatten(point + step, trained) for step in steps]
        if all(_kernel(np.asarray(self.jacobian(place)))[0] == rank for place in places):
            return ZeroModes(curves=kernel, kernel=none.kernel)
        return ZeroModes(curves=none.curves, kernel=kernel)

    @property
    def least_loss(self) -> float:
        return 0.0

    def _of(self, vector: Float[Array, " param"]) -> Float[Array, " residual"]:
        return jnp.ravel(self.traced(self.unflatten(vector, self.start), self.args))

    def _roundings(
        self, verb: str, parameters: PyTree
    ) -> tuple[Float[Array, " residual"], Float[Array, " residual"], Float[Array, "residual param"]]:
        """|r|, δ and |J|."""
        trained = self.fitting(verb, parameters)
        residuals, jacobian = jnp.abs(self.residuals(trained)), jnp.abs(self.jacobian(trained))
        return residuals, ROUNDINGS * EPSILON * (residuals + jacobian @ jnp.abs(self.flatten(trained))), jacobian


def _kernel(jacobian: Float[np.ndarray, "residual param"]) -> tuple[int, Float[np.ndarray, "param kernel"]]:
    """The numerical rank, and an orthonormal basis of the kernel."""
    _, values, rows = np.linalg.svd(jacobian)
    allowed = 16 * ROUNDINGS * EPSILON * max(jacobian.shape) * float(np.max(values, initial=0.0))
    rank = int(np.sum(values > allowed))
    return rank, rows[rank:].T
