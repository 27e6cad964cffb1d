"""The geometry of pairs of weight vectors: overlaps, Gram determinants and residuals without cancellation."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from gradflow.activations import AbstractActivation, Pairs

# the leading 26 of a float64's 53 bits: products of two such numbers, and of one with the other 27, are exact
_LEADING_BITS = 0xFFFFFFFFF8000000
_HALF_UNIT = 1 + 2.0**-27


def plain_pairs(
    first: Float[Array, "first input"], second: Float[Array, "second input"], c: Float[Array, "first second"]
) -> Pairs:
    """Pairs with given overlaps c. D² = 1 + p + q + (pq − c²) keeps its digits while one of the norms is small (p ≤
    8).
    """
    p, q = jnp.sum(first * first, axis=1)[:, None], jnp.sum(second * second, axis=1)[None]
    return Pairs(p=p, q=q, c=c, gram_determinant=p * q - c * c)


def own_pairs(vectors: Float[Array, "first input"]) -> Pairs:
    """`plain_pairs` of vectors with themselves: the squared norms are the diagonal of c, so that pq − c² vanishes
    there.
    """
    c = vectors @ vectors.T
    p = jnp.diagonal(c)
    return Pairs(p=p[:, None], q=p[None], c=c, gram_determinant=p[:, None] * p[None] - c * c)


def residual_pairs(
    first: Float[Array, "first input"], second: Float[Array, "second input"], activation: AbstractActivation
) -> tuple[Pairs, Float[Array, "first second input"]]:
    """Overlaps, and r = u − (c/A) w, for vectors of any length and direction.

    With u = λw + δ for any λ near c/p:  c = λp + δ·w,  pq − c² = p‖δ‖² − (δ·w)²,  r = δ + (λ(A − p) − δ·w)/A · w, where
    A − p is known exactly. Nothing cancels once δ is exact, and it is: λ and the leading part of w have 26 bits, so the
    products below are exact whether or not the compiler contracts them. At p ≤ 1 nothing is to be gained: λ = 0.
    """
    pairs = plain_pairs(first, second, first @ second.T)
    p = pairs.p
    long = p > 1
    ratio = jnp.where(long, pairs.c / jnp.where(long, p, 1), 0)
    ratio = lax.stop_gradient(_leading(ratio * _HALF_UNIT))[:, :, None]
    leading = lax.stop_gradient(_leading(first))
    trailing = first - leading
    delta = (second[None] - ratio * leading[:, None]) - ratio * trailing[:, None]
    ratio = ratio[:, :, 0]
    along = jnp.sum(delta * first[:, None], axis=2)
    slope = (ratio * activation.residual_shift - along) / (p + activation.residual_shift)
    residual = delta + slope[:, :, None] * first[:, None]
    gram_determinant = p * jnp.sum(delta * delta, axis=2) - along**2
    return Pairs(p=p, q=pairs.q, c=ratio * p + along, gram_determinant=gram_determinant), residual


def _leading(values: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The value cut to its leading 26 bits."""
    bits = lax.bitcast_convert_type(values, jnp.uint64) & jnp.uint64(_LEADING_BITS)
    return lax.bitcast_convert_type(bits, jnp.float64)
