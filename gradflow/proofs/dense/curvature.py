"""Index and gap of the Hessian at a point, in the cheapest arithmetic that proves them."""

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
# beyond, products of matrices of balls take minutes
_MOST_IN_BALLS = 400
# of a least eigenvalue that float64 does not resolve, tried one after the other
_SHARES = tuple(4.0**-i for i in range(1, 12))
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
    # what float64 took for the gap may be its rounding
    gaps = [share * (modes.gap or UNIT * norm) for share in _SHARES]
    gaps = [gap for gap in gaps if gap > _LEAST_GAP]
    for bits in BITS:
        arithmetic = balls(bits)
        with arithmetic.working():
            matrix = scaled_hessian(student, arithmetic.array(student.vector), arithmetic)
            index = index_beyond(matrix, 0.0, arithmetic)
            for gap in gaps if index is not None else ():
                if index_beyond(matrix, gap, arithmetic) is not None:
                    return Curvature(int(index or 0), gap, norm, newton, bounds)
    raise Unproved("curvature", f"{doubtful} in balls of {BITS[-1]} bits", _FLAT)


def scaled_hessian(student: Student, vector: Numbers, arithmetic: Balls) -> Numbers:
    """D⁻¹HD⁻¹ between the trained parameters, in balls."""
    matrix = Residuals(student.at(vector, arithmetic)).hessian()[np.ix_(student.trained, student.trained)]
    inverse = arithmetic.array(1 / student.units)
    return inverse[:, None] * matrix * inverse


_FLAT = (
    "Where neurons are duplicates of each other or dead, the point may have flat directions: write "
    "gf.classify(problem, point) to see them."
)
