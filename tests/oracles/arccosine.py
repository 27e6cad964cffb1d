"""Rectified linear units under Gaussian inputs: the loss of a student in closed form, for JAX, and its formulas in
mpmath.

    g(w, u) = E[relu(w·x) relu(u·x)] = ‖w‖ (‖r‖ + φ u·ŵ)/(2π),  r = u − (u·ŵ) ŵ,  φ = π − θ = atan2(‖r‖, −u·ŵ)
    ∇_w g = (‖r‖ ŵ + φ u)/(2π)
    ∇_w∇_w g = ‖r‖/(2π‖w‖) (I − ŵŵᵀ + n̂n̂ᵀ),  n̂ = r/‖r‖
    ∇_w∇_u g = [φ I + sin θ cos θ (ŵŵᵀ − n̂n̂ᵀ) + sin²θ (ŵn̂ᵀ + n̂ŵᵀ)]/(2π)

Where w and u are parallel or opposite, sin θ = 0, and n̂ does not matter: both blocks are continuous there, and change
in proportion to the angle, so that L is C² with a Lipschitz Hessian wherever w ≠ 0 and u ≠ 0; the third derivative
jumps. The derivatives of √(‖w‖²‖u‖² − (w·u)²) and of θ are infinite there all the same, and cancel: g is
differentiated by the formulas, not through them. Source: Cho & Saul, NIPS 2009.
"""

from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

from oracles.landscape import Kernel, Numbers, exact, size


def relu_loss(parameters: Any, teacher: Any) -> Any:
    """E[(Σ a_i relu(w_i·x) − Σ relu(v_j·x))²], of parameters (W, a) and a teacher V with output weights 1."""
    weights, output = parameters
    partners = jnp.concatenate([weights, teacher])
    shares = jnp.concatenate([output, -jnp.ones(len(teacher))])
    overlaps = jax.vmap(lambda w: jax.vmap(lambda u: expectation(w, u))(partners))(partners)
    return shares @ overlaps @ shares


@jax.custom_jvp
def expectation(w: Any, u: Any) -> Any:
    along, _, length, sine, complement = _frame(w, u)
    return length * (sine + complement * along) / (2 * jnp.pi)


@expectation.defjvp
def _expectation_jvp(at: Any, change: Any) -> Any:
    (w, u), (dw, du) = at, change
    return expectation(w, u), _slope(w, u) @ dw + _slope(u, w) @ du


@jax.custom_jvp
def _slope(w: Any, u: Any) -> Any:
    _, _, length, sine, complement = _frame(w, u)
    return (sine * w / length + complement * u) / (2 * jnp.pi)


@_slope.defjvp
def _slope_jvp(at: Any, change: Any) -> Any:
    (w, u), (dw, du) = at, change
    along, normal, length, sine, complement = _frame(w, u)
    unit, distance = w / length, jnp.sqrt(u @ u)
    sin, cos = sine / distance, along / distance
    own = sine / length * (dw - unit * (unit @ dw) + normal * (normal @ dw))
    cross = (
        complement * du
        + sin * cos * (unit * (unit @ du) - normal * (normal @ du))
        + sin**2 * (unit * (normal @ du) + normal * (unit @ du))
    )
    return _slope(w, u), (own + cross) / (2 * jnp.pi)


def _frame(w: Any, u: Any) -> Any:
    """u·ŵ, n̂ (zero where it is undefined), ‖w‖, ‖r‖ and φ."""
    length = jnp.sqrt(w @ w)
    unit = w / length
    along = u @ unit
    rest = u - along * unit
    square = rest @ rest
    apart = square > 0
    sine = jnp.where(apart, jnp.sqrt(jnp.where(apart, square, 1.0)), 0.0)
    return along, rest / jnp.where(apart, sine, 1.0), length, sine, jnp.arctan2(sine, -along)


def _exact_frame(w: Numbers, u: Numbers) -> tuple[Any, Numbers, Numbers, Any, Any]:
    """u·ŵ, ŵ, n̂, ‖r‖ and φ. What is 50 digits from parallel is parallel."""
    unit = w / size(w)
    along = u @ unit
    rest = u - unit * along
    sine = size(rest)
    if sine < size(u) * mpmath.mpf(10) ** -50:
        sine, normal = mpmath.mpf(0), rest * 0
    else:
        normal = rest / sine
    return along, unit, normal, sine, mpmath.atan2(sine, -along)


def _exact_value(w: Numbers, u: Numbers) -> Any:
    along, _, _, sine, complement = _exact_frame(w, u)
    return size(w) * (sine + complement * along) / (2 * mpmath.pi)


def _exact_slope(w: Numbers, u: Numbers) -> Numbers:
    _, unit, _, sine, complement = _exact_frame(w, u)
    return (unit * sine + u * complement) / (2 * mpmath.pi)


def _exact_own(w: Numbers, u: Numbers) -> Numbers:
    _, unit, normal, sine, _ = _exact_frame(w, u)
    plane = np.outer(normal, normal) - np.outer(unit, unit)
    return (_identity(len(w)) + plane) * (sine / (2 * mpmath.pi * size(w)))


def _exact_cross(w: Numbers, u: Numbers) -> Numbers:
    along, unit, normal, sine, complement = _exact_frame(w, u)
    sin, cos = sine / size(u), along / size(u)
    turned = (np.outer(unit, unit) - np.outer(normal, normal)) * (sin * cos)
    mixed = (np.outer(unit, normal) + np.outer(normal, unit)) * sin**2
    return (_identity(len(w)) * complement + turned + mixed) / (2 * mpmath.pi)


def _identity(size: int) -> Numbers:
    return exact(np.eye(size))


ARC_COSINE = Kernel(_exact_value, _exact_slope, _exact_own, _exact_cross)
