"""boundaries: where P-n-C becomes stable, where it falls below copy-average, where copy-average turns into a saddle."""

import functools
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import FLOAT64_DIGITS, extended
from gradflow._checks import Checked
from gradflow._text import table
from gradflow.families._copy_average import copy_average, least_loss
from gradflow.families._perturbed_n_copy import (
    PerturbedNCopy,
    branch_from_perfect_copy,
    perturbed_n_copy,
    walking_arithmetic,
)
from gradflow.families.bracket import Bracket, narrowed
from gradflow.families.curve import CurvePoint, solved_between
from gradflow.families.point import PrecisionWarning, working_digits
from gradflow.problems.symmetric import Orbit, SymmetricNetwork
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.spectrum import levels
from gradflow.problems.symmetric.unknowns import network_of, newton

# the branch ends at n = 1, which its steps approach to this
_NEAR_ONE = 1e-3
# from a straight line between two steps of the branch to rounding
_NEWTON_STEPS = 30


@dataclass(frozen=True, repr=False)
class Boundary:
    """A place on the axis of real widths 1 < n < k, as an interval that contains it.

    A sign was seen at either end, beyond its rounding, in an arithmetic of more digits than the interval has; that is
    no proof that there is no second place in between. `status` is "found", "none" (nothing changes for 1 < n < k; the
    ends are None) or "not followed" (the branch was lost; `lower` is None and `upper` the last width where it was
    known). `representation` is the one whose eigenvalue changes sign. `first_integer` is the first whole n at or
    beyond the boundary, None if that is k or more; `index_below` and `index_from` are the Hessian's at the whole n
    before and from there (of the copy-average point, or of P-n-C); no integer where k is none.
    """

    k: Any
    lower: Any
    upper: Any
    digits: int
    status: str
    representation: str | None = None
    first_integer: int | None = None
    index_below: int | float | None = None
    index_from: int | float | None = None

    @property
    def ratio(self) -> Any:
        """n/k at the middle of the interval, None if there is none."""
        return (self.lower + self.upper) / 2 / self.k if self.status == "found" else None

    def __str__(self) -> str:
        if self.status != "found":
            return self.status if self.upper is None else f"{self.status} below n = {self.upper}"
        return f"n in [{self.lower}, {self.upper}], n/k = {_plain(self.ratio, self.digits)}"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Boundaries:
    """The static boundaries of the phase diagram at one k; each is a `Boundary`.

    `pnc_stability`: the n > 1 from which on P-n-C has index 0 up to n = k. `loss_crossing` (γ3·k): the largest n < k
    where P-n-C and optimal copy-average have equal loss. `copy_average_stability`: the n beyond which optimal
    copy-average is a saddle.
    """

    k: Any
    pnc_stability: Boundary
    loss_crossing: Boundary
    copy_average_stability: Boundary

    def __str__(self) -> str:
        rows = [
            (
                name,
                *(
                    (
                        _interval(_plain(one.lower, one.digits), _plain(one.upper, one.digits)),
                        _plain(one.ratio, one.digits),
                    )
                    if one.status == "found"
                    else (one.status, "")
                ),
                one.first_integer or "never",
                one.representation or "",
                "" if one.index_below is None else f"{one.index_below} -> {one.index_from}",
            )
            for name, one in (
                ("P-n-C becomes a minimum", self.pnc_stability),
                ("P-n-C falls below C-A", self.loss_crossing),
                ("C-A becomes a saddle", self.copy_average_stability),
            )
        ]
        header = ("", "n", "n/k", "first whole n", "representation", "index")
        return f"boundaries: k = {self.k}, as the width n grows\n{table(header, rows)}"

    __repr__ = __str__


def boundaries(k: Checked[Any], *, digits: Checked[int] = FLOAT64_DIGITS) -> Boundaries:
    """Where the exact families of `k` orthonormal teachers change, along the axis of real student widths n.

    P-n-C is followed from the perfect copy at n = k downwards until it loses its stability and its loss has crossed
    that of optimal copy-average; both places, and the root of the closed form for copy-average,

        n − 1 = N*(m), m = k − n + 1, N*(m) = X (1/√3 − 1/2)/(Y − X/2),
        X = m (4m² − 2)/((2m + 1) √(4m² − 1)), Y = (2m − 1)/4,

    are then enclosed in an arithmetic that leaves `digits` of them. For k → ∞ they run like n ≈ 1.698874 k^{3/5},
    n/k → 0.7662308 and k − n ≈ 0.898899 √k (`notebooks/02_boundaries.ipynb` derives them).

    Raises `ValueError` for k < 2 and for fewer than 15 digits. γ1 and γ2 of the literature are about basins, which only
    flows can tell; the onset of P-n-C's stability bounds from below where flows can end in P-n-C.
    """
    k = _checks.real_size("boundaries", "k", k, "boundaries(k=20)", least=2)
    digits = _checks.digits("boundaries", digits)
    search = _Search(k, digits)
    onset, crossing = search.along_the_branch()
    return Boundaries(k=k, pnc_stability=onset, loss_crossing=crossing, copy_average_stability=search.copy_average())


def copy_average_margin(m: Any, arithmetic: Any) -> Any:
    """N*(m): optimal copy-average is a minimum if n − 1 is below it, a saddle of index m − 1 above.

    From the block of the representation (m-1,1), the weights of the t = n − 1 copies and of the average along teachers
    of the average against each other. Copies and average are orthogonal and in balance (`slope` is 0 for both), so that
    of S + … − a K_cc there remains, with 4/π taken out and δ = 1/√3 − 1/2, the matrix

        [[δ + t/2, √(t m Y)], [√(t m Y), m X]],

    whose determinant is zero at t = X δ/(Y − X/2).
    """
    one = arithmetic.number(1)
    root = arithmetic.sqrt(4 * m * m - one)
    x, y = m * (4 * m * m - 2) / ((2 * m + 1) * root), (2 * m - one) / 4
    return x * (1 / arithmetic.sqrt(3 * one) - one / 2) / (y - x / 2)


class _Seen(NamedTuple):
    """A point of the branch: how far its loss is above copy-average's, the representations with an eigenvalue that is
    certainly negative, and whether all are certainly positive.
    """

    point: CurvePoint
    excess: float
    unstable: tuple[str, ...]
    stable: bool


class _Search:
    """The boundaries of one k."""

    def __init__(self, k: Any, digits: int):
        self.k, self.digits = k, digits
        self.working = extended(working_digits(k, digits))
        self.teachers = self.working.number(k)
        self.walking = walking_arithmetic(k)

    def along_the_branch(self) -> tuple[Boundary, Boundary]:
        """Onset of stability and loss crossing, the first of each that is met on the way down from n = k."""
        onset = crossing = before = stable = None
        for point in branch_from_perfect_copy(self.k):
            if point.parameter == self.k:
                continue
            here = self._seen(point)
            stable = here if here.stable and onset is None else stable
            if stable is not None and onset is None and here.unstable:
                onset = self._onset(stable, here)
            if before is not None and crossing is None and (here.excess > 0) != (before.excess > 0):
                crossing = self._crossing(before, here)
            if onset is not None and crossing is not None:
                return onset, crossing
            before = here
        # the branch has joined the average neuron at n = 1, or was lost
        last = self.k if before is None else before.point.parameter
        missing = self._boundary("none", None) if last < 1 + _NEAR_ONE else self._boundary("not followed", None, last)
        return onset or missing, crossing or missing

    def copy_average(self) -> Boundary:
        """The root of the closed form in n; it is below zero as n → k, where N*(1) = 0.517 < k − 1."""

        def margin(n: Any) -> Any:
            return copy_average_margin(self.teachers - n + 1, self.working) - (n - 1)

        one = self.working.number(1)
        found = narrowed(margin, Bracket(one, self.teachers, margin(one), margin(self.teachers)), self._width)
        first = self._first(found)
        if first is None:
            return self._boundary("found", found, representation="(m-1,1)")
        index_below, index_from = (_index(copy_average, self.k, n) for n in (first - 1, first))
        return self._boundary(
            "found", found, representation="(m-1,1)", first=first, index_below=index_below, index_from=index_from
        )

    def _seen(self, point: CurvePoint) -> _Seen:
        arithmetic = self.walking
        orbits = PerturbedNCopy.orbits_of(arithmetic.number(self.k), point.parameter)
        network = network_of(orbits, point.vector, arithmetic)
        loss = landscape(orbits, network.own, network.others, network.output, arithmetic).loss
        found = [level for level in levels(orbits, network, 1, arithmetic) if level.dimension > 0]
        unstable = tuple(level.name for level in found if np.any(level.eigenvalues < -level.error))
        stable = not any(np.any(level.eigenvalues <= level.error) for level in found)
        excess = float(loss - least_loss(arithmetic.number(self.k) - point.parameter + 1, arithmetic))
        return _Seen(point, excess, unstable, stable)

    def _onset(self, before: _Seen, here: _Seen) -> Boundary:
        (name,) = here.unstable[:1]

        def least(n: Any) -> Any | None:
            place = self._at(n, before, here)
            if place is None:
                return None
            (level,) = levels(*place, 1, self.working, only=(name,))
            value, error = level.eigenvalues[0], level.error[0]
            return value if abs(value) > error else None

        found = self._narrowed(least, *(self.working.number(seen.point.parameter) for seen in (here, before)))
        if found is None:
            return self._boundary("not followed", None, before.point.parameter)
        first = self._first(found)
        if first is None or first < 2:
            return self._boundary("found", found, representation=name, first=first)
        index_below, index_from = (_index(perturbed_n_copy, self.k, n) for n in (first - 1, first))
        return self._boundary(
            "found", found, representation=name, first=first, index_below=index_below, index_from=index_from
        )

    def _crossing(self, before: _Seen, here: _Seen) -> Boundary:
        def excess(n: Any) -> Any | None:
            place = self._at(n, before, here)
            if place is None:
                return None
            orbits, network = place
            loss = landscape(orbits, network.own, network.others, network.output, self.working).loss
            return loss - least_loss(self.teachers - n + 1, self.working)

        found = self._narrowed(excess, *(self.working.number(seen.point.parameter) for seen in (here, before)))
        if found is None:
            return self._boundary("not followed", None, before.point.parameter)
        return self._boundary("found", found, first=self._first(found))

    def _at(self, n: Any, before: _Seen, here: _Seen) -> tuple[tuple[Orbit, ...], SymmetricNetwork] | None:
        """The point of the branch at n, between two that were seen; None if Newton's method does not find it."""
        arithmetic = self.walking
        orbits_at = functools.partial(PerturbedNCopy.orbits_of, arithmetic.number(self.k))
        start = solved_between(orbits_at, before.point.place, here.point.place, arithmetic.number(n), arithmetic)
        orbits = PerturbedNCopy.orbits_of(self.teachers, n)
        if start is not None:
            vector, converged = newton(orbits, self.working.array(start), self.working, max_steps=_NEWTON_STEPS)
            if converged:
                return orbits, network_of(orbits, vector, self.working)
        return None

    def _narrowed(self, function: Callable[[Any], Any | None], lower: Any, upper: Any) -> Bracket | None:
        """None if the signs at the ends are not opposite beyond rounding."""
        start = Bracket(lower, upper, function(lower), function(upper))
        if start.at_lower is None or start.at_upper is None or (start.at_lower > 0) == (start.at_upper > 0):
            return None
        return narrowed(function, start, self._width)

    def _width(self, n: Any) -> Any:
        return n * self.working.context.mpf(10) ** -self.digits

    def _first(self, found: Bracket) -> int | None:
        first = int(self.working.context.ceil(found.upper))
        return first if first < self.k else None

    def _boundary(
        self, status: str, found: Bracket | None, last: Any = None, *, first: int | None = None, **about: Any
    ) -> Boundary:
        """To the digits asked for, rounded outwards."""
        lower, upper = (None, last) if found is None else self._outwards(found)
        return Boundary(
            k=self.k, lower=lower, upper=upper, digits=self.digits, status=status, first_integer=first, **about
        )

    def _outwards(self, found: Bracket) -> tuple[Any, Any]:
        if self.digits > FLOAT64_DIGITS:
            return found.lower, found.upper
        lower, upper = float(found.lower), float(found.upper)
        return (
            lower if lower <= found.lower else math.nextafter(lower, -math.inf),
            upper if upper >= found.upper else math.nextafter(upper, math.inf),
        )


def _index(family: Callable[..., Any], k: Any, n: int) -> int | float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrecisionWarning)  # as many digits as it takes are taken
        index = family(k, n).spectrum.index
        return int(index) if index == int(index) else float(index)


def _plain(number: Any, digits: int) -> str:
    return f"{number:.{digits}g}" if isinstance(number, float) else str(number)


def _interval(lower: str, upper: str) -> str:
    """Both ends in full; one number where they are printed alike."""
    return lower if lower == upper else f"[{lower}, {upper}]"
