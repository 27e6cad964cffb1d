"""Students of erf and of rectified linear units that have flat sets of critical points."""

from typing import Any

import jax
import mpmath
import numpy as np

import gradflow as gf
from oracles.arccosine import ARC_COSINE, relu_loss
from oracles.flat_set import SAME, FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import DIGITS, Settled, inertia, settled
from oracles.landscape import Numbers, Oracle, exact, size

# a flow to copies of one teacher stops at a loss of 1e-16, the fourth power of the distance
_NEXT_TO = 1e-2


def teacher_student(k: int, n: int) -> FlatSet:
    """More students than teachers, of erf."""
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=k), width=n)

    def truths(student: Any) -> tuple[Truth, ...] | None:
        oracle = Oracle.of(problem, student)
        found = settled(oracle.vector, lambda x: oracle.at(x).gradient(), lambda x: oracle.at(x).hessian())
        with mpmath.workdps(DIGITS):
            if found is not None:
                return told(found, _dimension(oracle.at(found.point)))
            copies = _copies(oracle)
            # exact by construction: its inertia needs no Newton step
            signs = None if copies is None else inertia(copies.hessian())
            if copies is None or signs is None:
                return None
            return told(Settled(copies.vector, 0.0, signs), _dimension(copies))

    return FlatSet(f"erf k = {k}, n = {n}", problem, lambda seed: problem.init(jax.random.key(seed)), 40, truths)


def _copies(here: Oracle) -> Oracle | None:
    """The perfect students next to one that has come close to its teachers: on the way to several copies of one teacher
    the loss falls like the fourth power of the distance, and no Newton step gets there; None if there is none.

    Of m copies with Σ a = b the changes of weights with Σ a_i δw_i = 0 are zero modes, and no way to stay perfect,
    since erf's of different weights are independent: the loss grows along them like the fourth power.
    """
    weights, output = here.weights.copy(), here.output.copy()
    taken: list[list[tuple[int, int]]] = [[] for _ in here.teacher_weights]
    for i, w in enumerate(weights):
        for v, own in zip(here.teacher_weights, taken, strict=True):
            for sign in (1, -1):
                if size(w - v * sign) < _NEXT_TO:
                    weights[i] = v * sign
                    own.append((i, sign))
        if not any(i == copy for own in taken for copy, _ in own):
            if abs(output[i]) > _NEXT_TO:
                return None
            output[i] = mpmath.mpf(0)
    for b, own in zip(here.teacher_output, taken, strict=True):
        if not own:
            return None
        missing = b - mpmath.fsum(output[i] * sign for i, sign in own)
        if abs(missing) > _NEXT_TO:
            return None
        first, sign = own[0]
        output[first] += missing * sign
    return here.at(np.concatenate([weights.ravel(), output]))


def _dimension(here: Oracle) -> int | None:
    """Of the set of critical points: of m neurons with the same ±w the output weights may change, their sum with those
    signs kept (m − 1); where that sum is zero and the loss as well, so may w (d); and the output weight where w = 0.
    """
    perfect = here.loss() < SAME
    groups: list[tuple[Numbers, list[Any]]] = []
    dimension = 0
    for w, a in zip(here.weights, here.output, strict=True):
        if size(w) < SAME:
            dimension += 1
            continue
        for first, signed in groups:
            sign = next((s for s in (1, -1) if size(w - first * s) < SAME), 0)
            if sign:
                signed.append(a * sign)
                break
        else:
            groups.append((w, [a]))
    for w, signed in groups:
        free = abs(mpmath.fsum(signed)) < SAME
        if free and not perfect:
            return None
        dimension += len(signed) - 1 + (len(w) if free else 0)
    return dimension


def relu_students(n: int) -> FlatSet:
    """Students of eight orthonormal teachers, all of relu(w·x) with trained output weights.

    A neuron may be rescaled (w c, a/c), and the output weights of two parallel ones shared out: curves of critical
    points, n and one a pair. Two that are opposite share out nothing. Two that are parallel and perfect together may
    also be turned against each other, to second order.
    """
    teacher = np.eye(8)

    def start(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(n, 8)) * (2 / (n + 8)) ** 0.5, rng.normal(size=n) * (2 / (n + 1)) ** 0.5

    def truths(parameters: Any) -> tuple[Truth, ...] | None:
        weights, output = map(exact, parameters)
        oracle = Oracle(weights, output, exact(teacher), exact(np.ones(8)), kernel=ARC_COSINE)
        found = settled(oracle.vector, lambda x: oracle.at(x).gradient(), lambda x: oracle.at(x).hessian())
        with mpmath.workdps(
            DIGITS
        ):  # a number of mpmath is rounded to the digits that are asked for where it is copied
            return told(found, None if found is None else n + _parallel(oracle.at(found.point).weights))

    problem = gf.Loss(lambda parameters: relu_loss(parameters, teacher), init=start(0))
    return FlatSet(f"relu n = {n} of 8", problem, start, 40, truths)


def _parallel(weights: Numbers) -> int:
    """How many neurons are parallel to one before them."""
    units: list[Numbers] = []
    for w in weights:
        unit = w / size(w)
        if all(size(unit - other) > SAME for other in units):
            units.append(unit)
    return len(weights) - len(units)
