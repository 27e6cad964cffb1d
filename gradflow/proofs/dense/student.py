"""A student of a teacher as exact numbers: what is trained as one vector."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _memory
from gradflow._arithmetic import Balls, Numbers
from gradflow.networks import TwoLayerNetwork
from gradflow.problems import TeacherStudent

# the Hessian, its shifted copy, a factor, its product, and what LAPACK works in
_MATRICES = 5


class Place(NamedTuple):
    """A student and its teacher in balls."""

    arithmetic: Balls
    weights: Numbers  # (student, input)
    output: Numbers  # (student,)
    teacher_weights: Numbers  # (teacher, input)
    teacher_output: Numbers  # (teacher,)


@dataclass(frozen=True, eq=False)
class Student:
    """The given student, its teacher, and which of its leaves are trained: `free`, in the order of
    `problem.flatten`.
    """

    weights: Float[np.ndarray, "student input"]
    output: Float[np.ndarray, " student"]
    teacher_weights: Float[np.ndarray, "teacher input"]
    teacher_output: Float[np.ndarray, " teacher"]
    free: tuple[str, ...]

    @property
    def trained(self) -> np.ndarray:
        """The places (P,) of what is trained among all weights, row by row, and output weights; P numbers."""
        places = {"weights": np.arange(self.weights.size), "output": self.weights.size + np.arange(self.output.size)}
        return np.concatenate([places[name] for name in self.free])

    @property
    def scales(self) -> Float[np.ndarray, " student"]:
        """Powers of two near |a_i|, at least 1: weight vectors in units in which they move the network as far as output
        weights do. Eigenvalues of D⁻¹HD⁻¹ are no farther from zero than those of H (Ostrowski), and have their signs.
        """
        exponents = np.round(np.log2(np.maximum(np.abs(self.output), 1.0))).astype(int)
        found: np.ndarray = np.ldexp(1.0, exponents)
        return found

    @property
    def units(self) -> Float[np.ndarray, " param"]:
        """D, for what is trained."""
        inputs = self.weights.shape[1]
        found: np.ndarray = np.concatenate([np.repeat(self.scales, inputs), np.ones_like(self.output)])[self.trained]
        return found

    @property
    def vector(self) -> Float[np.ndarray, " param"]:
        """The given point."""
        found: np.ndarray = np.concatenate([self.weights.ravel(), self.output])[self.trained]
        return found

    def at(self, vector: Numbers, arithmetic: Balls) -> Place:
        """Where the trained parameters are these balls."""
        every = arithmetic.array(np.concatenate([self.weights.ravel(), self.output]))
        every[self.trained] = vector
        size = self.weights.size
        return Place(
            arithmetic=arithmetic,
            weights=every[:size].reshape(self.weights.shape),
            output=every[size:],
            teacher_weights=arithmetic.array(self.teacher_weights),
            teacher_output=arithmetic.array(self.teacher_output),
        )


def student_of(problem: TeacherStudent, network: TwoLayerNetwork) -> Student:
    """As float64 has it: every number is taken as the one that it is."""
    leaves = (network.weights, network.output, problem.teacher.weights, problem.teacher.output)
    weights, output, teacher_weights, teacher_output = (np.asarray(leaf, dtype=np.float64) for leaf in leaves)
    return Student(weights, output, teacher_weights, teacher_output, problem.free)


def require_memory(verb: str, student: Student) -> None:
    """Raise `MemoryError` unless a proof fits."""
    size = len(student.trained)
    _memory.require(
        verb,
        _memory.matrices(_MATRICES, size),
        f"the Hessian of {size} parameters and its factors",
        "A member of an exact family needs none: gf.certify(point.problem, point).",
    )
