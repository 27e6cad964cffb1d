"""One width: both exact families at one n and k."""

import contextlib
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gradflow._arithmetic import Balls, Numbers, balls, extended
from gradflow.families import PerturbedNCopy, copy_average
from gradflow.problems.symmetric import Orbit
from gradflow.proofs.enclosure import Enclosure, decimal
from gradflow.proofs.symmetric.branch import branch_points
from gradflow.proofs.symmetric.isolation import Isolation, isolated
from gradflow.proofs.symmetric.place import SymmetricPlace, given_vector, lengths
from gradflow.proofs.symmetric.refinement import refined
from gradflow.proofs.unproved import Unproved

COPY_AVERAGE, PERTURBED = "C-A", "P-n-C"

# of the center of P-n-C, and bits of the proof: float64 does for most up to k = 100, eigenvalues fall like k^-3
_LADDER = ((17, 160), (40, 320), (80, 640))
# of the branch, which leads within 1e-35 of every point up to k = 100
_BRANCH_BITS = 160
# beyond the teachers: the index is the same for every number of them, which is proved too
_EXCESS = 1
# a bound to three digits is rounded by less than what is taken off before
_BOUND, _BELOW = "{:.2e}", 0.99


class CertifiedWidth(NamedTuple):
    """What is proved of optimal copy-average and of P-n-C near `center` (overlap with the own teacher, with
    those of other students, with nobody's; output weight) among n students of k orthonormal teachers, in every d > k
    dimensions.

    Within `radius` of the center, as a point of the full space, there is exactly one critical point: P-n-C, the point
    to which the branch from the perfect copy leads first (`branch_points`). The Hessians at both points have so many
    negative eigenvalues (`..._index`) and none within `..._gap` of zero. `lower` is the family with the lower loss.
    None is what was not proved.
    """

    k: int
    n: int
    copy_average_index: int | None
    perturbed_index: int | None
    lower: str | None
    center: tuple[str, ...]
    copy_average_gap: float | None
    perturbed_gap: float | None
    radius: float | None

    @property
    def proved(self) -> bool:
        """Whether all is."""
        return None not in self


class _Proved(NamedTuple):
    """A proof of one family; None where there is none. `perturbed` is about the critical point at the row's center,
    `center`, whatever that is.
    """

    average: Isolation | None
    perturbed: Isolation | None
    center: Numbers

    @property
    def lower(self) -> str | None:
        if self.average is None or self.perturbed is None:
            return None
        return lower_of(self.average.loss, self.perturbed.loss)


def branches(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Numbers]:
    """Points of P-n-C's branch in balls, for those of the pairs (k, n) to which it was proved to lead."""
    found, arithmetic, widths = {}, balls(_BRANCH_BITS), defaultdict[int, set[int]](set)
    for k, n in pairs:
        widths[k].add(n)
    with arithmetic.working():
        for k, some in widths.items():
            found.update({(k, n): point for n, point in branch_points(k, some, arithmetic).items()})
    return found


def lower_of(average: Enclosure, perturbed: Enclosure) -> str | None:
    """Which of two losses certainly is."""
    if average.below(perturbed):
        return COPY_AVERAGE
    return PERTURBED if perturbed.below(average) else None


def certified_width(k: int, n: int, start: Numbers, branch: Numbers | None) -> CertifiedWidth:
    """Proved from a point near P-n-C: α, β, γ, a in float64 or many digits. `branch` is the point of its branch in
    balls, None where that is not known, and then nothing is said of P-n-C.
    """
    center, found = start, None
    for digits, bits in _LADDER:
        center = _centered(k, n, start, digits, bits)
        found = _proved(k, n, center, bits)
        if found.lower is not None:
            break
    assert found is not None
    average, perturbed = found.average, found.perturbed if _is_on_branch(k, n, found, branch) else None
    return CertifiedWidth(
        k=k,
        n=n,
        copy_average_index=None if average is None else average.index,
        perturbed_index=None if perturbed is None else perturbed.index,
        lower=None if perturbed is None else found.lower,
        center=center,
        copy_average_gap=None if average is None else _stated(average.gap),
        perturbed_gap=None if perturbed is None else _stated(perturbed.gap),
        radius=None if perturbed is None else _stated(perturbed.reach),
    )


class CheckedRow(NamedTuple):
    """Of a row: the statements that its numbers do not prove, but for that of the branch, and what they prove."""

    failed: tuple[str, ...]
    proved: _Proved

    def with_branch(self, row: CertifiedWidth, branch: Numbers | None) -> tuple[str, ...]:
        """All that are not proved, "branch" among them unless the row's critical point is the branch's."""
        return self.failed if _is_on_branch(row.k, row.n, self.proved, branch) else (*self.failed, "branch")


def check_row(row: CertifiedWidth) -> CheckedRow:
    """Whether a row's numbers prove its statements: nothing is searched for."""
    found = None
    for _, bits in _LADDER:
        proved = _proved(row.k, row.n, row.center, bits)
        found = CheckedRow(_unproved(row, proved), proved)
        if not found.failed:
            break
    assert found is not None
    return found


def _unproved(row: CertifiedWidth, found: _Proved) -> tuple[str, ...]:
    average, perturbed = found.average, found.perturbed
    holds = {
        "copy_average_index": average is not None and row.copy_average_index == average.index,
        "perturbed_index": perturbed is not None and row.perturbed_index == perturbed.index,
        "lower": row.lower is not None and row.lower == found.lower,
        "copy_average_gap": average is not None and _at_most(row.copy_average_gap, average.gap),
        "perturbed_gap": perturbed is not None and _at_most(row.perturbed_gap, perturbed.gap),
        "radius": perturbed is not None
        and _at_most(row.radius, perturbed.reach)
        and row.radius is not None
        and row.radius >= perturbed.error,
    }
    return tuple(name for name, held in holds.items() if not held)


def _is_on_branch(k: int, n: int, found: _Proved, branch: Numbers | None) -> bool:
    """Whether the only critical point near the center is the branch's: that is one, so that it is enough if it is
    near.
    """
    if found.perturbed is None or branch is None:
        return False
    arithmetic = balls(_BRANCH_BITS)
    with arithmetic.working():
        apart = lengths(PerturbedNCopy.orbits_of(k, n), arithmetic) * (branch - found.center)
        return bool(arithmetic.norm(apart) <= found.perturbed.reach)


def _proved(k: int, n: int, center: tuple[str, ...], bits: int) -> _Proved:
    arithmetic = balls(bits)
    with arithmetic.working():
        average = copy_average(k, n)
        network = average.in_arithmetic(extended(arithmetic.digits))
        exact = given_vector(average.problem.orbits, network, arithmetic)
        orbits = PerturbedNCopy.orbits_of(k, n)
        unknowns = arithmetic.array(np.array([Fraction(number) for number in center], dtype=object))
        return _Proved(
            _isolated(average.problem.orbits, exact, arithmetic),
            _isolated(orbits, lengths(orbits, arithmetic) * unknowns, arithmetic),
            unknowns,
        )


def _isolated(orbits: tuple[Orbit, ...], vector: Numbers, arithmetic: Balls) -> Isolation | None:
    try:
        found = isolated(SymmetricPlace(orbits, vector, _EXCESS, arithmetic))
    except Unproved:
        return None
    return found if found.elsewhere else None


def _centered(k: int, n: int, start: Numbers, digits: int, bits: int) -> tuple[str, ...]:
    """Newton's limit, to so many digits; the start itself where there is none."""
    orbits, arithmetic = PerturbedNCopy.orbits_of(k, n), balls(bits)
    with arithmetic.working():
        scale = lengths(orbits, arithmetic)
        vector = scale * arithmetic.array(start)
        with contextlib.suppress(Unproved):
            vector = refined(orbits, vector, 10.0 ** -(digits + 3), arithmetic)
        return tuple(_text(arithmetic.exact(value), digits) for value in vector / scale)


def _text(value: Fraction, digits: int) -> str:
    return str(decimal(value, digits, ROUND_HALF_EVEN))


def _stated(bound: float) -> float:
    return float(_BOUND.format(_BELOW * bound))


def _at_most(stated: float | None, proved: float) -> bool:
    return stated is not None and 0 < stated <= proved
