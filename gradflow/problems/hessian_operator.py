"""The Hessian of the teacher–student loss as a linear map: three small matrix products a direction."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from gradflow.activations import AbstractActivation, Pairs
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.expectations import loss_and_gradient, short_direction, short_pairs
from gradflow.problems.sides import expectation_of, is_short, scaled
from gradflow.problems.teacher import Teacher

Direction = tuple[Float[Array, "width input"], Float[Array, " width"]]


def hessian_operator(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork
) -> Callable[[Direction], Direction]:
    """(U, u) ↦ H (U, u), everything that does not depend on the direction computed once.

    With X_ij = U_i·w_j and y_i = U_i·w_i a block's four terms need only z = w_i·U_j = X_ji and r_ij·U_j = y_j − s_ij
    X_ji (the cross blocks), or y_i and r_ij·U_i = X_ij − s_ij y_i (the own ones), s = c/A; what multiplies r_ij and w_i
    is collected first, so that three products of matrices remain: X, the sum of U_j, the sum of w_j. Overlaps are plain
    products here: relative to the operator's norm it is right to ε‖w‖², which is all that an iteration asks for.
    """
    weights, output = student.weights, student.output
    among, across = short_pairs(teacher, weights)
    shift = among.p + activation.residual_shift
    ratio, ratio_across = among.c / shift, across.c / shift
    kappa = activation.gradient_coefficient(among)
    cross = scaled(activation.cross_block, among, output)
    own = _OwnBlocks(activation, among, output, ratio, shift)
    other = _OwnBlocks(activation, across, -teacher.output, ratio_across, shift)
    cross_own = 0.0 if cross.own is None else cross.own
    cross_mixed = 0.0 if cross.mixed is None else cross.mixed

    # of r_ij:  X_ji, y_j and u_j;  of w_i:  the same, with −s_ij times the former, since r_ij = w_j − s_ij w_i
    residual_transposed = cross_mixed - cross.residual * ratio
    first_transposed = cross_own - cross.projector / shift - cross_mixed * ratio - residual_transposed * ratio
    first_output = -kappa * ratio
    slopes = output[:, None] * kappa
    slopes_along = slopes * ratio
    direction = short_direction(teacher, activation, student, among, across)
    expectation = expectation_of(activation, among)
    projector, along = own.projector + other.projector, own.first + other.first

    def product(step: Direction) -> Direction:
        moved, raised = step
        overlaps = moved @ weights.T
        overlaps_across = teacher.overlaps(moved)
        y = jnp.diagonal(overlaps)
        of_residual = residual_transposed * overlaps.T + cross.residual * y[None] + kappa * raised[None]
        of_residual += own.residual * overlaps + own.along * y[:, None]
        of_teacher = other.residual * overlaps_across + other.along * y[:, None]
        of_first = jnp.sum(first_transposed * overlaps.T + own.along * overlaps, axis=1) + residual_transposed @ y
        of_first += jnp.sum(other.along * overlaps_across, axis=1) + first_output @ raised + along * y
        vectors = cross.projector @ moved + projector[:, None] * moved
        vectors += of_residual @ weights + teacher.combined(of_teacher) + of_first[:, None] * weights
        outputs = jnp.sum(slopes * overlaps, axis=0) - y @ slopes_along
        outputs += jnp.sum(direction * moved, axis=1) + expectation @ raised
        return 2 * output[:, None] * vectors + 2 * raised[:, None] * direction, 2 * outputs

    return product


class _OwnBlocks(eqx.Module):
    """What the own blocks of one side, summed over its neurons, make of X and y (`hessian_operator`)."""

    projector: Float[Array, " width"]
    residual: Float[Array, "width second"]
    along: Float[Array, "width second"]
    first: Float[Array, " width"]

    def __init__(
        self,
        activation: AbstractActivation,
        pairs: Pairs,
        output: Float[Array, " second"],
        ratio: Float[Array, "width second"],
        shift: Float[Array, "width 1"],
    ):
        blocks = scaled(activation.own_block, pairs, output)
        own = 0.0 if blocks.own is None else blocks.own
        mixed = 0.0 if blocks.mixed is None else blocks.mixed
        self.projector = jnp.sum(blocks.projector, axis=1)
        self.residual = blocks.residual
        self.along = mixed - blocks.residual * ratio
        self.first = jnp.sum(own - blocks.projector / shift - (mixed + self.along) * ratio, axis=1)


@eqx.filter_jit
def hessian_vector_product(
    teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork, direction: TwoLayerNetwork
) -> Direction:
    """H (U, u), right to rounding: by matrix products where short vectors allow it, else by differentiating the
    residual form of the gradient.
    """

    def short(step: Direction) -> Direction:
        return hessian_operator(teacher, activation, student)(step)

    def long(step: Direction) -> Direction:
        def gradient(weights: Float[Array, "width input"], output: Float[Array, " width"]) -> Direction:
            return loss_and_gradient(teacher, activation, TwoLayerNetwork(weights, output, activation))[1:]

        change: Direction = jax.jvp(gradient, (student.weights, student.output), step)[1]
        return change

    product: Direction = lax.cond(is_short(student.weights), short, long, (direction.weights, direction.output))
    return product
