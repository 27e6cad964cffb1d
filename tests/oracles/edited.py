"""Certificates, and edits that make them false."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

import gradflow as gf
from gradflow.proofs import Certificate, Enclosure, Statement
from oracles.landscape import exact, size
from oracles.truth import Truth


@dataclass(frozen=True, eq=False)
class Certified:
    """A certificate and the truth; None of what is not isolated."""

    certificate: Certificate
    truth: Truth | None
    eigenvalues: np.ndarray
    # the nearest other critical point that is known
    nearest: float


def true_certificates(rng: np.random.Generator) -> list[Certified]:
    """Of the exact families, perfect copies, saddles, frozen leaves, duplicates and dead neurons."""
    students = [gf.copy_average(k=k, n=n).student for k, n in ((2, 1), (3, 1), (3, 2), (4, 2), (5, 3), (8, 3))]
    students += [gf.perturbed_n_copy(k=k, n=n).student for k, n in ((3, 2), (4, 2), (5, 3), (4, 3))]
    students += [gf.copy_average(k=4, n=2, partition=(2, 2)).student, _copy(1), _copy(2), _copy(3)]
    students += [split(students[1], 0, rng), split(_copy(2), 1, rng), dead(_copy(2), rng), dead(students[1], rng)]
    cases = [(_problem(student), student) for student in students]
    cases += [(_problem(students[3], free), students[3]) for free in (("weights",), ("output",))]
    found = [_certified(problem, student, rng) for problem, student in cases]
    return [one for one in found if one.certificate.proved]


def _copy(k: int) -> gf.TwoLayerNetwork:
    return gf.TwoLayerNetwork(np.eye(k, k + 1), np.ones(k))


def _problem(student: gf.TwoLayerNetwork, free: tuple[str, ...] = ("weights", "output")) -> gf.TeacherStudent:
    d = student.weights.shape[1]
    return gf.TeacherStudent(gf.orthonormal_teacher(k=d - 1, d=d), width=len(student.output), free=free)


def split(student: gf.TwoLayerNetwork, i: int, rng: np.random.Generator) -> gf.TwoLayerNetwork:
    """One neuron as two."""
    weights, output = np.asarray(student.weights), np.asarray(student.output).copy()
    share = float(rng.normal())
    output[i] -= share
    return gf.TwoLayerNetwork(np.concatenate([weights, weights[i : i + 1]]), np.append(output, share))


def dead(student: gf.TwoLayerNetwork, rng: np.random.Generator) -> gf.TwoLayerNetwork:
    """With one more neuron that does nothing."""
    weights = np.concatenate([student.weights, rng.choice([0.0, 1.0]) * rng.normal(size=(1, student.weights.shape[1]))])
    return gf.TwoLayerNetwork(weights, np.append(student.output, 0.0))


def _certified(problem: Any, student: Any, rng: np.random.Generator) -> Certified:
    # beside the critical point, so that distances are not of the size of rounding
    vector = np.asarray(problem.flatten(student))
    beside = problem.unflatten(vector + 1e-9 * rng.normal(size=vector.size), student)
    certificate = gf.certify(problem, beside, least_eigenvalue=True)
    if certificate.statement is not Statement.ISOLATED:
        return Certified(gf.certify(problem, student), None, np.zeros(0), math.inf)
    truth = Truth(problem, beside, certificate.middle)
    nearest = min((float(size(other - truth.given)) for other in truth.others()), default=math.inf)
    return Certified(certificate, truth, truth.eigenvalues(), nearest)


Edit = Callable[[Certified, np.random.Generator], Certificate | None]
EDITS: dict[str, Edit] = {}


def _edit(kind: str, of_points: bool = True) -> Callable[[Edit], Edit]:
    """Of isolated points only, or of others."""

    def register(edit: Edit) -> Edit:
        def fitting(true: Certified, rng: np.random.Generator) -> Certificate | None:
            return edit(true, rng) if (true.truth is not None) == of_points else None

        EDITS[kind] = fitting
        return edit

    return register


def _network(problem: Any, given: Any, vector: np.ndarray) -> Any:
    return problem.unflatten(vector, given)


def _power(rng: np.random.Generator, low: float, high: float) -> float:
    return float(10.0 ** rng.uniform(low, high))


@_edit("another index")
def _index(true: Certified, rng: np.random.Generator) -> Certificate:
    right = int(true.certificate.index or 0)
    return replace(true.certificate, index=int(rng.choice([i for i in range(-1, right + 4) if i != right])))


@_edit("an error below the true one")
def _error(true: Certified, rng: np.random.Generator) -> Certificate | None:
    assert true.truth is not None
    apart = float(size(true.truth.point - exact(true.certificate.middle)))
    return replace(true.certificate, error=apart * rng.uniform(0, 0.999)) if apart > 0 else None


@_edit("a radius below the true distance")
def _radius(true: Certified, rng: np.random.Generator) -> Certificate:
    assert true.truth is not None
    apart = float(size(true.truth.point - true.truth.given))
    return replace(true.certificate, radius=apart * float(rng.choice([rng.uniform(0, 0.999), 1 - 1e-12])))


@_edit("an isolation with two critical points")
def _isolation(true: Certified, rng: np.random.Generator) -> Certificate | None:
    if not math.isfinite(true.nearest):
        return None
    return replace(true.certificate, isolation=true.nearest * (1 + _power(rng, -9, 3)))


@_edit("a gap beyond the least eigenvalue")
def _gap(true: Certified, rng: np.random.Generator) -> Certificate:
    return replace(true.certificate, gap=float(np.min(np.abs(true.eigenvalues))) * (1 + _power(rng, -9, 3)))


@_edit("a range without the least eigenvalue")
def _least(true: Certified, rng: np.random.Generator) -> Certificate:
    value = Fraction(float(np.min(true.eigenvalues)))
    change = abs(value) * Fraction(_power(rng, -9, 1))
    ends = (value + change, value + 2 * change) if rng.random() < 0.5 else (value - 2 * change, value - change)
    return replace(true.certificate, least_eigenvalue=Enclosure(*ends))


@_edit("a range without the loss")
def _loss(true: Certified, rng: np.random.Generator) -> Certificate:
    assert true.truth is not None
    _, mantissa, exponent, _ = true.truth.here.loss()._mpf_
    value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    change = Fraction(_power(rng, -60, 0))
    ends = (value + change, value + 1) if rng.random() < 0.5 else (value - 1, value - change)
    return replace(true.certificate, loss=Enclosure(*ends))


@_edit("another center")
def _center(true: Certified, rng: np.random.Generator) -> Certificate:
    middle, bound = list(true.certificate.middle), float(true.certificate.error or 0)
    middle[rng.integers(len(middle))] += Fraction(bound * (2 + _power(rng, -3, 30)) * float(rng.choice([-1, 1])))
    return replace(true.certificate, middle=tuple(middle))


@_edit("a center of another length")
def _length(true: Certified, rng: np.random.Generator) -> Certificate:
    middle = true.certificate.middle
    return replace(true.certificate, middle=[(), middle[:1], middle[:-1], (*middle, middle[0])][rng.integers(4)])


@_edit("another given point")
def _given(true: Certified, rng: np.random.Generator) -> Certificate:
    assert true.truth is not None
    certificate, direction = true.certificate, rng.normal(size=len(true.truth.given))
    vector = true.truth.given.astype(np.float64)
    step = float(certificate.radius or 0) * (2.1 + _power(rng, -3, 9)) + 1e-14
    moved = vector + step * direction / np.linalg.norm(direction)
    return replace(certificate, given=_network(certificate.problem, certificate.given, moved))


@_edit("another teacher")
def _teacher(true: Certified, rng: np.random.Generator) -> Certificate:
    """By more than its critical points may move."""
    problem: Any = true.certificate.problem
    change = _power(rng, -6, 0)
    output = np.asarray(problem.teacher.output) + change * rng.choice([-1, 1], size=len(problem.teacher.output))
    other = gf.TwoLayerNetwork(problem.teacher.weights, output)
    return replace(true.certificate, problem=gf.TeacherStudent(other, width=problem.width, free=problem.free))


@_edit("another problem")
def _other(true: Certified, rng: np.random.Generator) -> Certificate:
    problem: Any = true.certificate.problem
    width, free = problem.width + int(rng.integers(2)), ("weights", "output")
    if width == problem.width:
        free = ("output",) if "weights" in problem.free else ("weights",)
    return replace(true.certificate, problem=gf.TeacherStudent(problem.teacher, width=width, free=free))


@_edit("bounds that are none")
def _impossible(true: Certified, rng: np.random.Generator) -> Certificate:
    """Some negative or zero, NaN, infinite; all negative at once too."""
    names = ("error", "radius", "isolation", "gap")
    chosen = names if rng.random() < 0.3 else [names[rng.integers(4)]]
    size_ = _power(rng, -12, 1)
    value = float(rng.choice([-size_, -math.inf, math.inf, math.nan, 0.0]))
    if value == 0:
        chosen = ["gap"]
    return replace(true.certificate, **dict.fromkeys(chosen, value))


@_edit("negative distances that fit each other")
def _negative(true: Certified, rng: np.random.Generator) -> Certificate:
    # between once and twice the reach of what is known, where a sign that is lost makes inequalities true
    error = -float(true.certificate.isolation or 0) * rng.uniform(0.9, 2.1)
    radius = error * rng.uniform(0, 1.2)
    return replace(true.certificate, error=error, radius=radius, isolation=radius * rng.uniform(0, 1.2))


@_edit("no bound")
def _none(true: Certified, rng: np.random.Generator) -> Certificate:
    name = str(rng.choice(["error", "radius", "isolation", "gap", "loss", "index", "bits"]))
    return replace(true.certificate, **{name: None})


@_edit("bits that are none")
def _bits(true: Certified, rng: np.random.Generator) -> Certificate:
    return replace(true.certificate, bits=int(rng.choice([-(10**6), -128, 0, 10**15])))


@_edit("a curve where there is none")
def _curve(true: Certified, rng: np.random.Generator) -> Certificate:
    """Of the point itself as the narrower student of all or some of its neurons."""
    width = len(true.certificate.given.output)
    sharing = [(int(rng.integers(-2, width)), int(rng.choice([-1, 0, 1]))) for _ in range(width)]
    if rng.random() < 0.3:
        sharing = [(i, 1) for i in range(width)]
    return replace(
        true.certificate, statement=Statement.NOT_ISOLATED, sharing=tuple(sharing), narrower=true.certificate
    )


@_edit("a curve that is too far", of_points=False)
def _far(true: Certified, rng: np.random.Generator) -> Certificate | None:
    """The given student moved by more than the radius in all weights and output weights that are not zero: no split
    makes up for that.
    """
    certificate, given = true.certificate, true.certificate.given
    step = (float(certificate.radius or 0) + 1e-13) * (20 + _power(rng, -1, 8))
    if step > 1e-2:
        return None
    output = np.asarray(given.output)
    weights = np.asarray(given.weights) + step * rng.choice([-1, 1], size=given.weights.shape) * (output != 0)[:, None]
    return replace(certificate, given=gf.TwoLayerNetwork(weights, output))


@_edit("other neurons on a curve", of_points=False)
def _sharing(true: Certified, rng: np.random.Generator) -> Certificate:
    sharing = list(true.certificate.sharing or ())
    alive = [i for i, (neuron, _) in enumerate(sharing) if neuron >= 0]
    i = int(rng.choice(alive))
    neuron, sign = sharing[i]
    sharing[i] = [(neuron, -sign), (neuron, 0), (-1, 0), (-2, 0), (neuron + 1, sign), (10**9, 1)][rng.integers(6)]
    return replace(true.certificate, sharing=tuple(sharing) if rng.random() < 0.9 else None)


@_edit("a false narrower student", of_points=False)
def _narrower(true: Certified, rng: np.random.Generator) -> Certificate | None:
    narrower = true.certificate.narrower
    if narrower is None:
        return None
    wrong: dict[str, Any] = {"index": -1, "gap": 1e3, "isolation": 1e3, "error": math.nan, "middle": (), "loss": None}
    name = str(rng.choice([*wrong, "narrower"]))
    if name == "narrower":
        return replace(true.certificate, narrower=None)
    return replace(true.certificate, narrower=replace(narrower, **{name: wrong[name]}))
