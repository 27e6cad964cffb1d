"""Sums of squared residuals, whose roundings, bound and zero modes the residuals tell."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow.problems.base import ZeroModes
from gradflow.problems.function import AbstractFunctionProblem, claimed, prepared
from gradflow.problems.rounding import AT_FLOOR, EPSILON, ROUNDINGS
from gradflow.problems.traced import Traced
from gradflow.symmetries import AbstractSymmetry

# how far from a point the rank of J is looked at, on the scale max(‖θ‖, 1): near enough to be its neighbourhood, far
# enough that a singular value that grows with the square of the distance is no rounding
_NEARBY = 1e-3
_PLACES = 4


class LeastSquares(AbstractFunctionProblem):
    """L(θ) = Σ_i r_i(θ)², without a factor ½; r = `residuals(parameters)`, or `residuals(parameters, args)`, an array.

    ∇L = 2 Jᵀr with J = ∂r/∂θ; H = 2 JᵀJ + 2 Σ_i r_i ∂²r_i. `init`, `args` and `symmetries` (of L) are those of
    `gf.Loss`. The roundings δ_i of the residuals leave L known to Σ_i (2 |r_i| δ_i + δ_i²): a perfect fit attains the
    lower bound 0 where its residuals are rounding.

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
    symmetries: tuple[AbstractSymmetry, ...]

    def __init__(self, residuals: Any, init: Any, *, args: Any | None = None, symmetries: Any | None = None):
        line = "gf.LeastSquares(lambda x: x - 1.0, init=[0.0, 0.0])"
        of_model, self.start, self.args = prepared("LeastSquares", "residuals", residuals, init, args, line)
        _checks.residual_array(of_model, self.start, self.args)
        self.traced = Traced(of_model, self.start, self.args)
        _checks.float64_throughout("LeastSquares", self.traced.single_precision)
        self.symmetries = claimed("LeastSquares", symmetries)
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

    def hessian_error(self, parameters: PyTree) -> Float[Array, " param"]:
        """The base's; the roundings of the sums 2 |J|ᵀ|J|, which may cancel; and what passes of H (`_passing`)."""
        trained = self.fitting("hessian_error", parameters)
        jacobian = jnp.abs(self.jacobian(trained))
        sums = 2 * jnp.sum(jacobian, axis=1) @ jacobian
        passing = jnp.sum(jnp.abs(self._passing(trained)), axis=1)
        return super().hessian_error(trained) + ROUNDINGS * EPSILON * sums + passing

    def _scaled_hessian_error(self, parameters: PyTree, scale: Float[Array, " param"]) -> Float[Array, " param"]:
        """The base's, and what passes of DHD."""
        passing = jnp.abs(self._passing(parameters)) @ scale * scale
        return super()._scaled_hessian_error(parameters, scale) + passing

    def structural_zero_modes(self, parameters: PyTree) -> ZeroModes:
        known = super().structural_zero_modes(parameters)
        _checks.known("structural_zero_modes", parameters)
        trained = self.fitting("structural_zero_modes", parameters)
        if not self.loss(trained) <= AT_FLOOR * self.loss_floor(trained):
            return known
        jacobian = np.asarray(self.jacobian(trained))
        if not np.all(np.isfinite(jacobian)):
            return known
        rank, kernel = _kernel(jacobian)
        if rank == jacobian.shape[1]:
            return known
        point = np.asarray(self.flatten(trained))
        aside = np.random.default_rng(0).normal(size=(_PLACES, len(point)))
        ways = np.concatenate([aside, aside @ kernel @ kernel.T])
        steps = _NEARBY * max(float(np.linalg.norm(point)), 1.0) * ways / np.linalg.norm(ways, axis=1, keepdims=True)
        places = [self.unflatten(point + step, trained) for step in steps]
        if all(_kernel(np.asarray(self.jacobian(place)))[0] == rank for place in places):
            return ZeroModes(curves=np.concatenate([known.curves, kernel], axis=1), kernel=known.kernel)
        return ZeroModes(curves=known.curves, kernel=kernel)

    @property
    def least_loss(self) -> float:
        return 0.0

    def _of(self, vector: Float[Array, " param"]) -> Float[Array, " residual"]:
        return jnp.ravel(self.traced(self.unflatten(vector, self.start), self.args))

    def _passing(self, parameters: PyTree) -> Float[Array, "param param"]:
        """2 Σ_i s_i ∂²r_i, s the part of r in the range of J, which a Gauss–Newton step removes: at a critical point
        s = 0, and on the way to a manifold of perfect fits s = r, so that Newton's method leaves alone what r curves
        along the manifold.
        """
        jacobian, vector = self.jacobian(parameters), self.flatten(parameters)
        removed = jacobian @ (jnp.linalg.pinv(jacobian) @ self._of(vector))
        passing: Float[Array, "param param"] = 2 * jax.hessian(lambda at: removed @ self._of(at))(vector)
        return passing


def _kernel(jacobian: Float[np.ndarray, "residual param"]) -> tuple[int, Float[np.ndarray, "param kernel"]]:
    """The numerical rank, and an orthonormal basis of the kernel."""
    _, values, rows = np.linalg.svd(jacobian)
    allowed = 16 * ROUNDINGS * EPSILON * max(jacobian.shape) * float(np.max(values, initial=0.0))
    rank = int(np.sum(values > allowed))
    return rank, rows[rank:].T
