"""A symmetric point in balls, as a point of the full space of parameters."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gradflow._arithmetic import Balls, Numbers
from gradflow.problems.symmetric import Orbit, SymmetricNetwork
from gradflow.problems.symmetric.blocks import Block, blocks
from gradflow.problems.symmetric.landscape import Landscape, landscape
from gradflow.problems.symmetric.orbits import student_classes, teacher_classes
from gradflow.problems.symmetric.trivial import Trivial
from gradflow.problems.symmetric.unknowns import entries_of, network_of, vector_of
from gradflow.proofs.lipschitz import hessian_lipschitz
from gradflow.proofs.unproved import Unproved


class Part(NamedTuple):
    """The full Hessian in one representation: a matrix of balls (i, i) whose eigenvalues it has `dimension` times."""

    name: str
    dimension: int
    matrix: Numbers

    @property
    def is_orthogonal(self) -> bool:
        """Whether it is of directions orthogonal to all teachers: one such part for each dimension beyond them."""
        return "vector" in self.name


@dataclass(frozen=True)
class SymmetricPlace:
    """All that a proof needs of a point: `vector`, balls in the metric of the full space (√(number of pairs) × overlap,
    √(number of neurons) × output weight), of a network whose neurons `orbits` of whole sizes permute, in `excess` more
    dimensions than there are teachers. What is found holds for every point in the balls.

    Everything belongs inside `arithmetic.working()`.
    """

    orbits: tuple[Orbit, ...]
    vector: Numbers
    excess: int
    arithmetic: Balls

    @functools.cached_property
    def here(self) -> Landscape:
        """The loss and what its derivatives are made of."""
        network = network_of(self.orbits, self.vector / lengths(self.orbits, self.arithmetic), self.arithmetic)
        return landscape(self.orbits, network.own, network.others, network.output, self.arithmetic)

    @property
    def loss(self) -> Any:
        """L."""
        return self.here.loss

    @functools.cached_property
    def gradient(self) -> Numbers:
        """In the metric of `vector`. The full gradient keeps the symmetry, and has no other entries."""
        return lengths(self.orbits, self.arithmetic) * entries_of(Trivial(self.orbits), self.here)

    @functools.cached_property
    def curvature(self) -> Numbers:
        """The Hessian on directions that keep the symmetry, in the metric of `vector`."""
        (block,) = blocks(self.orbits, self.here, 0, self.arithmetic, only=("trivial",))
        return block.matrix

    def parts(self) -> Iterator[Part]:
        """All of the full Hessian."""
        for block in blocks(self.orbits, self.here, self.excess, self.arithmetic):
            dimension = _whole(block)
            if dimension > 0:
                yield Part(block.name, dimension, block.matrix[np.ix_(block.room, block.room)])

    def lipschitz(self, reach: float) -> float:
        """Of the full Hessian in 2-norms, for all points of the full space within reach."""
        variance = self.here.weights.times(self.here.weights.transposed).own.diagonal()
        upper, sizes = self.arithmetic.upper, student_classes(self.orbits, self.arithmetic).sizes
        return hessian_lipschitz(
            self.arithmetic.sizes(self.here.output),
            np.array([upper(value.sqrt()) for value in variance]),
            max(upper(self.loss), 0.0),
            reach,
            np.array([upper(size) for size in sizes]),
        )


def lengths(orbits: tuple[Orbit, ...], arithmetic: Balls) -> Numbers:
    """√ of how many entries of the full network each unknown stands for."""
    rows, columns = student_classes(orbits, arithmetic), teacher_classes(orbits, arithmetic)
    return arithmetic.sqrt(Trivial(orbits).basis(rows, columns, arithmetic).squares)


def given_vector(orbits: tuple[Orbit, ...], network: SymmetricNetwork, arithmetic: Balls) -> Numbers:
    """A network in the metric of the full space.

    Raises `Unproved` for numbers that are not finite.
    """
    parts = [arithmetic.array(np.asarray(part)) for part in (network.own, network.others, network.output)]
    vector = vector_of(orbits, SymmetricNetwork(*parts), arithmetic)
    if not all(value.is_finite() for value in vector):
        raise Unproved("point", "it is not finite", "A run that diverged has no critical point to prove.")
    return lengths(orbits, arithmetic) * vector


def is_settled(orbits: tuple[Orbit, ...], network: SymmetricNetwork, arithmetic: Balls) -> bool:
    """Whether entries that stand for no overlap, as with the own teacher in another orbit, are zero."""
    parts = [arithmetic.array(np.asarray(part)) for part in (network.own, network.others, network.output)]
    again = network_of(orbits, vector_of(orbits, SymmetricNetwork(*parts), arithmetic), arithmetic)
    pairs = zip(parts, (again.own, again.others, again.output), strict=True)
    return all(bool(x == y) for mine, theirs in pairs for x, y in zip(np.ravel(mine), np.ravel(theirs), strict=True))


def _whole(block: Block) -> int:
    """The dimension, which whole sizes make a whole number."""
    if not isinstance(block.dimension, int):
        raise RuntimeError(
            f"the dimension {block.dimension} of {block.name}: this is a bug in gradflow, please report it"
        )
    return block.dimension
