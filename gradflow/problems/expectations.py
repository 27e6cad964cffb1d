"""The sums over pairs of neurons that make up the loss, its gradient and its Hessian.

Arrays in, arrays out; what is specific to an activation comes from the activation. Matrix products where short vectors
allow it, the residual form (`problems.pairs`) elsewhere. Compiled here already, so that a call by hand costs one
compilation a shape (a bare `lax.cond` would be compiled at every call).
"""

import math
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from gradflow.activations import AbstractActivation, BlockCoefficients, Pairs
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.pairs import own_pairs, plain_pairs, residual_pairs

# ‖w‖² up to which D keeps all but a few units of rounding without the residual form: c²/D² ≤ pq/(1 + p + q) < p
_SHORT = 8.0


class _Side(eqx.Module):
    """The pairs of the student's neurons with one network's: itself, or the teacher (with output weights −b)."""

    pairs: Pairs
    residual: Float[Array, "first second input"]
    vectors: Float[Array, "second input"]
    output: Float[Array, " second"]


def energy(
    weights: Float[Array, "width input"], output: Float[Array, " width"], activation: AbstractActivation
) -> float:
    """E[f²] of a network, summed exactly."""
    return math.fsum(np.asarray(_energy_terms(weights, output, activation)).ravel())


@eqx.filter_jit
def loss_terms(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, "width width"], Float[Array, "width teacher"]]:
    """The terms of L: a_i a_j g(w_i, w_j), and −2 a_i b_j g(w_i, v_j)."""
    weights, output = student.weights, student.output

    def short(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs]:
        return own_pairs(weights), plain_pairs(weights, teacher.weights)

    def long(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs]:
        return residual_pairs(weights, weights, activation)[0], residual_pairs(weights, teacher.weights, activation)[0]

    among, across = lax.cond(_is_short(weights), short, long, weights)
    return (
        output[:, None] * output[None] * _expectation(activation, among),
        -2 * output[:, None] * teacher.output[None] * _expectation(activation, across),
    )


@eqx.filter_jit
def loss_and_gradient(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, ""], Float[Array, "width input"], Float[Array, " width"]]:
    """L − E[f*²], and the gradient of L in W and a.

    ∂L/∂a_i = 2 [Σ_j a_j g(w_i, w_j) − Σ_j b_j g(w_i, v_j)],   ∇_{w_i} L = 2 a_i [Σ_j a_j κ_ij r_ij − Σ_j b_j κ_ij
    r_ij].
    """
    weights, output = student.weights, student.output

    def short(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs, Float[Array, "width input"]]:
        among, across = own_pairs(weights), plain_pairs(weights, teacher.weights)
        own, other = _slopes(activation, among) * output[None], _slopes(activation, across) * teacher.output[None]
        along = jnp.sum(own * among.c, axis=1) - jnp.sum(other * across.c, axis=1)
        along = along[:, None] / (among.p + activation.residual_shift)
        return among, across, own @ weights - other @ teacher.weights - along * weights

    def long(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs, Float[Array, "width input"]]:
        sides = _sides(teacher, activation, TwoLayerNetwork(weights, output, activation))
        return sides[0].pairs, sides[1].pairs, _direction(activation, sides)

    among, across, direction = lax.cond(_is_short(weights), short, long, weights)
    own, other = _expectation(activation, among) @ output, _expectation(activation, across) @ teacher.output
    return jnp.sum(output * (own - 2 * other)), 2 * output[:, None] * direction, 2 * (own - other)


@eqx.filter_jit
def gradient_sizes(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, "width input"], Float[Array, " width"]]:
    """Σ_j |term j| of each component of the gradient, as the formulas above sum it: what its rounding is relative
    to.
    """
    weights, output = student.weights, student.output
    direction, outputs = jnp.zeros_like(weights), jnp.zeros_like(output)
    for side in _sides(teacher, activation, student):
        pairs = side.pairs
        slopes = _slopes(activation, pairs) * jnp.abs(side.output)[None]
        parallel = jnp.sum(slopes * jnp.abs(pairs.c), axis=1)[:, None] / (pairs.p + activation.residual_shift)
        products = slopes @ jnp.abs(side.vectors) + parallel * jnp.abs(weights)
        direction += jnp.where(_is_short(weights), products, jnp.einsum("ij,ijd->id", slopes, jnp.abs(side.residual)))
        terms_of_c = jnp.abs(weights) @ jnp.abs(side.vectors).T
        sizes = activation.expectation_size(pairs, terms_of_c)
        outputs += sizes @ jnp.abs(side.output)
    return 2 * jnp.abs(output)[:, None] * direction, 2 * outputs


@eqx.filter_jit
def hessian(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, "param param"], Float[Array, " param"]]:
    """The Hessian of L in (W, a), and for each of its rows the size of what it sums (`_block_size`).

    Rows w_i: in w_k  2 a_i a_k ∇_w∇_u g(w_i, w_k), and for k = i besides  a_i `curvature`_i;  in a_k  2 a_i κ_ik r_ik,
    and for k = i besides  ∇_{w_i}L / a_i.  Rows a_i: in a_k  2 g(w_i, w_k).
    """
    weights, output = student.weights, student.output
    n, d = weights.shape
    everyone = jnp.arange(n)
    sides = _sides(teacher, activation, student)
    own = sides[0]

    coefficients = _scaled(activation.cross_block, own)
    slopes = _slopes(activation, own.pairs)
    cross = coefficients.projector[:, :, None, None] * _projector(activation, weights)[:, None]
    cross += coefficients.own[:, :, None, None] * (weights[:, :, None] * weights[:, None, :])[:, None]
    cross += coefficients.mixed[:, :, None, None] * _symmetric(weights[:, None], own.residual)
    cross += coefficients.residual[:, :, None, None] * own.residual[..., :, None] * own.residual[..., None, :]
    if d <= 2:
        cross = activation.planar_cross_block(own.pairs, weights, weights) * output[None, :, None, None]
    cross = 2 * output[:, None, None, None] * cross
    cross = cross.at[everyone, everyone].add(output[:, None, None] * _curvature(activation, sides, weights))
    weights_weights = cross.transpose(0, 2, 1, 3).reshape(n * d, n * d)

    mixed = 2 * output[:, None, None] * slopes[:, :, None] * own.residual
    mixed = mixed.at[everyone, everyone].add(2 * _direction(activation, sides))
    weights_output = mixed.transpose(0, 2, 1).reshape(n * d, n)
    output_output = 2 * _expectation(activation, own.pairs)
    matrix = jnp.block([[weights_weights, weights_output], [weights_output.T, output_output]])

    sizes = _block_size(coefficients, own, weights)
    for side in sides:
        sizes += _block_size(_scaled(activation.own_block, side), side, weights).sum(axis=1, keepdims=True) / n
    gradients = sum(
        jnp.abs(_slopes(activation, side.pairs) * side.output[None]) @ jnp.max(jnp.abs(side.vectors), axis=1)
        for side in sides
    )
    weight_rows = 2 * (
        d * jnp.abs(output) * sizes.sum(axis=1)
        + jnp.abs(output) * jnp.max(jnp.abs(mixed), axis=2).sum(axis=1)
        + gradients
    )
    output_rows = jnp.sum(jnp.abs(weights_output), axis=0) + 2 * d * gradients + jnp.sum(jnp.abs(output_output), axis=1)
    return (matrix + matrix.T) / 2, jnp.concatenate([jnp.repeat(weight_rows, d), output_rows])


@eqx.filter_jit
def curvature(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> Float[Array, "width input input"]:
    """2 E[(f − f*) σ″(w_i·x) xxᵀ] for every neuron: what L feels of moving w_i alone, per unit of output weight."""
    return _curvature(activation, _sides(teacher, activation, student), student.weights)


@eqx.filter_jit
def output_slope(
    teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork
) -> Float[Array, "width input"]:
    """2 E[(f − f*) σ′(w_i·x) x] for every neuron: ∇_{w_i}L per unit of output weight."""
    return 2 * _direction(activation, _sides(teacher, activation, student))


@eqx.filter_jit
def _energy_terms(
    weights: Float[Array, "width input"], output: Float[Array, " width"], activation: AbstractActivation
) -> Float[Array, "width width"]:
    pairs, _ = residual_pairs(weights, weights, activation)
    return output[:, None] * output[None] * _expectation(activation, pairs)


def _is_short(weights: Float[Array, "width input"]) -> Array:
    return jnp.max(jnp.sum(weights * weights, axis=1)) <= _SHORT


def _sides(teacher: TwoLayerNetwork, activation: AbstractActivation, student: TwoLayerNetwork) -> tuple[_Side, _Side]:
    among, own = residual_pairs(student.weights, student.weights, activation)
    across, other = residual_pairs(student.weights, teacher.weights, activation)
    return (
        _Side(pairs=among, residual=own, vectors=student.weights, output=student.output),
        _Side(pairs=across, residual=other, vectors=teacher.weights, output=-teacher.output),
    )


def _expectation(activation: AbstractActivation, pairs: Pairs) -> Float[Array, "first second"]:
    return activation.expectation(pairs.p, pairs.q, pairs.c, gram_determinant=pairs.gram_determinant)


def _slopes(activation: AbstractActivation, pairs: Pairs) -> Float[Array, "first second"]:
    return activation.gradient_coefficient(pairs)


def _direction(activation: AbstractActivation, sides: tuple[_Side, _Side]) -> Float[Array, "width input"]:
    """∇_{w_i}L / (2 a_i)."""
    own, other = (
        jnp.einsum("ij,ijd->id", _slopes(activation, side.pairs) * side.output[None], side.residual) for side in sides
    )
    return own + other


def _scaled(block: Callable[..., BlockCoefficients], side: _Side) -> BlockCoefficients:
    """A block's coefficients, times the other neuron's output weight."""
    return BlockCoefficients(*(coefficient * side.output[None] for coefficient in block(side.pairs)))


def _curvature(
    activation: AbstractActivation, sides: tuple[_Side, _Side], weights: Float[Array, "width input"]
) -> Float[Array, "width input input"]:
    total = jnp.zeros((*weights.shape, weights.shape[1]))
    for side in sides:
        coefficients = _scaled(activation.own_block, side)
        total += jnp.sum(coefficients.projector, axis=1)[:, None, None] * _projector(activation, weights)
        own = jnp.sum(coefficients.own, axis=1)[:, None, None]
        total += own * weights[:, :, None] * weights[:, None, :]
        total += _symmetric(weights, jnp.einsum("ij,ijd->id", coefficients.mixed, side.residual))
        total += jnp.einsum("ij,ijd,ije->ide", coefficients.residual, side.residual, side.residual)
    return 2 * total


def _projector(
    activation: AbstractActivation, weights: Float[Array, "width input"]
) -> Float[Array, "width input input"]:
    """I − wwᵀ/A; its diagonal (A − w_l²)/A as a sum of what is left, which a long vector along an axis would cancel."""
    d = weights.shape[1]
    squares = weights * weights
    shift = activation.residual_shift
    divisor = jnp.sum(squares, axis=1, keepdims=True) + shift
    diagonal = (squares @ (1 - jnp.eye(d)) + shift) / divisor
    outer = -weights[:, :, None] * weights[:, None, :] / divisor[:, :, None]
    return outer.at[:, jnp.arange(d), jnp.arange(d)].set(diagonal)


def _symmetric(
    first: Float[Array, "*#pairs input"], second: Float[Array, "*#pairs input"]
) -> Float[Array, "... input input"]:
    product = first[..., :, None] * second[..., None, :]
    return product + jnp.swapaxes(product, -1, -2)


def _block_size(
    coefficients: BlockCoefficients, side: _Side, weights: Float[Array, "width input"]
) -> Float[Array, "first second"]:
    """A bound on the largest entry of every pair's block, term by term."""
    first, residual = jnp.max(jnp.abs(weights), axis=1)[:, None], jnp.max(jnp.abs(side.residual), axis=2)
    return (
        jnp.abs(coefficients.projector)
        + jnp.abs(coefficients.own) * first**2
        + 2 * jnp.abs(coefficients.mixed) * first * residual
        + jnp.abs(coefficients.residual) * residual**2
    )
