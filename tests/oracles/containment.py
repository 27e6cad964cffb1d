"""Random configurations, with weights from 1e-8 to 1e3 and among them zeros, duplicates and opposites, and what of
their loss, gradient and Hessian an enclosure does not contain.
"""

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np

from gradflow._arithmetic import balls
from gradflow.proofs.dense.hessian import hessian
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.student import Student
from gradflow.proofs.lipschitz import hessian_lipschitz
from oracles.landscape import Oracle, exact, size

# of the oracle, whose own rounding at long weights is at most so large; balls of 200 bits are wider
DIGITS, ORACLE_ERROR = 130, 1e-80
BITS = (64, 128, 200)
SCALES = 10.0 ** np.arange(-8, 4)


def configuration(rng: np.random.Generator) -> Student:
    """A student and a teacher, n, k, d ≤ 3."""
    n, k, d = rng.integers(1, 4, size=3)

    def network(width: int) -> tuple[np.ndarray, np.ndarray]:
        weights = rng.choice(SCALES, size=(width, 1)) * rng.normal(size=(width, d))
        return weights, rng.choice(SCALES, size=width) * rng.normal(size=width)

    (weights, output), (vectors, shares) = network(n), network(k)
    if rng.random() < 0.2:
        weights[0], output[rng.integers(n)] = rng.choice([0.0, 1.0]) * weights[0], 0.0
    if rng.random() < 0.2:
        weights[-1] = rng.choice([-1.0, 1.0]) * vectors[0]
    if rng.random() < 0.2:
        weights[-1] = rng.choice([-1.0, 1.0, 1 + 1e-9]) * weights[0]
    return Student(weights, output, vectors, shares, ("weights", "output"))


def failures(student: Student, rng: np.random.Generator) -> Iterator[str]:
    """What is not contained."""
    oracle = Oracle(*map(exact, (student.weights, student.output, student.teacher_weights, student.teacher_output)))
    loss, gradient, curvature = oracle.loss(), oracle.gradient(), oracle.hessian()
    for bits in BITS:
        arithmetic = balls(bits)
        with arithmetic.working():
            place = student.at(arithmetic.array(student.vector), arithmetic)
            direct, again = Landscape(place), Residuals(place)
            for name, found, true in (
                ("loss", direct.loss(), loss),
                ("loss by residuals", again.loss(), loss),
                ("gradient", direct.gradient(), gradient),
                ("gradient by residuals", again.gradient(), gradient),
                ("Hessian by residuals", again.hessian(), curvature),
            ):
                wider = arithmetic.around(np.ravel(found), ORACLE_ERROR)
                if not all(arithmetic.encloses(ball, value) for ball, value in zip(wider, np.ravel(true), strict=True)):
                    yield f"{name}, {bits} bits"
            if bits < BITS[1]:
                continue
            # in the units of a proof too; for some of the parameters the bound is the smaller one
            for trained, scales in (
                (student.trained, None),
                (student.trained, student.scales),
                (rng.choice(student.trained, size=1), None),
            ):
                bounded = hessian(direct, trained, scales)
                units = exact(np.ones(len(trained)) if scales is None else student.units)
                apart = exact(bounded.matrix) - curvature[np.ix_(trained, trained)] / units / units[:, None]
                if max(abs(apart).sum(-1)) > bounded.error and _norm(apart) > bounded.error:
                    yield f"Hessian in float64, {bits} bits"
    for scales, units in ((None, np.ones(len(student.vector))), (student.scales, student.units)):
        yield from _too_fast(oracle, loss, curvature, scales, exact(units), rng)


def _too_fast(
    oracle: Oracle, loss: Any, here: np.ndarray, scales: Any, units: np.ndarray, rng: np.random.Generator
) -> Iterator[str]:
    """Changes of the Hessian beyond their bound."""
    norms = np.array([float(size(w)) for w in oracle.weights]) * (1 + 1e-15)
    for reach in (1e-12, 1e-2, 3.0):
        direction = exact(rng.normal(size=len(oracle.vector)))
        there = oracle.at(oracle.vector + reach * direction / size(direction)).hessian()
        outputs = np.abs(oracle.output.astype(np.float64))
        least = float(max(loss, mpmath.mpf(0))) * (1 + 1e-15)
        bound = hessian_lipschitz(outputs, norms, least, reach, scales=scales)
        if _norm((there - here) / units / units[:, None]) > bound * reach * (1 + 1e-9):
            yield f"change of the Hessian within {reach}"


def _norm(matrix: np.ndarray) -> float:
    """The 2-norm to fifteen digits, whatever the scale."""
    largest = np.max(np.abs(matrix))
    return float(largest * np.linalg.norm((matrix / largest).astype(np.float64), 2)) if largest else 0.0
