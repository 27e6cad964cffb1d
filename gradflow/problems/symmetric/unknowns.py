"""The critical points of a symmetric problem as the zeros of as many equations as there are unknowns.

The equations are the entries of the full gradient, one of each class. Unlike the derivatives of the reduced loss they
are regular where an orbit has no unit left, or one without others: a branch of points passes through.
"""

from typing import NamedTuple

import numpy as np

from gradflow._arithmetic import Arithmetic, Extended, Float64, Numbers
from gradflow.problems.symmetric.blocks import TERMS
from gradflow.problems.symmetric.hessian import HessianProduct
from gradflow.problems.symmetric.landscape import Landscape, landscape
from gradflow.problems.symmetric.network import SymmetricNetwork
from gradflow.problems.symmetric.orbits import Orbit, student_classes, teacher_classes
from gradflow.problems.symmetric.representation import Direction
from gradflow.problems.symmetric.trivial import Trivial, pairs

# an overlap may pass through zero
SMALL = 1e-3


class Equations(NamedTuple):
    """Entries of the gradient (..., i), their derivatives (..., i, unknown), and the rounding of the entries."""

    values: Numbers
    jacobian: Numbers
    rounding: Numbers


def vector_of(orbits: tuple[Orbit, ...], network: SymmetricNetwork, arithmetic: Arithmetic) -> Numbers:
    """The unknowns (..., i): overlaps within units, between units, output weights."""
    own, others = pairs(orbits, student_classes(orbits, arithmetic), teacher_classes(orbits, arithmetic))
    parts = [arithmetic.array(part) for part in (network.own, network.others, network.output)]
    entries = [parts[0][(..., *at)] for at in own] + [parts[1][(..., *at)] for at in others]
    return arithmetic.stack(entries + [parts[2][..., x] for x in range(parts[2].shape[-1])])


def network_of(orbits: tuple[Orbit, ...], vector: Numbers, arithmetic: Arithmetic) -> SymmetricNetwork:
    """Back from `vector_of`."""
    rows, columns = student_classes(orbits, arithmetic), teacher_classes(orbits, arithmetic)
    own, others = pairs(orbits, rows, columns)
    zeros = np.zeros((*vector.shape[:-1], len(rows.orbits), len(columns.orbits)))
    parts = [arithmetic.array(zeros.copy()), arithmetic.array(zeros.copy())]
    for i, at in enumerate(own):
        parts[0][(..., *at)] = vector[..., i]
    for i, at in enumerate(others, start=len(own)):
        parts[1][(..., *at)] = vector[..., i]
    return SymmetricNetwork(parts[0], parts[1], vector[..., len(own) + len(others) :])


def equations(orbits: tuple[Orbit, ...], vector: Numbers, arithmetic: Float64 | Extended) -> Equations:
    """At the point with these unknowns."""
    network = network_of(orbits, vector, arithmetic)
    here = landscape(orbits, network.own, network.others, network.output, arithmetic)
    at, rows, columns = Trivial(orbits), here.weights.rows, here.weights.columns
    basis = at.basis(rows, columns, arithmetic)
    image = HessianProduct(here, at)(Direction(rows.spread(), columns.spread(), basis.parts), basis.output)
    return Equations(
        values=entries_of(at, here),
        jacobian=at.coefficients(*image).swapaxes(-1, -2),
        rounding=arithmetic.epsilon * abs(entries_of(at, here.magnitude)),
    )


def gradient_entries(orbits: tuple[Orbit, ...], vector: Numbers, arithmetic: Arithmetic) -> Numbers:
    """The values alone."""
    network = network_of(orbits, vector, arithmetic)
    here = landscape(orbits, network.own, network.others, network.output, arithmetic)
    return entries_of(Trivial(orbits), here)


def entries_of(at: Trivial, here: Landscape) -> Numbers:
    """Of the full gradient, one of each class (..., i)."""
    gradient = here.weights_gradient
    direction = Direction(gradient.rows, gradient.columns, (gradient.constant, gradient.diagonal))
    return at.coefficients(direction, here.output_gradient)


def newton(
    orbits: tuple[Orbit, ...], vector: Numbers, arithmetic: Float64 | Extended, *, max_steps: int = 12
) -> tuple[Numbers, Numbers]:
    """Newton's method from a point that is near; the zero, and whether it got to the rounding level of the equations.

    In float64 also for stacks of points. One more step is taken at that level, where it averages what rounding left.
    """
    converged = np.zeros(vector.shape[:-1], dtype=bool)
    for _ in range(max_steps):
        here = equations(orbits, vector, arithmetic)
        at_rounding = np.asarray((abs(here.values) <= TERMS * here.rounding).all(-1), dtype=bool)
        step = arithmetic.solve(here.jacobian, here.values)
        taken = np.asarray(relative(step, vector) < 1, dtype=bool)
        vector = np.where(taken[..., None], vector - step, vector)
        if np.all(converged):
            break
        # a step on from the rounding level may leave it again by chance
        converged = converged | (at_rounding & taken)
    return vector, converged


def relative(step: Numbers, vector: Numbers) -> Numbers:
    """The largest change of an unknown relative to itself, or to `SMALL` for one that is small."""
    return (abs(step) / (abs(vector) + SMALL)).max(-1)
