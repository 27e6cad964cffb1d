"""Newton's iteration for an implicit step, inexact and without a matrix."""

from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from gradflow.dynamics.field import GradientField
from gradflow.dynamics.methods.conjugate_gradients import conjugate_gradients

# Newton's iteration is solved to this fraction of the step's tolerance, and to √rtol where that is less (as SciPy's
# BDF); four iterations are what a step may cost before it is cheaper to shorten it (ode15s)
_ACCURACY, NEWTON_STEPS = 0.03, 4
# and its equations, linear or not, count as solved at this multiple of that in the residual, which bounds the error
# many times over: a tenth to a fifth fewer products in all than with 1, at the same number of steps
_RESIDUAL = 3.0
# of Newton's first system, beside that, no more than this fraction of the right side is left: where a step moves by
# far less than its tolerance, next to a saddle say, extrapolation would amplify what is left unsolved (with a tenth a
# displacement of 1e-11 is lost in it), and a direction of negative curvature would not be seen
_RELATIVE = 0.01
# products after which conjugate gradients give up and the step is shortened; 10 to 40 are usual at all sizes
_PRODUCTS = 500


class Newton(NamedTuple):
    """Newton's iteration: θ, how far it is from the prediction, and how it goes. L and ∇L are those of the last θ that
    was looked at, which is this one if it has not `moved_on` since; where it has converged, it has not.
    """

    position: Float[Array, " param"]
    correction: Float[Array, " param"]
    loss: Float[Array, ""]
    gradient: Float[Array, " param"]
    moved_on: Bool[Array, ""]
    last_step: Float[Array, ""]
    iterations: Int[Array, ""]
    converged: Bool[Array, ""]
    failed: Bool[Array, ""]


def newton(
    field: GradientField,
    predicted: Float[Array, " param"],
    history: Float[Array, " param"],
    c: Float[Array, ""],
    units: Float[Array, " param"],
    rtol: Float[Array, ""],
) -> Newton:
    """θ = predicted + δ with  δ = c f(θ) − history, f = −M∇L, the Hessian being that at the prediction.

    One iteration is always made: δ is what the local error is read off, and the residual of the prediction, far less
    than the tolerance where the field is weak, says nothing about the steps that follow. What rounding leaves of the
    residual, c times the gradient's, grows with the step size without limit; where the iteration no longer gains on it,
    it is enough that its last step is below `_ACCURACY` of the tolerance.
    """
    accuracy = jnp.minimum(_ACCURACY, jnp.sqrt(rtol)) * units
    operator = field.hessian_operator(predicted)
    # divided once: in the iteration a division costs as much as a good part of a product
    slowness, weight = 1 / field.rates, field.rates / accuracy

    def shifted(vector: Float[Array, " param"]) -> Float[Array, " param"]:
        return slowness * vector + c * operator(vector)

    def iterate(now: Newton) -> Newton:
        """Look at what is left of the equation, and unless it is little, solve and move. One place in the compiled code
        evaluates the gradient: where it has converged with a move, another iteration looks and does no more.
        """
        loss, gradient = field.loss_and_gradient(now.position)
        residual = -c * gradient - slowness * (history + now.correction)
        size, first = norm(weight * residual), now.iterations == 0
        limit = jnp.where(first, jnp.minimum(_RESIDUAL, _RELATIVE * size), _RESIDUAL)
        done, spent = now.converged | (~first & (size <= limit)), now.iterations >= NEWTON_STEPS
        solved = conjugate_gradients(
            shifted, residual, lambda left: now.converged | (norm(weight * left) <= limit), max_products=_PRODUCTS
        )
        step = norm(solved.solution / accuracy)
        rate = step / now.last_step
        # the rest of a geometric series is little
        converged = ~first & (rate < 1) & (rate * step <= 1 - rate)
        no_further = spent | (~first & (rate >= 1))
        enough = no_further & (norm(solved.solution / units) <= _ACCURACY)
        failed = ~solved.converged | ~jnp.isfinite(step) | (no_further & ~converged & ~enough)
        moves = ~done & ~spent
        return Newton(
            position=jnp.where(moves, now.position + solved.solution, now.position),
            correction=jnp.where(moves, now.correction + solved.solution, now.correction),
            loss=loss,
            gradient=gradient,
            moved_on=moves,
            last_step=step,
            iterations=jnp.where(moves, now.iterations + 1, now.iterations),
            converged=done | ((converged | enough) & ~failed),
            failed=failed & ~done,
        )

    def go_on(now: Newton) -> Bool[Array, ""]:
        return ~now.failed & (~now.converged | now.moved_on)

    begin = Newton(
        position=predicted,
        correction=jnp.zeros_like(predicted),
        loss=jnp.asarray(jnp.nan),
        gradient=jnp.full_like(predicted, jnp.nan),
        moved_on=jnp.asarray(True),
        last_step=jnp.asarray(1.0),
        iterations=jnp.asarray(0),
        converged=jnp.asarray(False),
        failed=jnp.asarray(False),
    )
    end: Newton = lax.while_loop(go_on, iterate, begin)
    return end


def norm(vector: Float[Array, " param"]) -> Float[Array, ""]:
    """The ∞-norm, which does not notice padding."""
    return jnp.max(jnp.abs(vector))
