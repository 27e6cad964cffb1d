"""The proof that a point is not isolated: an explicit curve of critical points."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from gradflow._arithmetic import Balls, balls
from gradflow._text import listed
from gradflow.proofs.dense.proof import Isolated, prove
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.sharing import Sharing, proposed_sharing
from gradflow.proofs.dense.student import Student
from gradflow.proofs.lipschitz import network_lipschitz, output_slope_bend
from gradflow.proofs.unproved import Unproved

_UP = 1 + 2.0**-40
# left for whoever checks it with another center
_ROOM = 1 + 2.0**-10
# where there is no narrower student that was proved with some
_BITS = 128


@dataclass(frozen=True)
class Narrower:
    """A student of fewer neurons and what was proved of it; `isolation` = inf where it has none."""

    student: Student
    middle: tuple[Fraction, ...]
    error: float
    isolation: float
    bits: int


@dataclass(frozen=True)
class NotIsolated:
    """The numbers of a certificate, and what was proved of the `narrower` student; None if it has no neuron."""

    radius: float
    sharing: Sharing
    narrower: Isolated | None


def prove_not_isolated(student: Student, digits: int) -> NotIsolated:
    """That a curve of critical points passes near the student, where neurons are duplicates of each other or dead.

    A critical point of the narrower student, whose neurons do what several of the given ones do together, is one of the
    given width however its output weights A ≠ 0 are split: the split is the curve. A dead neuron (a = 0) may have any
    weights w with h(w) = 2 E[(f − f*) σ(w·x)] = 0: where the gradient of h is not zero these are a surface of d − 1
    dimensions, and all of space beside an exact copy of the teacher (f = f*).

    Raises `Unproved`.
    """
    sharing = proposed_sharing(student)
    if "output" not in student.free or not (sharing.dead or sharing.shared):
        raise Unproved("curve", "no two neurons are alike and none is dead")
    narrow = sharing.narrowed(student)
    found = prove(narrow, digits) if sharing.width else None
    radius = curve(student, sharing, narrower_of(narrow, found))
    return NotIsolated(radius * _ROOM, sharing, found)


def narrower_of(student: Student, proved: Any) -> Narrower:
    """With what `Isolated` or a certificate says; nothing is open about a student without neurons."""
    if proved is None:
        return Narrower(student, (), 0.0, math.inf, _BITS)
    return Narrower(student, proved.middle, proved.error, proved.isolation, proved.bits)


def curve(student: Student, sharing: Sharing, narrower: Narrower) -> float:
    """A bound on the distance of the student from the curve. Trusts what is said of the narrower student.

    Raises `Unproved`.
    """
    arithmetic = balls(narrower.bits)
    with arithmetic.working():
        middle = arithmetic.array(np.array(narrower.middle, dtype=object))
        here = Residuals(narrower.student.at(middle, arithmetic))
        changes = _changes(student, sharing, here, narrower, arithmetic)
        found = [_dead(student, i, here, narrower, arithmetic) for i in sharing.dead]
        changes += [arithmetic.number(one.distance) for one in found]
        if not sharing.shared and not any(one.moves for one in found):
            raise Unproved("curve", "the dead neurons have zero weights, and none certainly has a direction to move")
        # a neuron that several share is as far off in each of them
        copies = max((len(group) for group in sharing.shared), default=1)
        radius = arithmetic.norm(np.array(changes, dtype=object)) + math.sqrt(copies) * narrower.error
        return radius * _UP


def _changes(student: Student, sharing: Sharing, here: Residuals, narrower: Narrower, arithmetic: Balls) -> list[Any]:
    """What the neurons that are not dead must change to be on the curve, at the split whose output weights are the
    given ones but for the last of each group.
    """
    changes: list[Any] = []
    for neuron in range(sharing.width):
        members = sharing.members(neuron)
        same = (
            np.array_equal(sharing.signs[i] * narrower.student.weights[neuron], student.weights[i]) for i in members
        )
        if "weights" not in student.free and not all(same):
            raise Unproved("curve", f"the weights of neurons {_named(members)} differ, and are not trained")
        total = left = here.output[neuron]
        if len(members) > 1 and not abs(total) > arithmetic.number(narrower.error):
            raise Unproved("curve", f"the output weights of neurons {_named(members)} may sum to zero")
        for i in members:
            changes += list(sharing.signs[i] * here.weights[neuron] - arithmetic.array(student.weights[i]))
            left = left - sharing.signs[i] * arithmetic.number(student.output[i])
        changes.append(left)
    return changes


class _Dead(NamedTuple):
    """A bound on the distance of a dead neuron from one that leaves the point critical, and whether the weights of that
    one are known to move: on the surface where the loss does not change with its output weight, or freely beside an
    exact copy of the teacher.
    """

    distance: float
    moves: bool


def _dead(student: Student, i: int, here: Residuals, narrower: Narrower, arithmetic: Balls) -> _Dead:
    """By the slope h of the loss in its output weight.

    h(w + t e), e = ∇h/‖∇h‖, has a zero with |t| ≤ δ = 2 |h|/‖∇h‖ and rises up to there, if its second derivative, at
    most 2 ‖f − f*‖ max|σ″| E[(e·x)⁴]^½, leaves half of the slope.
    """
    output, w = abs(float(student.output[i])), arithmetic.array(student.weights[i])
    if "weights" in student.free and _is_perfect_copy(narrower):
        return _Dead(output, moves=True)
    error = narrower.error
    sizes = arithmetic.sizes(here.output) + error
    # E[(f − f*) σ] changes by ‖Δf‖ at most, its derivative along e by no more
    changed = 2 * network_lipschitz(sizes) * error * _UP
    value, slope = here.output_slope(w)
    bend = output_slope_bend((math.sqrt(max(arithmetic.upper(here.loss()), 0.0)) + changed) ** 2)
    direction = arithmetic.float64(slope)
    length = float(np.linalg.norm(direction))
    along = 0.0
    if length > 0:
        unit = arithmetic.array(direction / length)
        along = arithmetic.lower((unit * slope).sum() / arithmetic.number(arithmetic.norm(unit))) - changed
    zero = not np.any(student.weights[i])
    away = 0.0 if zero else math.inf
    movable = along > 0 and "weights" in student.free and len(w) > 1
    if movable and not zero:
        away = 2 * (arithmetic.size(np.array([value])) + changed) / along * _UP
        if not bend * away <= along / 2:
            away = math.inf
    if math.isinf(away):
        raise Unproved("curve", f"neuron {i} is dead, and no weights near it leave the point critical for certain")
    return _Dead(math.hypot(away, output) * _UP, movable)


def _is_perfect_copy(narrower: Narrower) -> bool:
    """Whether the teacher itself, its neurons permuted and signs flipped, lies where there is no other critical point:
    then it is that point, and f = f*.
    """
    student = narrower.student
    vectors, output = student.teacher_weights, student.teacher_output
    if len(vectors) != len(student.weights):
        return False
    mine = np.concatenate([student.weights, student.output[:, None]], axis=1)
    theirs = np.concatenate([vectors, output[:, None]], axis=1)
    apart = np.stack([np.sum((mine[:, None] - sign * theirs) ** 2, -1) for sign in (1, -1)])
    rows, columns = linear_sum_assignment(np.min(apart, axis=0))
    signs = 1.0 - 2.0 * np.argmin(apart, axis=0)[rows, columns]
    # the squares above may underflow: they choose, and prove nothing
    distance = math.hypot(*(mine[rows] - signs[:, None] * theirs[columns]).ravel())
    return distance * (1 + 2.0**-20) <= narrower.isolation


def _named(members: list[int]) -> str:
    return listed(list(map(str, members)))
