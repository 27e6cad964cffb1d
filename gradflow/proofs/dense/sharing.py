"""How neurons share the work of a narrower student."""

from dataclasses import dataclass

import numpy as np

from gradflow.proofs.dense.student import Student

# neurons that look alike, or dead, to this; whether they are is then proved
_ALIKE = 1e-6


@dataclass(frozen=True)
class Sharing:
    """Neuron i does the work of the narrower student's neuron `neurons[i]`, with the sign `signs[i]`, together with all
    others that do; −1 and 0 for a dead one, whose output weight is zero.
    """

    neurons: tuple[int, ...]
    signs: tuple[int, ...]

    @property
    def width(self) -> int:
        """Of the narrower student."""
        return max(self.neurons, default=-1) + 1

    @property
    def dead(self) -> list[int]:
        return self.members(-1)

    @property
    def shared(self) -> list[list[int]]:
        """Groups of two or more that share one neuron's work."""
        groups = (self.members(neuron) for neuron in range(self.width))
        return [group for group in groups if len(group) > 1]

    def members(self, neuron: int) -> list[int]:
        """Who does the work of one."""
        return [i for i, own in enumerate(self.neurons) if own == neuron]

    def is_exact(self, student: Student) -> bool:
        """Whether neurons that share have the same weights, and dead ones the output weight 0, to the last bit."""
        alike = (
            np.array_equal(self.signs[i] * student.weights[i], self.signs[group[0]] * student.weights[group[0]])
            for group in self.shared
            for i in group
        )
        return not np.any(student.output[self.dead]) and all(alike)

    def narrowed(self, student: Student) -> Student:
        """The weights of the first of each group, the sum of their output weights."""
        first = [self.members(neuron)[0] for neuron in range(self.width)]
        signed = np.array(self.signs) * student.output
        output = np.array([np.sum(signed[self.members(neuron)]) for neuron in range(self.width)])
        weights = np.array(self.signs)[first, None] * student.weights[first]
        return Student(weights, output, student.teacher_weights, student.teacher_output, student.free)


def proposed_sharing(student: Student) -> Sharing:
    """By the looks of it."""
    neurons: list[int] = []
    signs: list[int] = []
    first: list[int] = []
    for i, (w, a) in enumerate(zip(student.weights, student.output, strict=True)):
        if abs(a) <= _ALIKE:
            neurons.append(-1)
            signs.append(0)
            continue
        room = _ALIKE * max(1.0, float(np.linalg.norm(w)))
        alike = [
            (at, sign)
            for at, j in enumerate(first)
            for sign in (1, -1)
            if np.linalg.norm(w - sign * student.weights[j]) <= room
        ]
        if not alike:
            alike = [(len(first), 1)]
            first.append(i)
        neurons.append(alike[0][0])
        signs.append(alike[0][1])
    return Sharing(tuple(neurons), tuple(signs))
