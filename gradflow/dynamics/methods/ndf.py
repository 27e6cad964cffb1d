"""Numerical differentiation formulas of variable order for a symmetric Jacobian, without a matrix."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods.base import AbstractMethod, Descent, StepInfo, descent_from
from gradflow.dynamics.methods.newton import NEWTON_STEPS, newton, norm

_ORDERS = 5
# Shampine & Reichelt (1997), table 1: what an NDF takes off the backward differentiation formula's error
_KAPPA = np.array([0, -0.1850, -1 / 9, -0.0823, -0.0415, 0])
_GAMMA = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, _ORDERS + 1))])
_ALPHA = (1 - _KAPPA) * _GAMMA
_ERROR = _KAPPA * _GAMMA + 1 / np.arange(1, _ORDERS + 2)
# a step size changes by at most these factors (SciPy); where Newton's iteration failed it is halved
_LEAST_FACTOR, _LARGEST_FACTOR, _FAILURE_FACTOR = 0.2, 10.0, 0.5
_SAFETY = 0.9
# where the path speeds up like e^{λt}, as it does when it leaves a saddle, a step of order k takes 1 + O((λh)ᵏ) times
# the right time; with λh below these, by order, that is half a per cent (measured on ẋ = λx). The local error does not
# tell: of a displacement below the tolerance any multiple passes
_GROWTH = np.array([0, 0.013, 0.17, 0.4, 0.6, 0.7, 0.7])
# what is looked at is at most ∇θ·∇²θ/|∇θ|² = 1 − e^{−λh} = 0.9: more is no growth that differences of a step tell
_MOST_GROWTH = 0.9
# the first step (Hairer, Nørsett & Wanner, Solving ODEs I, section II.4): where θ or f is this small in units of the
# tolerance, their ratio means nothing, and the first trial step is _TRIAL
_NOTHING, _TRIAL = 1e-5, 1e-6
_TINY = float(np.finfo(np.float64).tiny)


class NDFState(NamedTuple):
    """Backward differences D_0 = θ, D_j = ∇ʲθ at the present step size; the order, and how many steps it has lasted;
    where the flow began, and the descent since.
    """

    differences: Float[Array, "rows param"]
    step_size: Float[Array, ""]
    order: Int[Array, ""]
    equal_steps: Int[Array, ""]
    origin: Float[Array, " param"]
    descent: Descent


class NDF(AbstractMethod):
    """Numerical differentiation formulas of order 1 to `max_order` (5), step size and order chosen as the path goes.

    Each implicit step θ + c M∇L(θ) = known is solved by Newton's method, its linear systems (M⁻¹ + cH) δ = r by
    conjugate gradients on Hessian-vector products: the Jacobian of a gradient flow is symmetric, and M⁻¹ + cH is
    definite near a minimum and for short steps. Where a direction of negative curvature shows that it is not, the step
    is rejected and halved. Since no eigenvalue of I + cMH is below 1, a residual bounds the error, and the systems are
    solved to the step's own tolerance and no further.

    140 to 500 steps and 2,000 to 11,000 products from an initialisation to ‖∇L‖∞ = 1e-8, from 40 to 6,000 parameters.
    The local error is measured in the ∞-norm, coordinate by coordinate, which does not notice dead neurons.

    Source: Shampine & Reichelt, The MATLAB ODE suite, SIAM J. Sci. Comput. 18 (1997); Byrne & Hindmarsh, ACM TOMS 1
    (1975), for the implementation by differences.
    """

    max_order: int = eqx.field(static=True)

    def __init__(self, max_order: Checked[int] = _ORDERS):
        self.max_order = _checks.count("NDF", "max_order", max_order, "gf.NDF(max_order=5)", most=_ORDERS)

    def init(
        self, field: GradientField, time: Float[Array, ""], position: Float[Array, " param"], tolerances: Tolerances
    ) -> NDFState:
        descent = descent_from(field, position)
        velocity = -field.rates * descent.gradient
        units = _units(position, position, tolerances)
        step_size = _first_step(field, position, velocity, units)
        differences = jnp.zeros((self.max_order + 3, position.size))
        return NDFState(
            differences=differences.at[0].set(position).at[1].set(step_size * velocity),
            step_size=step_size,
            order=jnp.asarray(1),
            equal_steps=jnp.asarray(0),
            origin=position,
            descent=descent,
        )

    def step(
        self,
        field: GradientField,
        time: Float[Array, ""],
        position: Float[Array, " param"],
        state: NDFState,
        tolerances: Tolerances,
        end_time: Float[Array, ""],
    ) -> tuple[StepInfo, NDFState]:
        remaining = end_time - time
        state = lax.cond(state.step_size > remaining, self._shortened, lambda state, _: state, state, remaining)
        differences, order, size = state.differences, state.order, state.step_size
        predicted, history = self._prediction(order) @ differences
        units = _units(predicted, state.origin, tolerances)
        moved = newton(field, predicted, history, size / _constant(_ALPHA, order), units, tolerances.rtol)
        loss, gradient = moved.landscape(field)

        units = _units(moved.position, state.origin, tolerances)
        error = norm(_constant(_ERROR, order) * moved.correction / units)
        solved = moved.converged & state.descent.allows(moved.position - position, loss, gradient)
        accepted = solved & (error <= 1)
        # slow Newton iterations speak against a long step
        safety = _SAFETY * (2 * NEWTON_STEPS + 1) / (2 * NEWTON_STEPS + _real(moved.iterations))
        shorter = jnp.maximum(_LEAST_FACTOR, safety * error ** (-1 / _real(order + 1)))
        shorter = jnp.where(solved, shorter, _FAILURE_FACTOR)
        # a rejected step leaves no trace: what it came to need not even be a number
        updated = self._update(order) @ jnp.concatenate([differences, moved.correction[None]])
        updated = jnp.where(accepted, updated, differences)

        # the order k − 1, k or k + 1 that allows the longest step, looked at after k + 1 equal ones
        lower = _constant(_ERROR, order - 1) * (differences[order] + moved.correction) / units
        higher = _constant(_ERROR, order + 1) * (moved.correction - differences[order + 1]) / units
        errors = jnp.stack(
            [
                jnp.where(order > 1, norm(lower), jnp.inf),
                error,
                jnp.where(order < self.max_order, norm(higher), jnp.inf),
            ]
        )
        orders = order + jnp.arange(-1, 2)
        growing = _growing(updated[1], updated[2])
        by_growth = _constant(_GROWTH, orders) / growing
        by_growth = jnp.where(by_growth > _LARGEST_FACTOR, jnp.inf, by_growth)
        factors = jnp.minimum(errors ** (-1 / _real(orders + 1)), by_growth)
        best = jnp.argmax(factors)
        changes = accepted & (state.equal_steps + 1 >= order + 1)
        longer = jnp.where(changes, jnp.minimum(_LARGEST_FACTOR, safety * factors[best]), 1.0)
        # a step that is far too long for the growth waits for nothing
        allowed = jnp.maximum(_LEAST_FACTOR, by_growth[1])
        hurries = ~changes & (allowed < _FAILURE_FACTOR)

        new_order = jnp.where(changes, order + best - 1, order)
        factor = jnp.where(accepted, jnp.where(hurries, allowed, longer), shorter)
        new = NDFState(
            differences=self._rescaling(new_order, factor) @ updated,
            step_size=size * factor,
            order=new_order,
            equal_steps=jnp.where(accepted & ~changes & ~hurries, state.equal_steps + 1, 0),
            origin=state.origin,
            descent=state.descent.after(accepted, loss, gradient),
        )
        new_time = jnp.where(time + size >= end_time, end_time, time + size)
        info = StepInfo(
            accepted=accepted,
            time=jnp.where(accepted, new_time, time),
            position=jnp.where(accepted, moved.position, position),
            next_step_size=new.step_size,
            ok=jnp.asarray(True),
            loss=loss,
            gradient=gradient,
        )
        return info, new

    # what happens to the differences is linear in them: small tables, so that a step passes over them twice

    def _prediction(self, order: Int[Array, ""]) -> Float[Array, "2 rows"]:
        """Σ_{j≤k} D_j, the prediction, and Σ_{j≤k} γ_j D_j / α_k, what the formula knows of the past."""
        gamma = np.zeros(self.max_order + 3)
        gamma[: self.max_order + 1] = _GAMMA[: self.max_order + 1]
        weights = jnp.stack([jnp.ones(gamma.size), jnp.asarray(gamma) / _constant(_ALPHA, order)])
        return jnp.where(jnp.arange(gamma.size)[None] <= order, weights, 0.0)

    def _update(self, order: Int[Array, ""]) -> Float[Array, "rows more"]:
        """From D and the correction δ of an accepted step to the new D: D_{k+2} = δ − D_{k+1}, D_{k+1} = δ, and for j
        ≤ k D_j becomes the sum of D_j … D_k and δ.
        """
        rows = self.max_order + 3
        i, j = jnp.arange(rows)[:, None], jnp.arange(rows + 1)[None]
        same, correction = i == j, j == rows
        within, first, second = i <= order, i == order + 1, i == order + 2
        summed = (within & (i <= j) & (j <= order)) | ((within | first | second) & correction)
        kept = ~within & ~first & ~second & same
        return (summed | kept).astype(jnp.float64) - (second & (j == order + 1)).astype(jnp.float64)

    def _shortened(self, state: NDFState, remaining: Float[Array, ""]) -> NDFState:
        """The state with its step cut to what remains."""
        factor = remaining / state.step_size
        return NDFState(
            differences=self._rescaling(state.order, factor) @ state.differences,
            step_size=remaining,
            order=state.order,
            equal_steps=jnp.zeros_like(state.equal_steps),
            origin=state.origin,
            descent=state.descent,
        )

    def _rescaling(self, order: Int[Array, ""], factor: Float[Array, ""]) -> Float[Array, "rows rows"]:
        """To the differences of the same polynomial at `factor` times the step size: (R(factor) U)ᵀ, U = R(1)."""
        rows = self.max_order + 3

        def table(factor: Array) -> Float[Array, "rows rows"]:
            i, j = jnp.arange(1.0, rows)[:, None], jnp.arange(1.0, rows)[None]
            entries = jnp.zeros((rows, rows)).at[1:, 1:].set((i - 1 - factor * j) / i)
            return jnp.cumprod(entries.at[0].set(1.0), axis=0)

        within = jnp.arange(rows) <= order
        both = within[:, None] & within[None]
        # products of tables cut to the order first: what lies beyond it grows like a factorial
        change = jnp.where(both, table(factor), 0.0) @ jnp.where(both, table(jnp.asarray(1.0)), 0.0)
        return jnp.where(both, change, jnp.eye(rows)).T


def _growing(first: Float[Array, " param"], second: Float[Array, " param"]) -> Float[Array, ""]:
    """λh of a path that speeds up like e^{λt}, from its differences ∇θ and ∇²θ = (1 − e^{−λh})∇θ; next to nothing where
    it does not.
    """
    unit = jnp.maximum(norm(first), _TINY)  # squares of large numbers overflow
    first, second = first / unit, second / unit
    ratio = first @ second / jnp.maximum(first @ first, _TINY)
    return jnp.maximum(-jnp.log1p(-jnp.clip(ratio, 0.0, _MOST_GROWTH)), _TINY)


def _units(
    position: Float[Array, " param"], origin: Float[Array, " param"], tolerances: Tolerances
) -> Float[Array, " param"]:
    """What a local error is measured in: rtol |θ| + atol, |θ| counting up to 1 or the length of the way so far: of a
    start at 1e6 a thousandth is no accuracy where the loss varies over lengths of 1.
    """
    way = jnp.maximum(norm(position - origin), 1.0)
    return tolerances.rtol * jnp.minimum(jnp.abs(position), way) + tolerances.atol


def _first_step(
    field: GradientField,
    position: Float[Array, " param"],
    velocity: Float[Array, " param"],
    units: Float[Array, " param"],
) -> Float[Array, ""]:
    """Hairer, Nørsett & Wanner, Solving ODEs I, section II.4, for order 1; and no further than the growth allows."""
    size, slope = norm(position / units), norm(velocity / units)
    meaningless = (size < _NOTHING) | (slope < _NOTHING)
    trial = jnp.where(meaningless, _TRIAL, 0.01 * size / jnp.where(meaningless, 1.0, slope))
    change = (field(position + trial * velocity) - velocity) / trial
    steepest = jnp.maximum(slope, norm(change / units))
    by_bend = jnp.where(steepest <= 1e-15, jnp.maximum(_TRIAL, 1e-3 * trial), 0.1 / jnp.sqrt(steepest))
    by_growth = _GROWTH[1] * trial / _growing(velocity, trial * change)
    # a trial step to where the field is not finite says nothing: move by a hundredth of the tolerance
    first = jnp.minimum(jnp.minimum(100 * trial, by_bend), by_growth)
    return jnp.where(jnp.isfinite(steepest), first, 0.01 / slope)


def _real(count: Int[Array, "..."]) -> Float[Array, "..."]:
    return count.astype(jnp.float64)


def _constant(table: Float[np.ndarray, " orders"], order: Int[Array, "*some"]) -> Float[Array, "*some"]:
    return jnp.asarray(table)[order]
