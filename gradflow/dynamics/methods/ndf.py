"""Numerical differentiation formulas of variable order for a symmetric Jacobian, without a matrix."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics.field import GradientField, Tolerances
from gradflow.dynamics.methods.base import AbstractMethod, StepInfo
from gradflow.dynamics.methods.conjugate_gradients import conjugate_gradients
from gradflow.problems.base import EPSILON

_ORDERS = 5
# Shampine & Reichelt (1997), table 1: what an NDF takes off the backward differentiation formula's error
_KAPPA = np.array([0, -0.1850, -1 / 9, -0.0823, -0.0415, 0])
_GAMMA = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, _ORDERS + 1))])
_ALPHA = (1 - _KAPPA) * _GAMMA
_ERROR = _KAPPA * _GAMMA + 1 / np.arange(1, _ORDERS + 2)
# Newton's iteration is solved to this fraction of the step's tolerance, and to √rtol where that is less (as SciPy's
# BDF); four iterations are what a step may cost before it is cheaper to shorten it (ode15s)
_NEWTON_ACCURACY, _NEWTON_STEPS = 0.03, 4
# but never beyond the rounding of a step, (step size) × (gradient): a few dozen roundings at the scale of θ; asked for
# more, Newton's iteration "fails" and the steps shrink until the budget is spent
_ROUNDING = 64 * EPSILON
# products after which conjugate gradients give up and the step is shortened; 10 to 40 are usual at all sizes
_PRODUCTS = 500
# a step size changes by at most these factors (SciPy); where Newton's iteration failed it is halved
_LEAST_FACTOR, _LARGEST_FACTOR, _FAILURE_FACTOR = 0.2, 10.0, 0.5
_SAFETY = 0.9
# the first step (Hairer, Nørsett & Wanner, Solving ODEs I, section II.4): where θ or f is this small in units of the
# tolerance, their ratio means nothing, and the first trial step is _TRIAL
_NOTHING, _TRIAL = 1e-5, 1e-6


class NDFState(NamedTuple):
    """Backward differences D_0 = θ, D_j = ∇ʲθ at the present step size; the order, and how many steps it has lasted."""

    differences: Float[Array, "rows param"]
    step_size: Float[Array, ""]
    order: Int[Array, ""]
    equal_steps: Int[Array, ""]


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
        velocity = field(position)
        step_size = _first_step(field, position, velocity, tolerances)
        differences = jnp.zeros((self.max_order + 3, position.size))
        return NDFState(
            differences=differences.at[0].set(position).at[1].set(step_size * velocity),
            step_size=step_size,
            order=jnp.asarray(1),
            equal_steps=jnp.asarray(0),
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
        state = self._not_beyond(state, end_time - time)
        differences, order, size = state.differences, state.order, state.step_size
        predicted = jnp.sum(jnp.where(self._up_to(order), differences, 0), axis=0)
        moved = _newton(field, predicted, self._history(state), size / _constant(_ALPHA, order), tolerances)

        units = tolerances.rtol * jnp.abs(moved.position) + tolerances.atol
        error = _norm(_constant(_ERROR, order) * moved.correction / units)
        accepted = moved.converged & (error <= 1)
        # slow Newton iterations speak against a long step
        safety = _SAFETY * (2 * _NEWTON_STEPS + 1) / (2 * _NEWTON_STEPS + _real(moved.iterations))
        shorter = jnp.maximum(_LEAST_FACTOR, safety * error ** (-1 / _real(order + 1)))
        shorter = jnp.where(moved.converged, shorter, _FAILURE_FACTOR)
        longer = self._accept(state, moved.correction, error, units, safety)
        new_order = jnp.where(accepted, longer.order, order)
        factor = jnp.where(accepted, longer.factor, shorter)
        differences = jnp.where(accepted, longer.differences, differences)
        new = NDFState(
            differences=self._rescaled(differences, new_order, factor),
            step_size=size * factor,
            order=new_order,
            equal_steps=jnp.where(accepted & ~longer.changes, state.equal_steps + 1, 0),
        )
        new_time = jnp.where(time + size >= end_time, end_time, time + size)
        info = StepInfo(
            accepted=accepted,
            time=jnp.where(accepted, new_time, time),
            position=jnp.where(accepted, moved.position, position),
            next_step_size=new.step_size,
            ok=jnp.asarray(True),
        )
        return info, new

    def _accept(
        self,
        state: NDFState,
        correction: Float[Array, " param"],
        error: Float[Array, ""],
        units: Float[Array, " param"],
        safety: Float[Array, ""],
    ) -> "_Accepted":
        """The differences after a step, and the order and step size of the next one: those of the longest step among
        the orders k − 1, k, k + 1, looked at after k + 1 equal steps.
        """
        order = state.order
        differences = state.differences.at[order + 2].set(correction - state.differences[order + 1])
        differences = differences.at[order + 1].set(correction)

        def add(count: Array, differences: Float[Array, "rows param"]) -> Float[Array, "rows param"]:
            row = self.max_order - count
            return jnp.where(row <= order, differences.at[row].add(differences[row + 1]), differences)

        differences = lax.fori_loop(0, self.max_order + 1, add, differences)
        lower = _norm(_constant(_ERROR, order - 1) * differences[order] / units)
        higher = _norm(_constant(_ERROR, order + 1) * differences[order + 2] / units)
        errors = jnp.stack(
            [
                jnp.where(order > 1, lower, jnp.inf),
                error,
                jnp.where(order < self.max_order, higher, jnp.inf),
            ]
        )
        factors = errors ** (-1 / _real(order + jnp.arange(3)))
        best = jnp.argmax(factors)
        changes = state.equal_steps + 1 >= order + 1
        return _Accepted(
            differences=differences,
            changes=changes,
            order=jnp.where(changes, order + best - 1, order),
            factor=jnp.where(changes, jnp.minimum(_LARGEST_FACTOR, safety * factors[best]), 1.0),
        )

    def _history(self, state: NDFState) -> Float[Array, " param"]:
        """Σ_{j≤k} γ_j D_j / α_k: what the formula knows of the past."""
        rows = self.max_order + 1
        gamma = jnp.where(jnp.arange(rows) <= state.order, jnp.asarray(_GAMMA[:rows]), 0)
        return gamma @ state.differences[:rows] / _constant(_ALPHA, state.order)

    def _not_beyond(self, state: NDFState, remaining: Float[Array, ""]) -> NDFState:
        """The state with its step cut to what remains."""
        factor = jnp.minimum(1.0, remaining / state.step_size)
        return NDFState(
            differences=self._rescaled(state.differences, state.order, factor),
            step_size=state.step_size * factor,
            order=state.order,
            equal_steps=jnp.where(factor < 1, 0, state.equal_steps),
        )

    def _rescaled(
        self, differences: Float[Array, "rows param"], order: Int[Array, ""], factor: Float[Array, ""]
    ) -> Float[Array, "rows param"]:
        """The differences of the same polynomial at `factor` times the step size: (R(factor) U)ᵀ D, U = R(1)."""
        rows = self.max_order + 1

        def table(factor: Array) -> Float[Array, "rows rows"]:
            i, j = jnp.arange(1.0, rows)[:, None], jnp.arange(1.0, rows)[None]
            entries = jnp.zeros((rows, rows)).at[1:, 1:].set((i - 1 - factor * j) / i)
            return jnp.cumprod(entries.at[0].set(1.0), axis=0)

        within = jnp.arange(rows) <= order
        change = table(factor) @ table(jnp.asarray(1.0))
        change = jnp.where(within[:, None] & within[None], change, jnp.eye(rows))
        return differences.at[:rows].set(change.T @ differences[:rows])

    def _up_to(self, order: Int[Array, ""]) -> Bool[Array, "rows 1"]:
        return (jnp.arange(self.max_order + 3) <= order)[:, None]


class _Accepted(NamedTuple):
    """What follows from a step if it is accepted."""

    differences: Float[Array, "rows param"]
    changes: Bool[Array, ""]
    order: Int[Array, ""]
    factor: Float[Array, ""]


class _Newton(NamedTuple):
    """Newton's iteration: θ, how far it is from the prediction, and how it goes."""

    position: Float[Array, " param"]
    correction: Float[Array, " param"]
    last_step: Float[Array, ""]
    iterations: Int[Array, ""]
    converged: Bool[Array, ""]
    failed: Bool[Array, ""]


def _newton(
    field: GradientField,
    predicted: Float[Array, " param"],
    history: Float[Array, " param"],
    c: Float[Array, ""],
    tolerances: Tolerances,
) -> _Newton:
    """θ = predicted + δ with  δ = c f(θ) − history, f = −M∇L, the Hessian being that at the prediction."""
    units = tolerances.rtol * jnp.abs(predicted) + tolerances.atol
    rounding = _ROUNDING * c * jnp.max(field.rates) * jnp.maximum(jnp.max(jnp.abs(predicted)), 1)
    accuracy = jnp.minimum(_NEWTON_ACCURACY, jnp.sqrt(tolerances.rtol)) * units + rounding
    operator = field.hessian_operator(predicted)

    def shifted(vector: Float[Array, " param"]) -> Float[Array, " param"]:
        return vector / field.rates + c * operator(vector)

    def small(residual: Float[Array, " param"]) -> Bool[Array, ""]:
        return _norm(field.rates * residual / accuracy) <= 1

    def iterate(now: _Newton) -> _Newton:
        """Look at what is left of the equation, and unless it is little, solve and move. One place in the compiled code
        evaluates the gradient.
        """
        residual = (c * field(now.position) - history - now.correction) / field.rates
        solved_already = small(residual)
        spent = now.iterations >= _NEWTON_STEPS
        solved = conjugate_gradients(shifted, residual, small, max_products=_PRODUCTS)
        step = _norm(solved.solution / accuracy)
        rate = step / now.last_step
        first = now.iterations == 0
        # the rest of a geometric series is little
        converged = ~first & (rate < 1) & (rate * step <= 1 - rate)
        failed = spent | ~solved.converged | ~jnp.isfinite(step) | (~first & (rate >= 1))
        moves = ~solved_already & ~spent
        return _Newton(
            position=jnp.where(moves, now.position + solved.solution, now.position),
            correction=jnp.where(moves, now.correction + solved.solution, now.correction),
            last_step=step,
            iterations=jnp.where(moves, now.iterations + 1, now.iterations),
            converged=solved_already | (converged & ~failed),
            failed=failed & ~solved_already,
        )

    def go_on(now: _Newton) -> Bool[Array, ""]:
        return ~now.converged & ~now.failed

    begin = _Newton(
        position=predicted,
        correction=jnp.zeros_like(predicted),
        last_step=jnp.asarray(1.0),
        iterations=jnp.asarray(0),
        converged=jnp.asarray(False),
        failed=jnp.asarray(False),
    )
    end: _Newton = lax.while_loop(go_on, iterate, begin)
    return end


def _first_step(
    field: GradientField, position: Float[Array, " param"], velocity: Float[Array, " param"], tolerances: Tolerances
) -> Float[Array, ""]:
    """Hairer, Nørsett & Wanner, Solving ODEs I, section II.4, for order 1."""
    units = tolerances.rtol * jnp.abs(position) + tolerances.atol
    size, slope = _norm(position / units), _norm(velocity / units)
    meaningless = (size < _NOTHING) | (slope < _NOTHING)
    trial = jnp.where(meaningless, _TRIAL, 0.01 * size / jnp.where(meaningless, 1.0, slope))
    bend = _norm((field(position + trial * velocity) - velocity) / units) / trial
    steepest = jnp.maximum(slope, bend)
    by_bend = jnp.where(steepest <= 1e-15, jnp.maximum(_TRIAL, 1e-3 * trial), jnp.sqrt(0.01 / steepest))
    return jnp.minimum(100 * trial, by_bend)


def _real(count: Int[Array, "..."]) -> Float[Array, "..."]:
    return count.astype(jnp.float64)


def _norm(vector: Float[Array, " param"]) -> Float[Array, ""]:
    return jnp.max(jnp.abs(vector))


def _constant(table: Float[np.ndarray, " orders"], order: Int[Array, ""]) -> Float[Array, ""]:
    return jnp.asarray(table)[order]
