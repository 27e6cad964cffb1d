"""The dense Hessian of the teacher–student loss, block by block, and what its rounding is relative to."""

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from gradflow.activations import AbstractActivation, BlockCoefficients
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.sides import Side, direction_of, expectation_of, scaled, sides_of
from gradflow.problems.teacher import Teacher


@eqx.filter_jit
def hessian(teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork) -> Float[Array, "param param"]:
    """The Hessian of L in (W, a), exactly symmetric.

    Rows w_i: in w_k  2 a_i a_k ∇_w∇_u g(w_i, w_k), and for k = i besides  a_i `curvature`_i;  in a_k  2 a_i κ_ik r_ik,
    and for k = i besides  ∇_{w_i}L / a_i.  Rows a_i: in a_k  2 g(w_i, w_k).

    Written the d rows of a neuron at a time: a single expression for the whole matrix is five times slower in XLA on a
    CPU, which then computes the parts of an entry again for every entry.
    """
    weights, output = student.weights, student.output
    n, d = weights.shape
    sides = sides_of(teacher, activation, student)
    own = sides[0]
    rows = _Rows(activation, own, weights)
    diagonal = output[:, None, None] * _curvature(activation, sides, weights)
    mixed = _mixed(activation, sides).transpose(0, 2, 1).reshape(n * d, n)
    expectation = expectation_of(activation, own.pairs)

    def write(i: Array, matrix: Float[Array, "param param"]) -> Float[Array, "param param"]:
        matrix = lax.dynamic_update_slice(matrix, rows.of(i), (i * d, 0))
        block = lax.dynamic_slice(matrix, (i * d, i * d), (d, d)) + diagonal[i]
        return lax.dynamic_update_slice(matrix, block, (i * d, i * d))

    matrix = lax.fori_loop(0, n, write, jnp.zeros((n * d + n, n * d + n)))
    matrix = lax.dynamic_update_slice(matrix, mixed, (0, n * d))
    matrix = lax.dynamic_update_slice(matrix, mixed.T, (n * d, 0))
    matrix = lax.dynamic_update_slice(matrix, 2 * expectation, (n * d, n * d))
    return (matrix + matrix.T) / 2


class _Rows(eqx.Module):
    """2 a_i a_k ∇_w∇_u g(w_i, w_k), a row of blocks at a time."""

    coefficients: BlockCoefficients
    projectors: Float[Array, "width input input"]
    weights: Float[Array, "width input"]
    residual: Float[Array, "width width input"]
    scaled_residual: Float[Array, "width width input"]
    planar: Float[Array, "width width input input"] | None

    def __init__(self, activation: AbstractActivation, own: Side, weights: Float[Array, "width input"]):
        scale = 2 * own.output[:, None] * own.output[None]
        self.coefficients = activation.cross_block(own.pairs).map(lambda part: scale * part)
        self.projectors = _projector(activation, weights)
        self.weights, self.residual = weights, own.residual
        self.scaled_residual = self.coefficients.residual[:, :, None] * own.residual
        self.planar = None
        if weights.shape[1] <= 2:
            self.planar = scale[:, :, None, None] * activation.planar_cross_block(own.pairs, weights, weights)

    def of(self, i: Array) -> Float[Array, "input columns"]:
        """The rows of neuron i, in all weights."""
        n, d = self.weights.shape
        if self.planar is not None:
            return self.planar[i].transpose(1, 0, 2).reshape(d, n * d)
        first, residual = self.weights[i], self.residual[i]
        here = self.coefficients.map(lambda part: part[i][None, :, None])
        blocks = here.projector * self.projectors[i][:, None]
        blocks += self.scaled_residual[i].T[:, :, None] * residual[None]
        down, across = first[:, None, None], first[None, None]
        if here.own is not None:
            blocks += here.own * (down * across)
        if here.mixed is not None:
            blocks += here.mixed * (down * residual[None] + residual.T[:, :, None] * across)
        return blocks.reshape(d, n * d)


@eqx.filter_jit
def hessian_sizes(teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork) -> Float[Array, " param"]:
    """For each row of the Hessian the size of what it sums, term by term (`_block_size`)."""
    weights, output = student.weights, student.output
    n, d = weights.shape
    sides = sides_of(teacher, activation, student)
    own = sides[0]
    sizes = _block_size(scaled(activation.cross_block, own.pairs, own.output), own, weights)
    for side in sides:
        blocks = _block_size(scaled(activation.own_block, side.pairs, side.output), side, weights)
        sizes += blocks.sum(axis=1, keepdims=True) / n
    gradients = sum(
        jnp.abs(activation.gradient_coefficient(side.pairs) * side.output[None])
        @ jnp.max(jnp.abs(side.vectors), axis=1)
        for side in sides
    )
    mixed = jnp.abs(_mixed(activation, sides))
    among_output = 2 * jnp.abs(expectation_of(activation, own.pairs))
    weight_rows = 2 * (
        d * jnp.abs(output) * sizes.sum(axis=1) + jnp.abs(output) * jnp.max(mixed, axis=2).sum(axis=1) + gradients
    )
    output_rows = jnp.sum(mixed, axis=(0, 2)) + 2 * d * gradients + jnp.sum(among_output, axis=1)
    return jnp.concatenate([jnp.repeat(weight_rows, d), output_rows])


@eqx.filter_jit
def curvature(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> Float[Array, "width input input"]:
    """2 E[(f − f*) σ″(w_i·x) xxᵀ] for every neuron: what L feels of moving w_i alone, per unit of output weight."""
    return _curvature(activation, sides_of(teacher, activation, student), student.weights)


def _curvature(
    activation: AbstractActivation, sides: tuple[Side, Side], weights: Float[Array, "width input"]
) -> Float[Array, "width input input"]:
    total = jnp.zeros((*weights.shape, weights.shape[1]))
    for side in sides:
        projector, residual, own, mixed = scaled(activation.own_block, side.pairs, side.output)
        total += jnp.sum(projector, axis=1)[:, None, None] * _projector(activation, weights)
        total += jnp.einsum("ijd,ije->ide", residual[:, :, None] * side.residual, side.residual)
        if own is not None:
            total += jnp.sum(own, axis=1)[:, None, None] * weights[:, :, None] * weights[:, None, :]
        if mixed is not None:
            towards = jnp.einsum("ij,ijd->id", mixed, side.residual)
            total += 2 * weights[:, :, None] * towards[:, None, :]  # symmetrised below
    return total + jnp.swapaxes(total, 1, 2)


def _mixed(activation: AbstractActivation, sides: tuple[Side, Side]) -> Float[Array, "width width input"]:
    """∂²L/∂w_i∂a_k."""
    own, everyone = sides[0], jnp.arange(sides[0].output.size)
    slopes = own.output[:, None] * activation.gradient_coefficient(own.pairs)
    mixed = slopes[:, :, None] * own.residual
    return 2 * mixed.at[everyone, everyone].add(direction_of(activation, sides))


def _projector(
    activation: AbstractActivation, weights: Float[Array, "width input"]
) -> Float[Array, "width input input"]:
    """I − wwᵀ/A; its diagonal (A − w_l²)/A as a sum of what is left, which a long vector along an axis would cancel."""
    d = weights.shape[1]
    squares = weights * weights
    shift = activation.residual_shift
    divisor = jnp.sum(squares, axis=1, keepdims=True) + shift
    diagonal = (squares @ (1 - jnp.eye(d)) + shift) / divisor
    outer = -(weights[:, :, None] * weights[:, None, :]) / divisor[:, :, None]
    return outer.at[:, jnp.arange(d), jnp.arange(d)].set(diagonal)


def _block_size(
    coefficients: BlockCoefficients, side: Side, weights: Float[Array, "width input"]
) -> Float[Array, "first second"]:
    """A bound on the largest entry of every pair's block, term by term."""
    first, rest = jnp.max(jnp.abs(weights), axis=1)[:, None], jnp.max(jnp.abs(side.residual), axis=2)
    projector, residual, own, mixed = coefficients
    size = jnp.abs(projector) + jnp.abs(residual) * rest**2
    if own is not None:
        size += jnp.abs(own) * first**2
    if mixed is not None:
        size += 2 * jnp.abs(mixed) * first * rest
    return size
