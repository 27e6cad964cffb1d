"""certify_symmetric: prove what a symmetric critical point is in the full space."""

import math
import time
from fractions import Fraction
from typing import Any

from gradflow._arithmetic import Balls, balls, extended
from gradflow.families import AbstractFamilyPoint
from gradflow.problems import SymmetricTeacherStudent
from gradflow.problems.symmetric import Orbit
from gradflow.proofs.certificate import Certificate, Statement
from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.symmetric.isolation import Isolation, isolated
from gradflow.proofs.symmetric.least_eigenvalue import least_eigenvalue as least_eigenvalue_of
from gradflow.proofs.symmetric.orbits import whole_orbits
from gradflow.proofs.symmetric.place import SymmetricPlace, given_vector
from gradflow.proofs.symmetric.refinement import refined
from gradflow.proofs.unproved import Unproved

# what a few hundred operations cost; and of the digits by which k takes part, since eigenvalues fall like k^-3 and sums
# have k^2 terms
_GUARD_DIGITS, _DIGITS_OF_SIZE = 12, 5
# each rung has half as many bits again
_RUNGS = 4
_MORE, _ROOM = 1 + 2.0**-8, 1 - 2.0**-8


def certify_symmetric(
    problem: SymmetricTeacherStudent,
    point: Any,
    *,
    d: int | None = None,
    digits: int = 30,
    least_eigenvalue: bool = False,
) -> Certificate:
    """Prove that exactly one critical point of the full loss in `d` dimensions (one more than there are teachers, if
    left out) lies near a symmetric one, and its index.

    `point` is a `SymmetricNetwork`, or a member of an exact family, which is taken with as many digits as the proof
    needs. Everything is proved in the full space from a few enclosed numbers, whatever the sizes of the orbits are: the
    critical point by Newton–Kantorovich, the index from the Hessian's parts in all representations of the symmetry.
    Distances are those of the full space, which the problem's parameters have too.
    """
    started = time.perf_counter()
    excess = problem.excess("certify", point.d if d is None and isinstance(point, AbstractFamilyPoint) else d)
    network = problem.shaped("certify", point)
    try:
        given = point if isinstance(point, AbstractFamilyPoint) else network
        found = _proved(whole_orbits(problem.orbits), given, excess, digits, least_eigenvalue)
        return Certificate(problem=problem, excess=excess, **found, seconds=time.perf_counter() - started)
    except Unproved as failure:
        return Certificate(
            problem=problem,
            given=network,
            excess=excess,
            statement=Statement.NOT_PROVED,
            step=failure.step,
            reason=failure.reason,
            advice=failure.advice,
            seconds=time.perf_counter() - started,
        )


def _proved(orbits: tuple[Orbit, ...], point: Any, excess: int, digits: int, least: bool) -> dict[str, Any]:
    """With the fewest bits that do."""
    largest = max(orbit.size for orbit in orbits)
    needed = digits + _GUARD_DIGITS + _DIGITS_OF_SIZE * math.log10(largest)
    bits = math.ceil(needed * math.log2(10))
    for rung in range(_RUNGS):
        arithmetic = balls(bits)
        with arithmetic.working():
            try:
                return _in(orbits, point, excess, digits, least, arithmetic)
            except Unproved:
                if rung == _RUNGS - 1:
                    raise
        bits += bits // 2
    raise AssertionError


def _in(
    orbits: tuple[Orbit, ...], point: Any, excess: int, digits: int, least: bool, arithmetic: Balls
) -> dict[str, Any]:
    network = point.in_arithmetic(extended(arithmetic.digits)) if isinstance(point, AbstractFamilyPoint) else point
    given = given_vector(orbits, network, arithmetic)
    center = refined(orbits, given, 10.0 ** -(digits + 1), arithmetic)
    place = SymmetricPlace(orbits, center, excess, arithmetic)
    found = isolated(place)
    if found.error > 10.0**-digits:
        raise Unproved("refinement", f"the point is known to {found.error:.1e} with {arithmetic.bits} bits")
    moved = arithmetic.norm(center - given)
    radius, isolation = (moved + found.error) * _MORE, (found.reach - moved) * _ROOM
    if not radius <= isolation:
        raise Unproved(
            "uniqueness",
            f"the given point is {moved:.1e} away from the critical point, which is known to be the only one within "
            f"{found.reach:.1e}",
            "Give a point that is nearer, or the member of the family itself: gf.certify(point.problem, point).",
        )
    return {
        "given": network,
        "statement": Statement.ISOLATED,
        "elsewhere": found.elsewhere,
        "index": found.index,
        "gap": found.gap,
        "middle": tuple(arithmetic.exact(value) for value in center),
        "error": found.error,
        "radius": radius,
        "isolation": isolation,
        "loss": found.loss,
        "least_eigenvalue": _least_eigenvalue(place, found) if least else None,
        "bits": arithmetic.bits,
    }


def _least_eigenvalue(place: SymmetricPlace, found: Isolation) -> Enclosure:
    """At the critical point: an eigenvalue changes by no more than the matrix does."""
    bounds = least_eigenvalue_of(place)
    if bounds is None:
        raise Unproved("least eigenvalue", f"it is not enclosed with {place.arithmetic.bits} bits")
    change = Fraction(place.lipschitz(found.reach) * found.error * _MORE)
    return Enclosure(Fraction(bounds[0]) - change, Fraction(bounds[1]) + change)
