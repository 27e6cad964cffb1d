"""Index and gap of the Hessian at a point, in the cheapest arithmetic that proves them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradflow._arithmetic import Balls, Numbers, balls
from gradflow.proofs.dense.hessian import hessian
from gradflow.proofs.dense.inertia import least_eigenvalue, verified_inertia
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.modes import low_modes
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.student import Student
from gradflow.proofs.roundings import UNIT
from gradflow.proofs.signs import index_beyond
from gradflow.proofs.unproved import Unproved

# float64's rounding of the Hessian's entries is done in balls of so many bits; the second rung has all of them
BITS = (128, 256)
# an eigenvalue of the copy of two teachers an angle δ apart is δ⁸: with so many, and few parameters, down to 1e-15
_MORE_BITS, _MOST_IN_MORE = 512, 100
# beyond, products of matrices of balls take minutes
_MOST_IN_BALLS = 400
# the bound on a least eigenvalue that float64 does not resolve is the largest but for this factor
_NEARLY = 4.0
# where bounds would underflow, which no relative slack covers
_LEAST_GAP = 1e-200


@dataclass(frozen=True)
class Curvature:
    """All |λ| of D⁻¹HD⁻¹ are at least `gap`, and so are those of H; `index` of them belong to negative ones; ‖H‖ ≤
    `norm`; the least λ of H is between the two numbers of `least`, if it was asked for. `newton` proposes H⁻¹x.
    """

    index: int
    gap: float
    norm: float
    newton: Callable[[np.ndarray], np.ndarray]
    least: tuple[float, float] | None


def proved_curvature(student: Student, *, least: bool, in_balls: bool) -> Curvature:
    """Of the Hessian at the given point, with bounds on its least eigenvalue if these are wanted.

    Raises `Unproved` where an eigenvalue cannot be told from zero, or is too small for bounds in float64; its step is
    "precision" where balls might, and `in_balls` says not to try them.
    """
    arithmetic, units = balls(BITS[0]), student.units
    with arithmetic.working():
        here = Landscape(student.at(arithmetic.array(student.vector), arithmetic))
        bounded = hessian(here, student.trained, student.scales)
        plain = hessian(here, student.trained) if least else None
    bounds = None if plain is None else least_eigenvalue(plain, low_modes(plain.matrix))
    modes = low_modes(bounded.matrix)
    norm = (float(np.linalg.norm(bounded.matrix)) * (1 + 2.0**-20) + bounded.error) * float(np.max(units)) ** 2

    def newton(vector: np.ndarray) -> np.ndarray:
        found: np.ndarray = modes.solve(vector / units) / units
        return found

    found = verified_inertia(bounded, modes)
    if found.gap > 0:
        return Curvature(found.index, found.gap, norm, newton, bounds)
    size = len(bounded.matrix)
    doubtful = f"its least eigenvalue in absolute value, about {modes.gap:.1e}, cannot be told from zero"
    if size > _MOST_IN_BALLS:
        raise Unproved(
            "curvature",
            f"{doubtful} in float64 (bound {bounded.error - found.gap:.1e}), and {size} parameters are too many for "
            f"balls (at most {_MOST_IN_BALLS})",
            "Give a narrower student, or the exact family's point if it is one: gf.certify(point.problem, point).",
        )
    if not in_balls:
        raise Unproved("precision", f"{doubtful} in float64")
    rungs = (*BITS, _MORE_BITS) if size <= _MOST_IN_MORE else BITS
    for bits in rungs:
        arithmetic = balls(bits)
        with arithmetic.working():
            matrix = scaled_hessian(student, arithmetic.array(student.vector), arithmetic)
            index = index_beyond(matrix, 0.0, arithmetic)
            # what float64 took for the gap may be its rounding
            gap = None if index is None else _gap(matrix, max(modes.gap, UNIT * norm), norm * 2.0**-bits, arithmetic)
            if index is not None and gap is not None:
                return Curvature(index, gap, norm, newton, bounds)
    raise Unproved("curvature", f"{doubtful} in balls of {rungs[-1]} bits", _FLAT)


def _gap(matrix: Numbers, most: float, least: float, arithmetic: Balls) -> float | None:
    """A bound between both from below on all |λ|, as large as can be proved; None where there is none."""
    proved, beyond = max(least, _LEAST_GAP), most
    if proved >= beyond or index_beyond(matrix, proved, arithmetic) is None:
        return None
    while beyond > _NEARLY * proved:
        between = proved * math.sqrt(beyond / proved)
        if index_beyond(matrix, between, arithmetic) is None:
            beyond = between
        else:
            proved = between
    return proved


def scaled_hessian(student: Student, vector: Numbers, arithmetic: Balls) -> Numbers:
    """D⁻¹HD⁻¹ between the trained parameters, in balls."""
    matrix = Residuals(student.at(vector, arithmetic)).hessian()[np.ix_(student.trained, student.trained)]
    inverse = arithmetic.array(1 / student.units)
    return inverse[:, None] * matrix * inverse


_FLAT = (
    "Where neurons are duplicates of each other or dead, the point may have flat directions: write "
    "gf.classify(problem, point) to see them."
)
