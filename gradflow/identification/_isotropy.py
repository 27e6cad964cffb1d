"""isotropy: which symmetries of the loss leave a network where it is."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.identification.automorphisms import Automorphisms, Factor, Table, automorphisms
from gradflow.identification.options import IdentifyOptions

if TYPE_CHECKING:
    from gradflow.problems import TeacherStudent


@dataclass(frozen=True, repr=False)
class Isotropy:
    """The symmetries of the loss that leave a student where it is.

    `label` in the field's notation, ΔS_n for students permuted together with teachers and S_m ≀ ΔS_n for such groups of
    m each; `order` that of the permutations and signs, without the rotations O(`rotations`). `complete`: no others
    exist, to the tolerance; else the label begins with "at least". The orbits are those of the group found. `dead`
    students have w = 0 and a = 0; those of one tuple in `duplicates` have the same w up to sign, not always the same a.
    """

    label: str
    order: int
    complete: bool
    rotations: int
    teacher_orbits: tuple[tuple[int, ...], ...]
    student_orbits: tuple[tuple[int, ...], ...]
    dead: tuple[int, ...]
    duplicates: tuple[tuple[int, ...], ...]
    tolerance: float

    def __str__(self) -> str:
        at_least = "" if self.complete else "at least "
        lines = [
            f"isotropy: {self.label}; order {at_least}{self.order} without rotations, "
            f"entries equal to {self.tolerance:.1e}",
            f"teachers {_shown(self.teacher_orbits)}",
            f"students {_shown(self.student_orbits)}",
        ]
        if self.dead:
            lines.append(f"dead students {_shown([self.dead])}")
        if self.duplicates:
            lines.append(f"duplicated students {_shown(self.duplicates)}")
        return "\n".join(lines)

    __repr__ = __str__


@overflow_is_looked_at
def isotropy(problem: Checked["TeacherStudent"], student: Any, *, tolerance: Checked[float | None] = None) -> Isotropy:
    """The isotropy of a student of an orthonormal teacher: the permutations of the teachers, rotations orthogonal to
    them, and permutations and signs of the students, that together leave W and a where they are.

    With R = W Vᵀ and Q_⊥ the overlaps of what lies outside the teachers' span, permutations π of the students with
    signs s, and ρ of the teachers, belong to it if s_i R_{π(i)ρ(j)} = R_ij, s_i a_π(i) = a_i and
    s_i s_j (Q_⊥)_{π(i)π(j)} = (Q_⊥)_ij: a rotation then makes up for the rest. Signs of teachers are no symmetry of the
    loss, since f* would be another function.

    `student`: parameters, or anything that has them. Entries that differ by at most `tolerance`, relative to the
    longest (w_i, a_i) or 1, count as equal; left out, that is ten Newton steps, as for `identify`. Every generator is
    tested so. That nothing is missed is tested too, by colour refinement, which bounds the order from above: `complete`
    says whether the bound is attained. "At least" does not mean that there is more.

    Raises `ValueError` for a teacher that is not orthonormal with unit output weights. Source of the notation: Arjevani
    & Field (2021), arXiv 2107.10370.
    """
    from gradflow.critical_points.spectrum import newton_step_at
    from gradflow.problems import TeacherStudent, is_orthonormal
    from gradflow.problems.base import parameters_of

    line = "gf.isotropy(gf.TeacherStudent(gf.orthonormal_teacher(k=8), width=4), point)"
    _checks.instance("isotropy", "problem", problem, TeacherStudent, line)
    _checks.orthonormal("isotropy", is_orthonormal(problem.teacher), line)
    network = problem.check("isotropy", parameters_of(student))
    if tolerance is None:
        step = getattr(student, "newton_step", None)
        tolerance = IdentifyOptions().tolerance(newton_step_at(problem, network) if step is None else step)
    tolerance = _checks.tolerance("isotropy", "tolerance", tolerance, zero=True)
    weights, output = np.asarray(network.weights), np.asarray(network.output)
    return isotropy_of(weights, output, np.asarray(problem.teacher.weights), tolerance)


def isotropy_of(
    weights: Float[np.ndarray, "student input"],
    output: Float[np.ndarray, " student"],
    teachers: Float[np.ndarray, "teacher input"],
    tolerance: float,
) -> Isotropy:
    """The same of plain arrays, for orthonormal rows `teachers`."""
    rows = np.column_stack([weights, output])
    scale = max(1.0, *(math.hypot(*row) for row in rows))
    bound = tolerance * scale
    rows, unclear = _in_one_sign(rows, teachers, bound)
    overlaps = rows[:, :-1] @ teachers.T
    outside = rows[:, :-1] - overlaps @ teachers
    found = automorphisms(Table(overlaps, rows[:, -1], (outside / scale) @ outside.T, bound))
    rotations = weights.shape[1] - len(teachers) - int(np.linalg.matrix_rank(outside, tol=bound))
    dead = tuple(int(i) for i in np.flatnonzero(np.max(np.abs(rows), axis=1) <= bound))
    factors, product = _factors_of(found, set(dead))
    order = found.order * 2 ** len(dead)
    complete = found.order == found.bound and not unclear
    label = " × ".join([*factors, *([f"O({rotations})"] if rotations else [])]) or "trivial"
    if not product:
        label = f"a group of order {order}" + (f" × O({rotations})" if rotations else "")
    return Isotropy(
        label=label if complete else f"at least {label}",
        order=order,
        complete=complete,
        rotations=rotations,
        teacher_orbits=found.orbits("teachers"),
        student_orbits=found.orbits("students"),
        dead=dead,
        duplicates=_duplicates(rows[:, :-1], bound),
        tolerance=tolerance,
    )


def _in_one_sign(
    rows: Float[np.ndarray, "student row"], teachers: Float[np.ndarray, "teacher input"], bound: float
) -> tuple[Float[np.ndarray, "student row"], bool]:
    """(w_i, a_i) with the sign that makes a_i positive or, where that is zero, Σ_j R_ij; then a symmetry has no signs
    left but those of dead neurons. True if for some neuron both are zero, and its sign is a matter of chance.
    """
    sums = np.sum(rows[:, :-1] @ teachers.T, axis=1)
    silent = np.abs(rows[:, -1]) <= bound
    told_by = np.where(silent, sums, rows[:, -1])
    chance = silent & (np.abs(sums) <= len(teachers) * bound) & (np.max(np.abs(rows), axis=1) > bound)
    return rows * np.where(told_by < 0, -1.0, 1.0)[:, None], bool(np.any(chance))


class _Inner(NamedTuple):
    """What permutes within the blocks of a factor: their names, and whether each unit has one of every such block."""

    names: list[str]
    one_a_unit: bool


def _factors_of(found: Automorphisms, dead: set[int]) -> tuple[list[str], bool]:
    """The factors in the field's notation, and whether the group is their product."""
    names, product = [], True
    taken: dict[str, set[int]] = {"students": set(), "teachers": set()}
    for factor in sorted(found.factors, key=lambda factor: -factor.size):
        inner = _inner(found, factor)
        product &= inner.one_a_unit
        together = f"{'Δ' if factor.moved('students') else ''}S_{factor.size}"
        within = " × ".join(inner.names)
        names.append(f"({f'({within})' if len(inner.names) > 1 else within} ≀ {together})" if within else together)
        for side, blocks in taken.items():
            blocks |= factor.moved(side)
    for side in ("teachers", "students"):
        alone = [block for i, block in enumerate(getattr(found, side)) if i not in taken[side]]
        for block in sorted(alone, key=len, reverse=True):
            names += _name(side, len(block), is_dead=side == "students" and block[0] in dead)
    return names, product


def _inner(found: Automorphisms, factor: Factor) -> _Inner:
    names, one_a_unit = [], True
    for side in ("teachers", "students"):
        for orbit in factor.orbits(side):
            name = _name(side, len(getattr(found, side)[orbit[0]]))
            names += name
            one_a_unit &= not name or len(orbit) == factor.size
    return _Inner(names, one_a_unit)


def _name(side: str, size: int, *, is_dead: bool = False) -> list[str]:
    """Of the group that permutes interchangeable neurons, and flips dead ones; none if that is trivial."""
    if is_dead:
        return ["Z_2(dead student)"] if size == 1 else [f"(Z_2 ≀ S_{size})(dead students)"]
    said = "" if side == "teachers" else "(students)"
    return [f"S_{size}{said}"] if size > 1 else []


def _duplicates(weights: Float[np.ndarray, "student input"], bound: float) -> tuple[tuple[int, ...], ...]:
    """Students with the same w up to sign, and w not zero."""
    groups: list[list[int]] = []
    for i in np.flatnonzero(np.max(np.abs(weights), axis=1) > bound):
        for group in groups:
            first = weights[group[0]]
            if min(np.max(np.abs(weights[i] - first)), np.max(np.abs(weights[i] + first))) <= bound:
                group.append(int(i))
                break
        else:
            groups.append([int(i)])
    return tuple(tuple(group) for group in groups if len(group) > 1)


def _shown(orbits: Any) -> str:
    return " ".join("{" + ", ".join(map(str, orbit)) + "}" for orbit in orbits)
