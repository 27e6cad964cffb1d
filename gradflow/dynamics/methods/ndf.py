"""Numerical differentiation formulas of variable order for a symmetric Jacobian, without a matrix."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import scipy.special
from jax import lax
from jaxtyping import Array, Float, Int

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods.base import AbstractMethod, Descent, StepInfo, descent_from
from gradflow.dynamics.methods.decay import Decay, decay_from
from gradflow.dynamics.methods.first_step import first_step
from gradflow.dynamics.methods.growth import GROWTH, growing
from gradflow.dynamics.methods.newton import NEWTON_STEPS, newton, norm

_ORDERS = 5
# Shampine & Reichelt (1997), table 1: what an NDF takes off the backward differentiation formula's error
_KAPPA = np.array([0, -0.1850, -1 / 9, -0.0823, -0.0415, 0])
_GAMMA = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, _ORDERS + 1))])
_ALPHA = (1 - _KAPPA) * _GAMMA
_ERROR = _KAPPA * _GAMMA + 1 / np.arange(1, _ORDERS + 2)


def _cut_units() -> Float[np.ndarray, "orders rows rows"]:
    """R(1) of `NDF._rescaling`, cut to every order: (−1)^i (j choose i)."""
    i, j = np.arange(_ORDERS + 3)[:, None], np.arange(_ORDERS + 3)[None]
    table = (-1.0) ** i * scipy.special.comb(j, i)
    return np.stack([np.where(np.maximum(i, j) <= order, table, 0.0) for order in range(_ORDERS + 1)])


_UNITS = _cut_units()
# a step size changes by at most these factors (SciPy); where Newton's iteration failed it is halved
_LEAST_FACTOR, _LARGEST_FACTOR, _FAILURE_FACTOR = 0.2, 10.0, 0.5
_SAFETY = 0.9


class NDFState(NamedTuple):
    """Backward differences D_0 = θ, D_j = ∇ʲθ at the present step size; the order, and how many steps it has lasted;
    where the flow began, the descent since, and how the gradient falls.
    """

    differences: Float[Array, "rows param"]
    step_size: Float[Array, ""]
    order: Int[Array, ""]
    equal_steps: Int[Array, ""]
    origin: Float[Array, " param"]
    descent: Descent
    decay: Decay


class NDF(AbstractMethod):
    """Numerical differentiation formulas of order 1 to `max_order` (5), step size and order chosen as the path goes.

    Each implicit step θ + c M∇L(θ) = known is solved by Newton's method, its linear systems (M⁻¹ + cH) δ = r by
    conjugate gradients on Hessian-vector products: the Jacobian of a gradient flow is symmetric, and M⁻¹ + cH is
    definite near a minimum and for short steps. Where a direction of negative curvature shows that it is not, the step
    is rejected and halved. Since no eigenvalue of I + cMH is below 1, a residual bounds the error, and the systems are
    solved to the step's own tolerance and no further.

    140 to 500 steps and 2,000 to 11,000 products from an initialisation to ‖∇L‖∞ = 1e-8, from 40 to 6,000 parameters.
    The local error is measured in the ∞-norm, coordinate by coordinate, which does not notice dead neurons; along a
    tail that falls like a power of the time, which forgets errors slowly, a step errs by its part only (`Decay`).

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
        units = tolerances.units(position, position)
        step_size = first_step(field, position, velocity, units)
        differences = jnp.zeros((self.max_order + 3, position.size))
        return NDFState(
            differences=differences.at[0].set(position).at[1].set(step_size * velocity),
            step_size=step_size,
            order=jnp.asarray(1),
            equal_steps=jnp.asarray(0),
            origin=position,
            descent=descent,
            decay=decay_from(time),
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
        share = state.decay.share(time, size)
        units = share * tolerances.units(predicted, state.origin)
        moved = newton(field, predicted, history, size / _constant(_ALPHA, order), units, tolerances.rtol)
        loss, gradient = moved.loss, moved.gradient
        units = share * tolerances.units(moved.position, state.origin)
        error = norm(_constant(_ERROR, order) * moved.correction / units)
        solved = moved.converged & state.descent.allows(moved.position - position, loss, gradient)
        accepted = solved & (error <= 1)
        # slow Newton iterations speak against a long step
        safety = _SAFETY * (2 * NEWTON_STEPS + 1) / (2 * NEWTON_STEPS + _real(moved.iterations))
        # where the share is a part of the step the error grows with it by one power less
        powers = jnp.where(state.decay.is_a_power(time), 0, 1)
        shorter = jnp.maximum(_LEAST_FACTOR, safety * error ** (-1 / _real(order + powers)))
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
        by_growth = _constant(GROWTH, orders) / growing(updated[1], updated[2])
        by_growth = jnp.where(by_growth > _LARGEST_FACTOR, jnp.inf, by_growth)
        factors = jnp.minimum(errors ** (-1 / _real(jnp.maximum(orders + powers, 1))), by_growth)
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
            decay=state.decay.after(accepted, time, size, state.descent.gradient, gradient),
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
            decay=state.decay,
        )

    def _rescaling(self, order: Int[Array, ""], factor: Float[Array, ""]) -> Float[Array, "rows rows"]:
        """To the differences of the same polynomial at `factor` times the step size: (R(factor) U)ᵀ, U = R(1), with
        R_ij = Π_{m ≤ i} (m − 1 − factor j)/m, both cut to the order: what lies beyond it stays as it is.
        """
        rows = self.max_order + 3
        j = np.arange(float(rows))
        table = [jnp.ones(rows)]
        # row by row: a cumulative product is a dozen more loops to compile
        for m in range(1, rows):
            table.append(table[-1] * ((m - 1 - factor * j) / m) if m <= self.max_order else jnp.zeros(rows))
        within = jnp.arange(rows) <= order
        both = within[:, None] & within[None]
        change = jnp.where(both, jnp.stack(table), 0.0) @ _constant(_UNITS, order)[:rows, :rows]
        return jnp.where(both, change, jnp.eye(rows)).T


def _real(count: Int[Array, "..."]) -> Float[Array, "..."]:
    return count.astype(jnp.float64)


def _constant(table: Float[np.ndarray, "orders *entries"], order: Int[Array, "..."]) -> Float[Array, "..."]:
    return jnp.asarray(table)[order]
