"""A certificate's statements, each with whether it is proved again from its data alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import Balls, balls
from gradflow.activations import Erf
from gradflow.problems import TeacherStudent
from gradflow.proofs.certificate import Certificate, Statement
from gradflow.proofs.dense.curve import Narrower, curve, narrower_of
from gradflow.proofs.dense.hessian import LARGEST, hessian
from gradflow.proofs.dense.inertia import least_eigenvalue, verified_inertia
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.modes import low_modes
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.sharing import Sharing
from gradflow.proofs.dense.student import Place, Student, require_memory, student_of
from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.lipschitz import hessian_lipschitz
from gradflow.proofs.signs import count_below, index_beyond
from gradflow.proofs.unproved import Unproved

# more than the proof had
_MORE_BITS, _LEAST_BITS = 32, 128
# products of matrices of balls take ten seconds there, and grow like the cube
_MOST_IN_BALLS = 600

_LINE = "gf.verify(gf.certify(problem, point))"
_BOUNDS = ("error", "radius", "isolation", "gap")


@dataclass(frozen=True)
class _Curvature:
    """The index, if it is proved; whether all |λ| of D⁻¹HD⁻¹ are beyond the gap, and the least λ of H in its range; a
    bound on ‖H‖.
    """

    index: int | None
    apart: bool
    least: bool
    norm: float


def of_a_curve(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    """That a curve of critical points passes near: what is said of the narrower student, and how it is split."""
    _checks.whole_curve("verify", certificate, Certificate)
    narrower, student = certificate.narrower, _student(certificate)
    if student is None:
        yield "given", False
        return
    assert certificate.sharing is not None
    assert certificate.radius is not None
    sharing = Sharing(*zip(*certificate.sharing, strict=True))
    if not _fits(sharing, student) or (narrower is None) != (sharing.width == 0):
        yield "sharing", False
        return
    narrow, proved = sharing.narrowed(student), True
    if narrower is not None:
        fits = narrower.statement is Statement.ISOLATED and isinstance(narrower.problem, TeacherStudent)
        narrow_one = _student(narrower) if fits else None
        if narrow_one is None or not _same_teacher(narrow_one, narrow):
            yield "sharing", False
            return
        narrow = narrow_one
        statements = [(name, False) for name in narrower.superfluous]
        for name, held in statements or of_a_point(narrower):
            proved = proved and held
            yield f"{name} of the narrower student", held
    yield "sharing", True
    # how near the curve is rests on all of that
    radius = _distance(student, sharing, narrower_of(narrow, narrower)) if proved else None
    yield "curve", radius is not None
    yield "radius", radius is not None and radius <= certificate.radius < math.inf
    yield from ((name, False) for name in certificate.impossible if name == "seconds")


def _distance(student: Student, sharing: Sharing, narrower: Narrower) -> float | None:
    """From the curve; None where it is not proved that there is one."""
    try:
        return curve(student, sharing, narrower)
    except Unproved:
        return None


def _fits(sharing: Sharing, student: Student) -> bool:
    """Whether every neuron has its place in a narrower student, none of whose neurons is left over."""
    if len(sharing.neurons) != len(student.output) or sharing.width > len(student.output):
        return False
    taken = set(sharing.neurons) - {-1} == set(range(sharing.width))
    signs = all(abs(sign) == (neuron >= 0) for neuron, sign in zip(sharing.neurons, sharing.signs, strict=True))
    return taken and signs and "output" in student.free


def _same_teacher(student: Student, other: Student) -> bool:
    """Whether both have it, and the same width."""
    teachers = np.array_equal(student.teacher_weights, other.teacher_weights)
    outputs = np.array_equal(student.teacher_output, other.teacher_output)
    return teachers and outputs and student.free == other.free and len(student.output) == len(other.output)


def _student(certificate: Certificate) -> Student | None:
    """The given one; None where its numbers are none of which anything can be proved.

    Raises `ValueError` where it is not the problem's.
    """
    problem = _checks.instance("verify", "certificate.problem", certificate.problem, TeacherStudent, _LINE)
    _checks.provable("verify", problem, (TeacherStudent,), Erf)
    student = student_of(problem, problem.check("verify", certificate.given))
    leaves = (student.weights, student.output, student.teacher_weights, student.teacher_output)
    return student if all(np.all(np.abs(leaf) < LARGEST) for leaf in leaves) else None


def of_a_point(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    """That exactly one critical point is near, and what it is."""
    student, loss_range = _student(certificate), certificate.loss
    if student is None:
        yield "given", False
        return
    _checks.whole_certificate("verify", certificate, len(student.trained))
    assert loss_range is not None
    impossible = certificate.impossible
    if impossible:
        yield from ((name, False) for name in impossible)
        return
    require_memory("verify", student)
    arithmetic = balls(max(int(certificate.bits or 0), _LEAST_BITS) + _MORE_BITS)
    number = arithmetic.number
    error, radius, isolation, gap = (number(getattr(certificate, name)) for name in _BOUNDS)
    with arithmetic.working():
        center = arithmetic.array(np.array(certificate.middle, dtype=object))
        place = student.at(center, arithmetic)
        here = Residuals(place)
        moved = number(arithmetic.norm(center - arithmetic.array(student.vector)))
        loss, slope = here.loss(), number(arithmetic.norm(here.gradient()[student.trained]))
        # in both balls that are spoken of
        reach = max(arithmetic.upper(isolation), arithmetic.upper(error))
        lipschitz = number(_lipschitz(student, place, loss, number(reach) + moved, arithmetic))
        # ‖D ΔH D‖ ≤ ‖D‖² ‖ΔH‖
        stretched = lipschitz * number(float(np.max(student.units)) ** 2)
        # of the Hessian at the center, so that the critical point's is as large as stated
        gap_here = gap + lipschitz * error
        least = _drawn_in(certificate.least_eigenvalue, stretched * error, arithmetic)
        found = _measured(student, place, arithmetic.upper(gap_here), least, arithmetic)
        apart = found.apart and bool(gap > 0)
        yield "index", found.index == certificate.index
        yield "gap", apart
        step = slope / gap_here
        exists = apart and bool(step + lipschitz * error * error / (2 * gap_here) <= error)
        yield "critical point", exists
        if least is not None:
            yield "least eigenvalue", exists and found.least
        yield "radius", exists and bool(moved + error <= radius)
        yield "isolation", apart and bool(radius <= isolation) and bool(lipschitz * (isolation + moved) < gap_here)
        change = (slope + (number(found.norm) + stretched * error) * error) * error
        lower, upper = (number(end) for end in (loss_range.lower, loss_range.upper))
        yield "loss", exists and bool(lower <= loss - change) and bool(loss + change <= upper)


def _lipschitz(student: Student, place: Place, loss: Any, reach: Any, arithmetic: Balls) -> float:
    return hessian_lipschitz(
        arithmetic.sizes(place.output),
        np.array([arithmetic.norm(w) for w in place.weights]),
        max(arithmetic.upper(loss), 0.0),
        arithmetic.upper(reach),
        scales=student.scales,
    )


def _drawn_in(ends: Enclosure | None, change: Any, arithmetic: Balls) -> tuple[float, float] | None:
    """A range of the center's least eigenvalue that puts the critical point's into the stated one."""
    if ends is None:
        return None
    lower, upper = (arithmetic.number(end) for end in (ends.lower, ends.upper))
    return arithmetic.upper(lower + change), arithmetic.lower(upper - change)


def _measured(
    student: Student, place: Place, gap: float, least: tuple[float, float] | None, arithmetic: Balls
) -> _Curvature:
    lower, upper = least or (-np.inf, np.inf)
    if len(student.trained) <= _MOST_IN_BALLS:
        matrix = Residuals(place).hessian()[np.ix_(student.trained, student.trained)]
        inverse = arithmetic.array(1 / student.units)
        scaled = inverse[:, None] * matrix * inverse
        index = index_beyond(scaled, gap, arithmetic)
        return _Curvature(
            index=index_beyond(scaled, 0.0, arithmetic) if index is None else index,
            apart=index is not None,
            least=least is not None
            and count_below(matrix, lower, arithmetic) == 0
            and (count_below(matrix, upper, arithmetic) or 0) > 0,
            norm=arithmetic.norm(matrix.ravel()),
        )
    try:
        plain = hessian(Landscape(place), student.trained)
        bounded = hessian(Landscape(place), student.trained, student.scales)
    except Unproved:
        return _Curvature(index=None, apart=False, least=False, norm=np.inf)
    found = verified_inertia(bounded, low_modes(bounded.matrix))
    bounds = (np.nan, np.nan) if least is None else least_eigenvalue(plain, low_modes(plain.matrix))
    return _Curvature(
        index=found.index if found.gap > 0 else None,
        apart=found.gap >= gap,
        least=max(bounds[0], gap if found.index == 0 and found.gap >= gap else -np.inf) >= lower and bounds[1] <= upper,
        norm=float(np.linalg.norm(plain.matrix)) * (1 + 2.0**-20) + plain.error,
    )
