"""The statements of a certificate by symmetry, proved again from its data alone."""

from collections.abc import Iterator

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import balls
from gradflow.problems import SymmetricTeacherStudent
from gradflow.proofs.certificate import Certificate
from gradflow.proofs.signs import index_beyond
from gradflow.proofs.symmetric.isolation import newton_step
from gradflow.proofs.symmetric.least_eigenvalue import is_least
from gradflow.proofs.symmetric.orbits import whole_orbits
from gradflow.proofs.symmetric.place import SymmetricPlace, given_vector, is_settled
from gradflow.proofs.unproved import Unproved

# more than the proof had
_MORE_BITS = 32


def recheck_symmetric(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    """Each with whether it was proved again, at the stored center and with the stored bounds: nothing is searched for,
    and no bound is chosen.
    """
    try:
        yield from _statements(certificate)
    except Unproved as failure:
        yield failure.step, False


def _statements(certificate: Certificate) -> Iterator[tuple[str, bool]]:
    problem = certificate.problem
    assert isinstance(problem, SymmetricTeacherStudent)
    _checks.whole_certificate("verify", certificate, None, by_symmetry=True)
    if certificate.impossible:
        yield from ((name, False) for name in certificate.impossible)
        return
    orbits, arithmetic = whole_orbits(problem.orbits), balls(int(certificate.bits or 0) + _MORE_BITS)
    with arithmetic.working():
        number = arithmetic.number
        center = arithmetic.array(np.array(certificate.middle, dtype=object))
        error, radius, isolation, gap = (
            number(getattr(certificate, name)) for name in ("error", "radius", "isolation", "gap")
        )
        network = problem.shaped("verify", certificate.given)
        if not is_settled(orbits, network, arithmetic):
            raise Unproved("given", "entries that stand for nothing are not zero")
        given = given_vector(orbits, network, arithmetic)
        if len(center) != len(given):
            raise Unproved("center", f"{len(center)} numbers for {len(given)} unknowns")
        place = SymmetricPlace(orbits, center, int(certificate.excess or 0), arithmetic)
        moved = number(arithmetic.norm(center - given))
        # in both balls that are spoken of
        reach = max(arithmetic.upper(isolation), arithmetic.upper(error))
        lipschitz = number(place.lipschitz(arithmetic.upper(number(reach) + moved)))
        # of the Hessian at the center, so that the critical point's is as large as stated
        here, parts = gap + lipschitz * error, list(place.parts())
        counts = [index_beyond(part.matrix, arithmetic.upper(here), arithmetic) for part in parts]
        apart = bool(gap > 0) and all(count is not None for count in counts)
        counts = counts if apart else [index_beyond(part.matrix, 0.0, arithmetic) for part in parts]
        known = all(count is not None for count in counts)
        index = sum(part.dimension * (count or 0) for part, count in zip(parts, counts, strict=True))
        yield "index", known and index == certificate.index
        if certificate.elsewhere:
            # another number of dimensions has the same parts, these more or less often
            none = all(count == 0 for part, count in zip(parts, counts, strict=True) if part.is_orthogonal)
            yield "elsewhere", known and none and place.excess > 0
        yield "gap", apart
        step = newton_step(place)
        # Newton's map takes the ball of the error into itself
        exists = (
            apart
            and step is not None
            and bool(number(arithmetic.norm(step)) + lipschitz * error * error / (2 * here) <= error)
        )
        exists = exists and bool(lipschitz * error < here)
        yield "critical point", exists
        if certificate.least_eigenvalue is not None:
            low, high = number(certificate.least_eigenvalue.lower), number(certificate.least_eigenvalue.upper)
            bounds = arithmetic.upper(low + lipschitz * error), arithmetic.lower(high - lipschitz * error)
            yield "least eigenvalue", exists and is_least(parts, *bounds, arithmetic)
        yield "radius", exists and bool(moved + error <= radius)
        yield "isolation", apart and bool(radius <= isolation) and bool(lipschitz * (isolation + moved) < here)
        norm = max(arithmetic.norm(part.matrix.ravel()) for part in parts)
        slope = number(arithmetic.norm(place.gradient))
        change = (slope + (norm + lipschitz * error) * error) * error
        ends = certificate.loss
        yield (
            "loss",
            exists
            and ends is not None
            and bool(number(ends.lower) <= place.loss - change)
            and bool(place.loss + change <= number(ends.upper)),
        )
