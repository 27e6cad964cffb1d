"""The full Hessian's spectrum at a symmetric point, block by block."""

import itertools
from collections.abc import Container
from typing import Any, NamedTuple

import numpy as np

from gradflow._arithmetic import Balls, Extended, Float64, Numbers
from gradflow.problems.symmetric.hessian import HessianProduct
from gradflow.problems.symmetric.landscape import Landscape
from gradflow.problems.symmetric.orbits import Orbit
from gradflow.problems.symmetric.representation import AbstractRepresentation, Direction
from gradflow.problems.symmetric.standard import Standard
from gradflow.problems.symmetric.tensor import Alternating, Symmetric, TwoOrbits
from gradflow.problems.symmetric.trivial import Trivial

# an entry of a block is a sum of products of up to six numbers, each the result of a dozen operations: what is lost on
# the way, in units of rounding of the sum of the terms' sizes
TERMS = 16


class Block(NamedTuple):
    """The Hessian in one representation: a symmetric matrix (..., i, i) in orthonormal directions, and a bound on the
    rounding of each entry. Every eigenvalue of it is one of the Hessian, `dimension` times.

    `room` (..., i) says which directions there are: some exist from a size on only, and their rows are zero.
    """

    name: str
    dimension: Any
    matrix: Numbers
    rounding: Numbers
    room: Numbers


def blocks(
    orbits: tuple[Orbit, ...],
    here: Landscape,
    excess: int,
    arithmetic: Float64 | Extended | Balls,
    only: Container[str] | None = None,
) -> list[Block]:
    """All of the Hessian, in as many dimensions as there are teachers and `excess` more; `only` the representations of
    these names, if given.
    """
    wanted = [one for one in _representations(orbits) if only is None or one.name in only]
    found = [_inside(here, representation, arithmetic) for representation in wanted]
    beyond = _outside(orbits, here, excess, arithmetic) if excess else []
    return found + [block for block in beyond if only is None or block.name in only]


def _representations(orbits: tuple[Orbit, ...]) -> list[AbstractRepresentation]:
    """Those that occur among directions within the teachers' span and of the output weights."""
    found: list[AbstractRepresentation] = [Trivial(orbits)]
    several = [i for i, orbit in enumerate(orbits) if not orbit.alone]
    students, teachers = ([bool(count) for count in counts] for counts in _counts(orbits))
    found += [Standard(orbits, i) for i in several if students[i] or teachers[i]]
    for i, j in itertools.combinations(several, 2):
        if (students[i] and teachers[j]) or (students[j] and teachers[i]):
            found.append(TwoOrbits(orbits, i, j))
    for i in several:
        if students[i] and teachers[i]:
            found += [Symmetric(orbits, i, i), Alternating(orbits, i, i)]
    return found


def _counts(orbits: tuple[Orbit, ...]) -> tuple[list[int], list[int]]:
    return [orbit.students for orbit in orbits], [len(orbit.teachers) for orbit in orbits]


def _inside(here: Landscape, representation: AbstractRepresentation, arithmetic: Float64 | Extended | Balls) -> Block:
    rows, columns = here.weights.rows, here.weights.columns
    basis = representation.basis(rows, columns, arithmetic)
    room = np.asarray(basis.squares > 0, dtype=bool)
    lengths = arithmetic.sqrt(np.where(room, basis.squares, arithmetic.array(1.0)))
    scale = lengths[..., None, :] / lengths[..., :, None]
    used = room[..., :, None] & room[..., None, :]
    start = Direction(rows.spread(), columns.spread(), basis.parts)
    bare = Direction(start.rows, start.columns, tuple(abs(part) for part in basis.parts))
    image = HessianProduct(here, representation)(start, basis.output)
    # (..., direction, coefficient) of the image, in directions of length 1
    matrix = np.where(used, representation.coefficients(*image) * scale, arithmetic.array(0.0))
    sizes = 0 * matrix
    if arithmetic.epsilon:  # balls know their own rounding
        terms = HessianProduct(here.magnitude, representation)(bare, basis.output)
        sizes = np.where(used, abs(representation.coefficients(*terms, sizes=True)) * scale, arithmetic.array(0.0))
    return Block(
        name=representation.name,
        dimension=representation.dimension,
        matrix=(matrix + matrix.swapaxes(-1, -2)) / 2,
        rounding=TERMS * arithmetic.epsilon * sizes,
        room=room,
    )


def _outside(
    orbits: tuple[Orbit, ...], here: Landscape, excess: int, arithmetic: Float64 | Extended | Balls
) -> list[Block]:
    """Directions orthogonal to the teachers, S + diag(u) for each of the `excess` dimensions: on weights that are equal
    within a class of students, and on such as sum to zero within an orbit.
    """
    classes = here.weights.rows
    stretch, turn = here.students.c.scaled(here.output, here.output), 2 * here.output * here.slope
    terms = here.magnitude
    sizes, turns = terms.students.c.scaled(terms.output, terms.output), 2 * terms.output * terms.slope
    lengths = arithmetic.sqrt(classes.sizes)
    scale = lengths[..., :, None] / lengths[..., None, :]

    def made(name: str, dimension: Any, chosen: list[int], matrix: Numbers, bound: Numbers) -> Block:
        at = np.ix_(chosen, chosen)
        identity = arithmetic.array(np.eye(len(classes.orbits)))
        matrix = (2 * (matrix + turn[..., None, :] * identity))[..., at[0], at[1]]
        bound = (2 * (bound + turns[..., None, :] * identity))[..., at[0], at[1]]
        room = np.ones(matrix.shape[:-1], dtype=bool)
        return Block(name, dimension, matrix, TERMS * arithmetic.epsilon * bound, room)

    every = list(range(len(classes.orbits)))
    found = [made("vector", excess, every, stretch.sums * scale, sizes.sums * scale)]
    for i, orbit in enumerate(orbits):
        chosen = [x for x in every if classes.orbits[x] == i]
        if chosen and not orbit.alone:
            name, dimension = f"{Standard(orbits, i).name} x vector", excess * (orbit.size - 1)
            found.append(made(name, dimension, chosen, stretch.diagonal, sizes.diagonal))
    return found
