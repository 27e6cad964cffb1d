"""certify: prove what a critical point is."""

import time
from typing import Any

import numpy as np

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.activations import Erf
from gradflow.networks import TwoLayerNetwork
from gradflow.problems import AbstractProblem, SymmetricTeacherStudent, TeacherStudent
from gradflow.problems.base import parameters_of
from gradflow.proofs.certificate import Certificate, Statement
from gradflow.proofs.dense.curve import NotIsolated, prove_not_isolated
from gradflow.proofs.dense.proof import Isolated, prove
from gradflow.proofs.dense.student import Student, require_memory, student_of
from gradflow.proofs.roundings import UNIT
from gradflow.proofs.symmetric import certify_symmetric
from gradflow.proofs.unproved import Unproved

# float64 underflows, and with it the bounds, below 1e-308
_MOST_DIGITS = 280
# of a refined point, where the Hessian is well conditioned across the curve
_ROUNDINGS = 128
# in which balls take a tenth of a second
_FEW = 30


def certify(
    problem: Checked[AbstractProblem], point: Any, *, digits: Checked[int] = 30, least_eigenvalue: Checked[bool] = False
) -> Certificate:
    """Prove that exactly one critical point lies near the given one, its index, and its loss.

    Exactly one critical point θ* lies within `.radius` of the given point; its Hessian has exactly `.index` negative
    eigenvalues and none within `.gap` of zero; L(θ*) is in `.loss`. θ* is refined to `digits` decimals: `.center`, off
    by at most `.error`. The proof is by Newton–Kantorovich; the Hessian's inertia is verified by a shifted Cholesky
    factor, in float64 whose rounding is bounded beforehand, and in balls where that does not do; the point and its
    gradient are in balls throughout (Arb). Constants, sums and functions are enclosed; nothing is computed by XLA.
    `gf.verify` checks a certificate by other formulas. `least_eigenvalue` asks for an enclosure of the least one too.

    `point`: parameters, or anything that has them (a `Point`, a `Solution`, a member of an exact family). A statement
    that could not be proved is "not proved", with the step that failed, the reason, and what would help (a point that
    is not critical, or too far from the critical point; an eigenvalue that is too small). It is never the contrary.
    Where neurons are duplicates of each other or dead, or nearly so, `.statement` may be NOT_ISOLATED: that a curve of
    critical points passes within `.radius` of the given point, on which neurons share weights or do nothing, is proved
    as well. At a distance beyond rounding that is said only of a point that could not be proved to be isolated itself.

    Of a `SymmetricTeacherStudent` the full space is meant: existence, uniqueness, index and distances there are proved
    from the few numbers of the symmetric point, at any k and n. A member of an exact family with its own `problem` is
    taken with as many digits as the proof needs, in its own `d`.

    Raises `ValueError` without python-flint (the line to install it) and for a problem that is not made of `gf.Erf`
    neurons, `MemoryError` before anything is computed that would not fit. Sources: Moore, Kearfott & Cloud,
    Introduction to Interval Analysis (2009), chapter 8; Rump, BIT 46 (2006); Johansson, Arb (2017).
    """
    _checks.extra("certify", "flint", "proofs")
    _checks.instance("certify", "problem", problem, AbstractProblem, "gf.certify(problem, point)")
    digits = _checks.digits("certify", digits, _MOST_DIGITS)
    least_eigenvalue = _checks.flag("certify", "least_eigenvalue", least_eigenvalue)
    started = time.perf_counter()
    _checks.provable("certify", problem, (TeacherStudent, SymmetricTeacherStudent), Erf)
    if isinstance(problem, SymmetricTeacherStudent):
        return certify_symmetric(problem, point, digits=digits, least_eigenvalue=least_eigenvalue)
    assert isinstance(problem, TeacherStudent)
    network = parameters_of(point)
    _checks.instance("certify", "point", network, TwoLayerNetwork, "gf.certify(problem, gf.refine(problem, student))")
    try:
        _finite(network)
        network = problem.check("certify", network)
        student = student_of(problem, network)
        require_memory("certify", student)
        statement = _proved(problem, student, digits, least_eigenvalue)
    except Unproved as failure:
        statement = {
            "statement": Statement.NOT_PROVED,
            "step": failure.step,
            "reason": failure.reason,
            "advice": failure.advice,
            "middle": failure.middle,
        }
    return Certificate(problem=problem, given=network, seconds=time.perf_counter() - started, **statement)


def _proved(problem: TeacherStudent, student: Student, digits: int, least_eigenvalue: bool) -> dict[str, Any]:
    """The fields of the certificate of an isolated point, or of one by which a curve passes.

    A curve through the point itself is looked for before balls are tried, in which that takes long and cannot succeed.
    One that passes at a distance says nothing about the point: it may be isolated all the same, as the copy of two
    teachers that are nearly alike is.
    """
    try:
        return _isolated(prove(student, digits, least=least_eigenvalue, in_balls=False))
    except Unproved as failure:
        try:
            found = prove_not_isolated(student, digits)
        except Unproved:
            found = None
        if failure.step == "precision" and not (found is not None and _is_on_it(student, found)):
            try:
                return _isolated(prove(student, digits, least=least_eigenvalue))
            except Unproved as more:
                failure = more
        if found is None:
            raise failure from None
    return _beside_a_curve(problem, student, found)


def _is_on_it(student: Student, found: NotIsolated) -> bool:
    """Whether a point is on a curve for all that rounding can tell: its neurons are exactly alike or dead, or it is as
    near as a point in float64 can be and has too many parameters to look for an isolated one still nearer.
    """
    if found.sharing.is_exact(student):
        return True
    rounding = _ROUNDINGS * UNIT * max(1.0, float(np.linalg.norm(student.vector)))
    return found.radius <= rounding and len(student.vector) > _FEW


def _beside_a_curve(problem: TeacherStudent, student: Student, found: NotIsolated) -> dict[str, Any]:
    narrower = None
    if found.narrower is not None:
        narrow = found.sharing.narrowed(student)
        narrower = Certificate(
            problem=TeacherStudent(problem.teacher, found.sharing.width, free=problem.free),
            given=TwoLayerNetwork(narrow.weights, narrow.output, problem.activation),
            seconds=0.0,  # part of the whole
            **_isolated(found.narrower),
        )
    return {
        "statement": Statement.NOT_ISOLATED,
        "radius": found.radius,
        "sharing": tuple(zip(found.sharing.neurons, found.sharing.signs, strict=True)),
        "narrower": narrower,
    }


def _isolated(found: Isolated) -> dict[str, Any]:
    return {"statement": Statement.ISOLATED, **vars(found)}


def _finite(network: TwoLayerNetwork) -> None:
    for name in ("weights", "output"):
        wrong = np.argwhere(~np.isfinite(np.asarray(getattr(network, name))))
        if len(wrong):
            place, value = ", ".join(map(str, wrong[0])), np.asarray(getattr(network, name))[tuple(wrong[0])]
            advice = "A run that diverged has no critical point to prove."
            raise Unproved("point", f"{name}[{place}] is {value}", advice)
