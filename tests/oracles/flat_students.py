"""Students of erf and of rectified linear units that have flat sets of critical points."""

from typing import Any

import jax
import mpmath
import numpy as np

import gradflow as gf
from oracles.arccosine import ARC_COSINE, relu_loss
from oracles.flat_set import SAME, FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import DIGITS, settled
from oracles.landscape import Numbers, Oracle, exact, size


def teacher_student(k: int, n: int) -> FlatSet:
    """More students than teachers, of erf."""
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=k), width=n)

    def truths(student: Any) -> tuple[Truth, ...] | None:
        oracle = Oracle.of(problem, student)
        found = settled(oracle.vector, lambda x: oracle.at(x).gradient(), lambda x: oracle.at(x).hessian())
        return told(found, None if found is None else _dimension(oracle.at(found.point)))

    return FlatSet(f"erf k = {k}, n = {n}", problem, lambda seed: problem.init(jax.random.key(seed)), 40, truths)


def _dimension(here: Oracle) -> int | None:
    """Of the set of critical points: of m neurons with the same ±w the output weights may change, their sum with those
    signs kept (m − 1); where that sum is zero and the loss as well, so may w (d); and the output weight where w = 0.
    """
    with mpmath.workdps(DIGITS):
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
    points, n and one a pair. Two that are opposite share out nothing.
    """
    teacher = np.eye(8)

    def start(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(n, 8)) * (2 / (n + 8)) ** 0.5, rng.normal(size=n) * (2 / (n + 1)) ** 0.5

    def truths(parameters: Any) -> tuple[Truth, ...] | None:
        weights, output = map(exact, parameters)
        oracle = Oracle(weights, output, exact(teacher), exact(np.ones(8)), kernel=ARC_COSINE)
        found = settled(oracle.vector, lambda x: oracle.at(x).gradient(), lambda x: oracle.at(x).hessian())
        return told(found, None if found is None else n + _parallel(oracle.at(found.point).weights))

    problem = gf.Loss(lambda parameters: relu_loss(parameters, teacher), init=start(0))
    return FlatSet(f"relu n = {n} of 8", problem, start, 40, truths)


def _parallel(weights: Numbers) -> int:
    """How many neurons are parallel to one before them."""
    with mpmath.workdps(DIGITS):
        units: list[Numbers] = []
        for w in weights:
            unit = w / size(w)
            if all(size(unit - other) > SAME for other in units):
                units.append(unit)
        return len(weights) - len(units)
