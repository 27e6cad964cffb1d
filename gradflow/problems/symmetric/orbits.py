"""Classes of neurons that a symmetry permutes together."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._arithmetic import Arithmetic, Numbers
from gradflow._checks import Checked
from gradflow._plain import Pytree


class Orbit(Pytree, static=("students", "label", "alone")):
    """`size` units that the symmetric group S_size permutes; in each of them `students` student neurons and a teacher
    neuron for every output weight in `teachers`.

    P-n-C has two orbits: n units of a student and its teacher, k − n units of a teacher alone. The size may be any real
    number that is not negative: formulas in it are continued from the integers. A teacher of output weight 0 is a
    dimension that the teacher does not use. `label` names the size where representations are named.

    Raises `ValueError` or `TypeError` for anything else.
    """

    size: Checked[Any]
    students: Checked[int]
    teachers: Checked[tuple[Any, ...]]
    label: Checked[str]
    # one unit has no others, so that overlaps with them are not there to be found
    alone: bool

    def __init__(
        self,
        size: Checked[Any],
        students: Checked[int] = 0,
        teachers: Checked[Any] = (),
        label: Checked[str] = "N",
        *,
        alone: Checked[bool | None] = None,
    ):
        self.size = _checks.orbit_size(size)
        line = "gf.Orbit(size=4, students=1)"
        self.students = _checks.count("Orbit", "students", students, line, least=0, most=_checks.MOST_IN_A_UNIT)
        self.teachers = _checks.output_weights(teachers)
        self.label = _checks.text("Orbit", "label", label, 'gf.Orbit(size=4, students=1, label="n")')
        # a whole 1 is one unit; 1.0 is a real number on its way
        self.alone = (
            isinstance(self.size, int) and self.size == 1 if alone is None else _checks.flag("Orbit", "alone", alone)
        )

    def settled(self, alone: bool) -> "Orbit":
        """The same with or without overlaps between its units."""
        return Orbit(self.size, self.students, self.teachers, self.label, alone=alone)


class Classes(NamedTuple):
    """Kinds of neurons: the orbit of each, and how many neurons it has."""

    orbits: tuple[int, ...]
    sizes: Numbers

    def among(self, orbit: int) -> Float[np.ndarray, " classes"]:
        """1 for classes of this orbit, else 0."""
        return np.array([float(own == orbit) for own in self.orbits])

    def spread(self) -> "Classes":
        """The same for a stack of directions: sizes with an axis before the last."""
        return Classes(self.orbits, self.sizes[..., None, :])


def same_orbit(rows: Classes, columns: Classes) -> Float[np.ndarray, "rows columns"]:
    """1 where row and column belong to the same orbit, else 0."""
    return np.array([[float(i == j) for j in columns.orbits] for i in rows.orbits]).reshape(
        len(rows.orbits), len(columns.orbits)
    )


def student_classes(orbits: tuple[Orbit, ...], arithmetic: Arithmetic) -> Classes:
    """The classes of students, orbit by orbit."""
    return _classes(orbits, [orbit.students for orbit in orbits], arithmetic)


def teacher_classes(orbits: tuple[Orbit, ...], arithmetic: Arithmetic) -> Classes:
    """The classes of teachers, orbit by orbit."""
    return _classes(orbits, [len(orbit.teachers) for orbit in orbits], arithmetic)


def label_of(orbits: tuple[Orbit, ...], index: int) -> str:
    """Of an orbit's size; with its number where several have the same."""
    label = orbits[index].label
    return label if sum(orbit.label == label for orbit in orbits) == 1 else f"{label}[{index}]"


def _classes(orbits: tuple[Orbit, ...], counts: list[int], arithmetic: Arithmetic) -> Classes:
    members = tuple(index for index, count in enumerate(counts) for _ in range(count))
    sizes = [orbits[index].size for index in members]
    return Classes(members, arithmetic.stack(sizes) if sizes else arithmetic.array(np.zeros(0)))
