"""Index and gap of the Hessian at a point, in the cheapest arithmetic that proves them."""

from dataclasses import dataclass

import numpy as np

from gradflow._arithmetic import balls
from gradflow.proofs.dense.hessian import hessian
from gradflow.proofs.dense.inertia import least_eigenvalue, verified_inertia
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.modes import Modes, low_modes
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


@dataclass(frozen=True)
class Curvature:
    """All |λ| of the Hessian are at least `gap`, `index` of them belong to negative ones; ‖H‖ ≤ `norm`; the least λ is
    between the two numbers of `least`, if it was asked for. `modes` are proposals for Newton's method, `arithmetic`
    says what the proof was computed with.
    """

    index: int
    gap: float
    norm: float
    modes: Modes
    arithmetic: str
    least: tuple[float, float] | None


def proved_curvature(student: Student, *, least: bool) -> Curvature:
    """Of the Hessian at the given point, with bounds on its least eigenvalue if these are wanted.

    Raises `Unproved` where an eigenvalue cannot be told from zero.
    """
    arithmetic = balls(BITS[0])
    with arithmetic.working():
        bounded = hessian(Landscape(student.at(arithmetic.array(student.vector), arithmetic)), student.trained)
    if not np.all(np.isfinite(bounded.matrix)):
        raise Unproved("curvature", "the Hessian is not finite in float64", "")
    modes = low_modes(bounded.matrix)
    norm = float(np.linalg.norm(bounded.matrix)) * (1 + 2.0**-20) + bounded.error
    bounds = least_eigenvalue(bounded, modes) if least else None
    found = verified_inertia(bounded, modes)
    if found.gap > 0:
        return Curvature(found.index, found.gap, norm, modes, "float64 with bounded rounding", bounds)
    size = len(bounded.matrix)
    doubtful = f"its least eigenvalue in absolute value, about {modes.gap:.1e}, cannot be told from zero"
    if size > _MOST_IN_BALLS:
        raise Unproved(
            "curvature",
            f"{doubtful} in float64 (bound {bounded.error - found.gap:.1e}), and {size} parameters are too many for "
            f"balls (at most {_MOST_IN_BALLS})",
            "Give a narrower student, or the exact family's point if it is one: gf.certify(point.problem, point).",
        )
    for bits in BITS:
        arithmetic = balls(bits)
        with arithmetic.working():
            here = Residuals(student.at(arithmetic.array(student.vector), arithmetic))
            matrix = here.hessian()[np.ix_(student.trained, student.trained)]
            index = index_beyond(matrix, 0.0, arithmetic)
            # what float64 took for the gap may be its rounding
            for gap in (share * (modes.gap or UNIT * norm) for share in _SHARES) if index is not None else ():
                if index_beyond(matrix, gap, arithmetic) is not None:
                    return Curvature(int(index or 0), gap, norm, modes, f"balls of {bits} bits", bounds)
    raise Unproved("curvature", f"{doubtful} in balls of {BITS[-1]} bits", _FLAT)


_FLAT = (
    "Where neurons are duplicates of each other or dead, the point may have flat directions: write "
    "gf.classify(problem, point) to see them."
)
