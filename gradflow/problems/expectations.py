"""The sums over pairs of neurons that make up the loss and its gradient.

Arrays in, arrays out; what is specific to an activation comes from the activation. Matrix products where short vectors
allow it, the residual form (`problems.pairs`) elsewhere. Compiled here already, so that a call by hand costs one
compilation a shape (a bare `lax.cond` would be compiled at every call).
"""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from gradflow.activations import AbstractActivation, Pairs
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.pairs import own_pairs, plain_pairs, residual_pairs
from gradflow.problems.sides import direction_of, expectation_of, is_short, sides_of
from gradflow.problems.teacher import Teacher


def energy(
    weights: Float[Array, "width input"], output: Float[Array, " width"], activation: AbstractActivation
) -> float:
    """E[f²] of a network, summed exactly."""
    return math.fsum(np.asarray(_energy_terms(weights, output, activation)).ravel())


@eqx.filter_jit
def loss_terms(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, "width width"], Float[Array, "width teacher"]]:
    """The terms of L: a_i a_j g(w_i, w_j), and −2 a_i b_j g(w_i, v_j)."""
    weights, output = student.weights, student.output

    def short(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs]:
        return short_pairs(teacher, weights)

    def long(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs]:
        return residual_pairs(weights, weights, activation)[0], residual_pairs(weights, teacher.weights, activation)[0]

    among, across = lax.cond(is_short(weights), short, long, weights)
    return (
        output[:, None] * output[None] * expectation_of(activation, among),
        -2 * output[:, None] * teacher.output[None] * expectation_of(activation, across),
    )


@eqx.filter_jit
def loss_and_gradient(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, ""], Float[Array, "width input"], Float[Array, " width"]]:
    """L − E[f*²], and the gradient of L in W and a.

    ∂L/∂a_i = 2 [Σ_j a_j g(w_i, w_j) − Σ_j b_j g(w_i, v_j)],   ∇_{w_i} L = 2 a_i [Σ_j a_j κ_ij r_ij − Σ_j b_j κ_ij
    r_ij].
    """
    weights, output = student.weights, student.output

    def short(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs, Float[Array, "width input"]]:
        among, across = short_pairs(teacher, weights)
        return among, across, short_direction(teacher, activation, student, among, across)

    def long(weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs, Float[Array, "width input"]]:
        sides = sides_of(teacher, activation, TwoLayerNetwork(weights, output, activation))
        return sides[0].pairs, sides[1].pairs, direction_of(activation, sides)

    among, across, direction = lax.cond(is_short(weights), short, long, weights)
    own, other = expectation_of(activation, among) @ output, expectation_of(activation, across) @ teacher.output
    return jnp.sum(output * (own - 2 * other)), 2 * output[:, None] * direction, 2 * (own - other)


def short_pairs(teacher: Teacher, weights: Float[Array, "width input"]) -> tuple[Pairs, Pairs]:
    """The pairs of both sides by matrix products."""
    return own_pairs(weights), plain_pairs(weights, teacher.weights, teacher.overlaps(weights))


def short_direction(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork, among: Pairs, across: Pairs
) -> Float[Array, "width input"]:
    """∇_{w_i}L / (2 a_i) by matrix products: Σ_j β_ij r_ij = Σ_j β_ij u_j − (Σ_j β_ij c_ij / A_i) w_i."""
    own = activation.gradient_coefficient(among) * student.output[None]
    other = activation.gradient_coefficient(across) * teacher.output[None]
    along = jnp.sum(own * among.c, axis=1) - jnp.sum(other * across.c, axis=1)
    along = along[:, None] / (among.p + activation.residual_shift)
    return own @ student.weights - teacher.combined(other) - along * student.weights


@eqx.filter_jit
def gradient_sizes(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> tuple[Float[Array, "width input"], Float[Array, " width"]]:
    """Σ_j |term j| of each component of the gradient, as the formulas above sum it: what its rounding is relative
    to.
    """
    weights, output = student.weights, student.output
    direction, outputs = jnp.zeros_like(weights), jnp.zeros_like(output)
    for side in sides_of(teacher, activation, student):
        pairs = side.pairs
        slopes = activation.gradient_coefficient(pairs) * jnp.abs(side.output)[None]
        parallel = jnp.sum(slopes * jnp.abs(pairs.c), axis=1)[:, None] / (pairs.p + activation.residual_shift)
        products = slopes @ jnp.abs(side.vectors) + parallel * jnp.abs(weights)
        direction += jnp.where(is_short(weights), products, jnp.einsum("ij,ijd->id", slopes, jnp.abs(side.residual)))
        terms_of_c = jnp.abs(weights) @ jnp.abs(side.vectors).T
        sizes = activation.expectation_size(pairs, terms_of_c)
        outputs += sizes @ jnp.abs(side.output)
    return 2 * jnp.abs(output)[:, None] * direction, 2 * outputs


@eqx.filter_jit
def output_slope(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> Float[Array, "width input"]:
    """2 E[(f − f*) σ′(w_i·x) x] for every neuron: ∇_{w_i}L per unit of output weight."""
    return 2 * direction_of(activation, sides_of(teacher, activation, student))


@eqx.filter_jit
def _energy_terms(
    weights: Float[Array, "width input"], output: Float[Array, " width"], activation: AbstractActivation
) -> Float[Array, "width width"]:
    pairs, _ = residual_pairs(weights, weights, activation)
    return output[:, None] * output[None] * expectation_of(activation, pairs)
