"""Perturbed n-copy points: each student almost copies its own teacher, all alike."""

import functools
import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jaxtyping import Array, Float

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.activations import Erf
from gradflow.families._copy_average import average_weight
from gradflow.networks import TwoLayerNetwork

# Newton's method on four unknowns doubles its digits: after these many steps there is nothing left to gain
_NEWTON_STEPS = 8
# rounding of the reduced gradient, a sum of terms of size up to k²
_FLOOR = 1e-14


class Overlaps(NamedTuple):
    """The four unknowns: overlap of a student with its own teacher, with the other students' and with nobody's; output
    weight.
    """

    own: float
    others: float
    unmatched: float
    output: float


class PerturbedNCopy(eqx.Module):
    """The P-n-C point of `n` students and `k` orthonormal teachers.

    w_i = α v_i + β Σ_{j≤n, j≠i} v_j + γ Σ_{j>n} v_j, a_i = a, for (α, β, γ, a) = `overlaps`; isotropy ΔS_n × S_{k−n}.
    """

    overlaps: Overlaps
    loss: float
    student: TwoLayerNetwork


def perturbed_n_copy(k: Checked[int], n: Checked[int], *, d: Checked[int | None] = None) -> PerturbedNCopy:
    """The P-n-C point for 1 ≤ n ≤ k (at n = k the perfect copy), at the rounding level of its gradient; `d` is k + 1 if
    left out.

    The loss reduced to the four unknowns is minimised, then Newton's method ends at rounding. Raises `ValueError` for
    n > k or d < k.
    """
    k = _checks.count("perturbed_n_copy", "k", k, "perturbed_n_copy(k=8, n=4)")
    n = _checks.count("perturbed_n_copy", "n", n, "perturbed_n_copy(k=8, n=4)")
    _checks.no_more_students("perturbed_n_copy", n, k)
    d = k + 1 if d is None else _checks.count("perturbed_n_copy", "d", d, f"perturbed_n_copy(k={k}, n={n}, d={k})")
    _checks.teacher_fits("perturbed_n_copy", k, d)
    overlaps = _solve(k, n)
    weights = np.zeros((n, d))
    weights[:, :n] = overlaps.others
    weights[:, n:k] = overlaps.unmatched
    weights[range(n), range(n)] = overlaps.own
    loss = math.fsum(np.asarray(_terms(jnp.asarray(overlaps), float(k), float(n))))
    return PerturbedNCopy(overlaps=overlaps, loss=loss, student=TwoLayerNetwork(weights, np.full(n, overlaps.output)))


@functools.cache
def _solve(k: int, n: int) -> Overlaps:
    if n == k:
        return Overlaps(own=1.0, others=0.0, unmatched=0.0, output=1.0)
    if n == 1:  # the branch joins the average neuron, and there are no others
        return Overlaps(own=average_weight(k), others=0.0, unmatched=average_weight(k), output=float(k))
    sizes = (float(k), float(n))
    # Newton's method from the perfect copy fails at every n tried; the minimum of the reduced loss is what is wanted
    start = np.array([1.0, 0.0, 0.0, 1.0])
    found = scipy.optimize.minimize(
        lambda x: float(_loss(x, *sizes)),
        start,
        jac=lambda x: np.asarray(_gradient(x, *sizes)),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    x = np.asarray(found.x)
    for _ in range(_NEWTON_STEPS):
        x = x - np.linalg.solve(np.asarray(_hessian(x, *sizes)), np.asarray(_gradient(x, *sizes)))
    left = float(np.max(np.abs(_gradient(x, *sizes))))
    if not left <= _FLOOR * k * k:
        raise RuntimeError(
            f"perturbed_n_copy: no P-n-C point was found at k = {k}, n = {n}: the gradient is still {left:.1e}."
        )
    return Overlaps(*(float(value) for value in x))


def _terms(x: Float[Array, " four"], k: float | Array, n: float | Array) -> Float[Array, " terms"]:
    """The loss by classes of pairs, with the number of pairs in each."""
    own, others, unmatched, a = x
    p = own**2 + (n - 1) * others**2 + (k - n) * unmatched**2
    c = 2 * own * others + (n - 2) * others**2 + (k - n) * unmatched**2
    one = jnp.ones_like(p)
    g = Erf().expectation
    return jnp.stack(
        [
            n * a**2 * g(p, p, p, gram_determinant=0 * p),
            n * (n - 1) * a**2 * g(p, p, c, gram_determinant=(p - c) * (p + c)),
            -2 * a * n * g(p, one, own, gram_determinant=p - own**2),
            -2 * a * n * (n - 1) * g(p, one, others, gram_determinant=p - others**2),
            -2 * a * n * (k - n) * g(p, one, unmatched, gram_determinant=p - unmatched**2),
            k / 3 * one,
        ]
    )


@jax.jit
def _loss(x: Float[Array, " four"], k: Array, n: Array) -> Float[Array, ""]:
    return jnp.sum(_terms(x, k, n))


_gradient = jax.jit(jax.grad(_loss))
_hessian = jax.jit(jax.hessian(_loss))
