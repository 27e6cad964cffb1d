"""The proof that exactly one critical point lies near a student."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gradflow._arithmetic import Balls, balls
from gradflow.proofs.dense.curvature import BITS, Curvature, proved_curvature
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.refinement import Refined, refined
from gradflow.proofs.dense.student import Student
from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.lipschitz import hessian_lipschitz
from gradflow.proofs.unproved import Unproved

# beyond what the gradient's terms and the digits asked for take: what a few hundred operations cost
_GUARD_BITS = 32
# for the last few operations on bounds, rounded up and down
_UP, _DOWN = 1 + 2.0**-40, 1 - 2.0**-40
# float64 underflows below 1e-308, which no relative slack covers
LEAST = 1e-300
# left for whoever checks it by other formulas
_ROOM = 1 - 2.0**-10
# of the reach: what the error may be for the only critical point in it to be found
_SHARE = 2.0**-6
# a gradient that float64 cannot have
_ARRIVED = 1e-25
_CERTIFY_THERE = "Certify where Newton's method went instead: gf.certify(problem, certificate.student)."
_REFINE = "Refine it first: gf.certify(problem, gf.refine(problem, point))."


@dataclass(frozen=True)
class Isolated:
    """The numbers of a certificate; see `Certificate`."""

    index: int
    gap: float
    middle: tuple[Fraction, ...]
    error: float
    radius: float
    isolation: float
    loss: Enclosure
    least_eigenvalue: Enclosure | None
    bits: int


def prove(student: Student, digits: int, *, least: bool = False, in_balls: bool = True) -> Isolated:
    """That exactly one critical point lies near the student, to so many digits; `in_balls` says whether the Hessian may
    be taken in balls where float64 does not do.

    With D ≥ I the units of the parameters (`Student.units`), let γ bound all |λ| of D⁻¹H(θ)D⁻¹ at the given point θ
    from below, and K bound ‖D⁻¹(H(θ′) − H(θ″))D⁻¹‖/‖θ′ − θ″‖ on a ball around it:

    - as long as K R < γ, no mean of Hessians on B(θ, R) is singular, so that two zeros of the gradient cannot both lie
      in it, and the index is the same everywhere;
    - at the refined point c, with γ_c = γ − K‖c − θ‖ and Y = ‖∇L(c)‖/γ_c, Newton's map x ↦ x − H(c)⁻¹∇L(x) is a
      contraction of the ball ‖D(x − c)‖ ≤ 2Y into itself if 2KY < γ_c, so that there is one (Newton–Kantorovich).

    Raises `Unproved`.
    """
    curvature = proved_curvature(student, least=least, in_balls=in_balls)
    # ‖D ΔH D‖ ≤ ‖D‖² ‖ΔH‖
    gap, stretch = curvature.gap, float(np.max(student.units)) ** 2
    reach, lipschitz = _reach(student, gap)
    refinement, arithmetic = _refined(student, curvature, min(10.0**-digits, _SHARE * reach))
    with arithmetic.working():
        middle = tuple(arithmetic.exact(value) for value in refinement.center)
        moved = arithmetic.norm(refinement.center - arithmetic.array(student.vector)) * _UP
        gap_there = (gap - lipschitz * moved * _UP) * _DOWN
        if not (moved < reach and gap_there > 0):
            raise _too_far("existence", refinement.gradient_norm, moved, reach, middle)
        newton_step = max(refinement.gradient_norm / gap_there * _UP, LEAST)
        error = 2 * newton_step * _UP
        if not 2 * lipschitz * newton_step * _UP < gap_there:
            raise Unproved(
                "existence",
                f"the gradient's norm, {refinement.gradient_norm:.1e} at the nearest point that Newton's method found, "
                f"is too large for a critical point within reach ({reach:.1e})",
                _REFINE,
            )
        radius = (moved + error) * _UP
        gap = (gap - lipschitz * radius * _UP) * _ROOM
        isolation = (gap / lipschitz - radius * _UP) * _ROOM
        if not (isolation < reach and radius <= isolation):
            raise _too_far("uniqueness", refinement.gradient_norm, radius, isolation, middle)
        # twice as wide as proved, for the same reason
        slope = (refinement.gradient_norm + (curvature.norm + stretch * lipschitz * reach) * error) * _UP
        loss = Landscape(student.at(refinement.center, arithmetic)).loss()
        room = max((2 * slope * error + arithmetic.spread(loss)) * _UP, LEAST)
        lower, upper = arithmetic.ends(arithmetic.around(loss, room).item())
        return Isolated(
            index=curvature.index,
            gap=gap,
            middle=middle,
            error=error,
            radius=radius,
            isolation=isolation,
            loss=Enclosure(lower, upper),
            least_eigenvalue=_least_eigenvalue(curvature, stretch * lipschitz * radius * _UP, gap),
            bits=arithmetic.bits,
        )


def _reach(student: Student, gap: float) -> tuple[float, float]:
    """A radius around the given point, and the Lipschitz constant of D⁻¹HD⁻¹ in it: there is nothing to prove
    farther away.
    """
    arithmetic = balls(BITS[0])
    with arithmetic.working():
        vector = arithmetic.array(student.vector)
        here = Landscape(student.at(vector, arithmetic))
        loss = max(arithmetic.upper(here.loss()), 0.0)
        norms = [arithmetic.upper(p.sqrt()) for p in here.variance]
    sizes = np.abs(student.output)
    reach = gap / hessian_lipschitz(sizes, np.array(norms), loss, 0.0, scales=student.scales)
    return reach, hessian_lipschitz(sizes, np.array(norms), loss, reach, scales=student.scales)


def _refined(student: Student, curvature: Curvature, error: float) -> tuple[Refined, Balls]:
    """So near to the critical point, with as many bits as it takes."""
    target = error * curvature.gap / 4
    terms = curvature.norm * (1 + float(np.linalg.norm(student.vector)))
    bits = math.ceil(math.log2(terms / curvature.gap) - math.log2(error)) + _GUARD_BITS
    arithmetic = balls(max(bits, BITS[0]))
    with arithmetic.working():
        start = arithmetic.array(student.vector)
        return refined(student, start, curvature.newton, target, arithmetic), arithmetic


def _least_eigenvalue(curvature: Curvature, change: float, gap: float) -> Enclosure | None:
    """At the critical point: an eigenvalue changes by no more than the matrix does, and none is within the gap."""
    if curvature.least is None or not np.all(np.isfinite(curvature.least)):
        return None
    lower, upper = Fraction(curvature.least[0]) - Fraction(change), Fraction(curvature.least[1]) + Fraction(change)
    return Enclosure(max(lower, Fraction(gap)), upper) if curvature.index == 0 else Enclosure(lower, upper)


def _too_far(step: str, gradient_norm: float, moved: float, reach: float, middle: tuple[Fraction, ...]) -> Unproved:
    reason = (
        f"the given point would have to move by {moved:.1e}, and what is known of the curvature there reaches "
        f"{max(reach, 0.0):.1e} (gradient norm {gradient_norm:.1e} after Newton's method)"
    )
    arrived = gradient_norm < _ARRIVED
    return Unproved(step, reason, _CERTIFY_THERE if arrived else _REFINE, middle if arrived else ())
