"""The student's neurons paired with themselves and with the teacher's, and what an activation makes of a pair."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jax.custom_batching import custom_vmap
from jaxtyping import Array, Bool, Float

from gradflow.activations import AbstractActivation, BlockCoefficients, Pairs
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.pairs import residual_pairs
from gradflow.problems.teacher import Teacher

# ‖w‖² up to which D keeps all but a few units of rounding without the residual form: c²/D² ≤ pq/(1 + p + q) < p
_SHORT = 8.0


class Side(eqx.Module):
    """The pairs of the student's neurons with one network's: itself, or the teacher (with output weights −b)."""

    pairs: Pairs
    residual: Float[Array, "first second input"]
    vectors: Float[Array, "second input"]
    output: Float[Array, " second"]


def sides_of(teacher: Teacher, activation: AbstractActivation, student: TwoLayerNetwork) -> tuple[Side, Side]:
    """Both sides, in the residual form."""
    among, own = residual_pairs(student.weights, student.weights, activation)
    across, other = residual_pairs(student.weights, teacher.weights, activation)
    return (
        Side(pairs=among, residual=own, vectors=student.weights, output=student.output),
        Side(pairs=across, residual=other, vectors=teacher.weights, output=-teacher.output),
    )


def is_short(weights: Float[Array, "width input"]) -> Bool[Array, ""]:
    """Whether no neuron is long enough to need the residual form. In a batch the answer is one for all its lanes, so
    that a branch on it remains a branch.
    """
    short: Bool[Array, ""] = _all_short(lax.stop_gradient(weights))
    return short


@custom_vmap
def _all_short(weights: Float[Array, "*batch width input"]) -> Bool[Array, ""]:
    return jnp.max(jnp.sum(weights * weights, axis=-1)) <= _SHORT


@_all_short.def_vmap
def _all_lanes_short(
    lanes: int, batched: list[bool], weights: Float[Array, "*batch width input"]
) -> tuple[Bool[Array, ""], bool]:
    return _all_short(weights), False


def expectation_of(activation: AbstractActivation, pairs: Pairs) -> Float[Array, "first second"]:
    """g of every pair."""
    return activation.expectation(pairs.p, pairs.q, pairs.c, gram_determinant=pairs.gram_determinant)


def direction_of(activation: AbstractActivation, sides: tuple[Side, Side]) -> Float[Array, "width input"]:
    """∇_{w_i}L / (2 a_i)."""
    own, other = (
        jnp.einsum("ij,ijd->id", activation.gradient_coefficient(side.pairs) * side.output[None], side.residual)
        for side in sides
    )
    return own + other


def scaled(
    block: Callable[[Pairs], BlockCoefficients], pairs: Pairs, output: Float[Array, " second"]
) -> BlockCoefficients:
    """A block's coefficients, times the other neuron's output weight."""
    return block(pairs).map(lambda part: part * output[None])
