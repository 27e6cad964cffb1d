"""A certificate's statements, each with whether it is proved again from its data alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow._arithmetic import Balls, balls
from gradflow.problems import TeacherStudent
from gradflow.proofs.certificate import Certificate
from gradflow.proofs.dense.curve import curve, narrower_of
from gradflow.proofs.dense.hessian import hessian
from gradflow.proofs.dense.inertia import least_eigenvalue, verified_inertia
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.modes import low_modes
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.sharing import Sharing
from gradflow.proofs.dense.student import Place, Student, student_of
from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.lipschitz import hessian_lipschitz
from gradflow.proofs.signs import count_below, index_beyond
from gradflow.proofs.unproved import Unproved

# more than the proof had
_MORE_BITS = 32
# products of matrices of balls take ten seconds there, and grow like the cube
_MOST_IN_BALLS = 600

_BOUNDS = ("error", "radius", "isolation", "gap")


@dataclass(frozen=True)
class _Curvature:
    """The index, if it is proved; whether all |λ| are beyond the gap, and the least λ in its range; a bound on ‖H‖."""

    index: int | None
    apart: bool
    least: bool
    norm: float


def of_a_curve(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    """That a curve of critical points passes near: what is said of the narrower student, and how it is split."""
    problem, narrower = certificate.problem, certificate.narrower
    assert isinstance(problem, TeacherStudent)
    student = student_of(problem, certificate.given)
    pairs = certificate.sharing or ()
    sharing = Sharing(tuple(neuron for neuron, _ in pairs), tuple(sign for _, sign in pairs))
    narrow = None
    if narrower is not None:
        for name, proved in of_a_point(narrower):
            yield f"{name} of the narrower student", proved
        assert isinstance(narrower.problem, TeacherStudent)
        narrow = student_of(narrower.problem, narrower.given)
    fits = _fits(sharing, student, narrow)
    yield "sharing", fits
    if not fits:
        return
    try:
        of = narrower_of(sharing.narrowed(student) if narrow is None else narrow, narrower)
        _, radius = curve(student, sharing, of)
        yield "curve", True
        yield "radius", radius <= (certificate.radius or 0.0)
    except Unproved:
        yield "curve", False


def _fits(sharing: Sharing, student: Student, narrow: Student | None) -> bool:
    """Whether every neuron has its place in a student of the same teacher."""
    signs = zip(sharing.neurons, sharing.signs, strict=True)
    if len(sharing.neurons) != len(student.output) or "output" not in student.free:
        return False
    if not all(abs(sign) == (neuron >= 0) and neuron >= -1 for neuron, sign in signs):
        return False
    if narrow is None:
        return sharing.width == 0
    return (
        all(sharing.members(neuron) for neuron in range(sharing.width))
        and sharing.width == len(narrow.output)
        and student.free == narrow.free
        and np.array_equal(student.teacher_weights, narrow.teacher_weights)
        and np.array_equal(student.teacher_output, narrow.teacher_output)
    )


def of_a_point(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    """That exactly one critical point is near, and what it is."""
    problem, loss_range = certificate.problem, certificate.loss
    assert isinstance(problem, TeacherStudent)
    assert loss_range is not None
    student = student_of(problem, certificate.given)
    arithmetic = balls((certificate.bits or 0) + _MORE_BITS)
    number = arithmetic.number
    error, radius, isolation, gap = (number(getattr(certificate, name)) for name in _BOUNDS)
    with arithmetic.working():
        center = arithmetic.array(np.array(certificate.middle, dtype=object))
        place = student.at(center, arithmetic)
        here = Residuals(place)
        moved = number(arithmetic.norm(center - arithmetic.array(student.vector)))
        loss, slope = here.loss(), number(arithmetic.norm(here.gradient()[student.trained]))
        lipschitz = number(_lipschitz(place, loss, isolation + moved, arithmetic))
        # of the Hessian at the center, so that the critical point's is as large as stated
        gap_here = gap + lipschitz * error
        least = _drawn_in(certificate.least_eigenvalue, lipschitz * error, arithmetic)
        found = _measured(student, place, arithmetic.upper(gap_here), least, arithmetic)
        apart = found.apart and bool(gap > 0)
        yield "index", found.index == certificate.index
        yield "gap", apart
        if least is not None:
            yield "least eigenvalue", found.least
        step = slope / gap_here
        exists = apart and bool(step + lipschitz * error * error / (2 * gap_here) <= error)
        yield "critical point", exists
        yield "radius", bool(moved + error <= radius)
        yield "isolation", apart and bool(radius <= isolation) and bool(lipschitz * (isolation + moved) < gap_here)
        change = (slope + (number(found.norm) + lipschitz * error) * error) * error
        lower, upper = (number(end) for end in (loss_range.lower, loss_range.upper))
        yield "loss", exists and bool(lower <= loss - change) and bool(loss + change <= upper)


def _lipschitz(place: Place, loss: Any, reach: Any, arithmetic: Balls) -> float:
    norms = [arithmetic.upper((w * w).sum().sqrt()) for w in place.weights]
    return hessian_lipschitz(
        arithmetic.sizes(place.output), np.array(norms), max(arithmetic.upper(loss), 0.0), arithmetic.upper(reach)
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
        index = index_beyond(matrix, gap, arithmetic)
        return _Curvature(
            index=index_beyond(matrix, 0.0, arithmetic) if index is None else index,
            apart=index is not None,
            least=least is not None
            and count_below(matrix, lower, arithmetic) == 0
            and (count_below(matrix, upper, arithmetic) or 0) > 0,
            norm=arithmetic.norm(matrix.ravel()),
        )
    bounded = hessian(Landscape(place), student.trained)
    modes = low_modes(bounded.matrix)
    found = verified_inertia(bounded, modes)
    bounds = (np.nan, np.nan) if least is None else least_eigenvalue(bounded, modes)
    return _Curvature(
        index=found.index if found.gap > 0 else None,
        apart=found.gap >= gap,
        least=max(bounds[0], gap if found.index == 0 and found.gap >= gap else -np.inf) >= lower and bounds[1] <= upper,
        norm=float(np.linalg.norm(bounded.matrix)) * (1 + 2.0**-20) + bounded.error,
    )
