"""Perturbed n-copy points: each student almost copies its own teacher, all alike."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradflow import _checks, _memory
from gradflow._arithmetic import FLOAT64, Extended, Float64, Numbers, extended
from gradflow._checks import Checked
from gradflow.families.curve import Curve, CurvePoint, solved_between
from gradflow.families.point import AbstractFamilyPoint, working_digits
from gradflow.problems.symmetric import Orbit, SymmetricNetwork
from gradflow.problems.symmetric.unknowns import newton, relative

if TYPE_CHECKING:
    import gradflow

_EXAMPLE = "perturbed_n_copy(k=8, n=4)"
_WITHOUT = "The point itself needs no arrays: use .loss, .spectrum and .overlaps."
# the branch turns into a channel where few of many students are left; this many steps reach n = 2 at k = 1,000
_MOST_STEPS = 500
_NEAR_ONE = 1e-6
# from a point right to half its digits or so
_NEWTON_STEPS = 30
# what more digits change of a point that is the right one
_SAME_POINT = 1e-2
# beyond, sums of k terms leave too little of a float64 to follow the branch
_WIDEST_IN_FLOAT64 = 1e8
# where float64 no longer resolves the branch, this many digits do
_MANY_DIGITS = 40


class Overlaps(NamedTuple):
    """The four unknowns: overlap of a student with its own teacher, with the other students' and with nobody's; output
    weight.
    """

    own: Any
    others: Any
    unmatched: Any
    output: Any


@dataclass(frozen=True, repr=False, kw_only=True)
class PerturbedNCopy(AbstractFamilyPoint):
    """The P-n-C point of `n` students and `k` orthonormal teachers.

    w_i = α v_i + β Σ_{j≤n, j≠i} v_j + γ Σ_{j>n} v_j, a_i = a, for (α, β, γ, a) = `overlaps`; isotropy ΔS_n × S_{k−n}.
    """

    k: Any
    n: Any
    d: int | None
    digits: int | None

    @staticmethod
    def orbits_of(k: Checked[Any], n: Checked[Any]) -> tuple[Orbit, ...]:
        """n units of a student and its teacher, k − n of a teacher alone; real numbers."""
        _checks.family_sizes("PerturbedNCopy.orbits_of", k, n, least=0)
        return Orbit(n, 1, (1.0,), "n"), Orbit(k - n, 0, (1.0,), "k-n")

    @property
    def overlaps(self) -> Overlaps:
        """α, β, γ, a: floats, or numbers of as many digits as were asked for."""
        found = _point(self.k, self.n, self._working.digits)
        return Overlaps(*(self._result.number(value) for value in found))

    @property
    def orbits(self) -> tuple[Orbit, ...]:
        students, teachers = PerturbedNCopy.orbits_of(self.k, self.n)
        return (students, teachers) if self.n < self.k else (students,)

    def in_arithmetic(self, arithmetic: Extended) -> SymmetricNetwork:
        own, others, unmatched, output = _point(self.k, self.n, arithmetic.digits)
        columns = len(self.orbits)
        return SymmetricNetwork(
            arithmetic.array([[own, 0][:columns]]),
            arithmetic.array([[others, unmatched][:columns]]),
            arithmetic.array([output]),
        )

    @property
    def student(self) -> "gradflow.TwoLayerNetwork":
        from gradflow.networks import TwoLayerNetwork

        n, k = (_checks.whole("perturbed_n_copy", name, value) for name, value in (("n", self.n), ("k", self.k)))
        d = k + 1 if self.d is None else self.d
        _memory.require(
            "perturbed_n_copy", 8.0 * n * (d + 1), f"the student of {n} neurons in {d} dimensions", _WITHOUT
        )
        own, others, unmatched, output = (float(value) for value in self.overlaps)
        weights = np.zeros((n, d))
        weights[:, :n] = others
        weights[:, n:k] = unmatched
        weights[range(n), range(n)] = own
        return TwoLayerNetwork(weights, np.full(n, output))

    def __str__(self) -> str:
        names = ("alpha", "beta", "gamma", "a")
        overlaps = ", ".join(f"{name} = {value}" for name, value in zip(names, self.overlaps, strict=True))
        return f"perturbed_n_copy: k = {self.k}, n = {self.n}, {overlaps}, loss {self.loss}"

    __repr__ = __str__


def perturbed_n_copy(
    k: Checked[Any], n: Checked[Any], *, d: Checked[int | None] = None, digits: Checked[int | None] = None
) -> PerturbedNCopy:
    """The P-n-C point for 1 ≤ n ≤ k, real numbers (at n = k the perfect copy), right to the last digit; `d` is k + 1 if
    left out. `digits` beyond 15 gives overlaps, loss and spectrum in so many digits.

    The branch is followed from the perfect copy, by arclength in n, through its folds; where it has several points at
    one n, the first that is met is meant. The point is then refined in more digits than are returned.

    Raises `ValueError` for n > k or d < k, and `GradflowRuntimeError` (`branch_lost`, `.partial` the last good point)
    where the branch could not be followed.
    """
    k = _checks.real_size("perturbed_n_copy", "k", k, _EXAMPLE, least=1)
    n = _checks.real_size("perturbed_n_copy", "n", n, _EXAMPLE, least=1)
    _checks.no_more_students("perturbed_n_copy", n, k)
    digits = None if digits is None else _checks.digits("perturbed_n_copy", digits)
    found = PerturbedNCopy(k=k, n=n, d=_checks.input_dimension("perturbed_n_copy", k, n, d), digits=digits)
    _point(k, n, found._working.digits)
    return found


@functools.lru_cache(maxsize=4096)
def _point(k: Any, n: Any, digits: int) -> Overlaps:
    """In so many digits."""
    arithmetic = extended(digits)
    if n == k:
        return Overlaps(*map(arithmetic.number, (1, 0, 0, 1)))
    if n == 1:  # the branch joins the average neuron, and there are no others
        size = arithmetic.number(k)
        weight = 1 / arithmetic.context.sqrt(size * (2 * size - 1))
        return Overlaps(own=weight, others=arithmetic.number(0), unmatched=weight, output=size)
    kinds = (FLOAT64, extended(_MANY_DIGITS)) if k <= _WIDEST_IN_FLOAT64 else (walking_arithmetic(k),)
    for kind in kinds:
        walk = _walk(k, kind)
        start = walk.near(n)
        if start is None:
            continue
        orbits = PerturbedNCopy.orbits_of(arithmetic.number(k), arithmetic.number(n))
        start = arithmetic.array(start)
        vector, converged = newton(orbits, start, arithmetic, max_steps=_NEWTON_STEPS)
        if converged and relative(vector - start, start) < _SAME_POINT:
            return Overlaps(*vector)
    from gradflow._results import RESULTS, GradflowRuntimeError

    last = walk.seen[-1].parameter
    raise GradflowRuntimeError(
        "perturbed_n_copy", RESULTS.branch_lost, PerturbedNCopy(k=k, n=float(last), d=None, digits=None)
    )


class _Walk:
    """The branch of one k, followed from the perfect copy as far down as it was asked for."""

    def __init__(self, k: Any, arithmetic: Float64 | Extended):
        k = arithmetic.number(k)
        self.arithmetic, self.orbits_at = arithmetic, functools.partial(PerturbedNCopy.orbits_of, k)
        curve = Curve(self.orbits_at, arithmetic, arithmetic.number(1), k)
        # at n = k there is no unmatched teacher to overlap with, but the equation for one is there: γ is about 1/k
        perfect = arithmetic.array([1.0, 0.0, 1.0 / float(k), 1.0])
        vector, _ = newton(PerturbedNCopy.orbits_of(k, k), perfect, arithmetic)
        self.seen: list[CurvePoint] = [curve.start(vector, k, -1)]
        self._ahead: Iterator[CurvePoint] = curve.points(self.seen[0])

    def points(self) -> Iterator[CurvePoint]:
        """From the perfect copy on, as long as the branch can be followed."""
        yield from self.seen
        while len(self.seen) < _MOST_STEPS:
            there = next(self._ahead, None)
            if there is None:
                return
            self.seen.append(there)
            yield there

    def near(self, n: Any) -> Numbers | None:
        """The unknowns at n; None if the branch was lost before."""
        n = self.arithmetic.number(n)
        for before, after in itertools.pairwise(self.points()):
            if after.parameter <= n:
                return solved_between(self.orbits_at, before.place, after.place, n, self.arithmetic)
        last = self.seen[-1]
        # steps end a little above n = 1
        return last.vector if last.parameter - n < _NEAR_ONE else None


@functools.lru_cache(maxsize=64)
def _walk(k: Any, arithmetic: Float64 | Extended) -> _Walk:
    return _Walk(k, arithmetic)


def walking_arithmetic(k: Any) -> Float64 | Extended:
    """What the branch of this k can be followed in, but for its narrowest students."""
    return FLOAT64 if k <= _WIDEST_IN_FLOAT64 else extended(working_digits(k, None))


def branch_from_perfect_copy(k: Any) -> Iterator[CurvePoint]:
    """P-n-C for real n from k downwards, in `walking_arithmetic`, as long as it can be followed."""
    return _walk(k, walking_arithmetic(k)).points()
