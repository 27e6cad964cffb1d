"""continuation: a symmetric critical point followed in one real parameter, with its stability and special points."""

import dataclasses
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import numpy as np

from gradflow import _checks
from gradflow._arithmetic import FLOAT64, FLOAT64_DIGITS, Extended, Float64, Numbers, arithmetic_of, extended
from gradflow._checks import Checked
from gradflow._results import RESULTS, name_of
from gradflow._text import counted, table
from gradflow.families.bracket import Bracket, narrowed
from gradflow.families.curve import Curve, CurvePoint
from gradflow.families.point import PrecisionWarning
from gradflow.problems.symmetric import Orbit, SymmetricNetwork, SymmetricTeacherStudent
from gradflow.problems.symmetric.blocks import TERMS
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.orbits import student_classes, teacher_classes
from gradflow.problems.symmetric.spectrum import Levels, levels
from gradflow.problems.symmetric.unknowns import network_of, newton, relative, vector_of

# special points are narrowed down to so many units of rounding of the step in which they lie; at a fold, where the
# parameter does not change to first order, to its root
_UNITS = 1e4
# the last step ends this near to the end, relative to the way; Newton's method does the rest
_ARRIVED = 1e-6
# from a start of a few digits, or from a point of the branch
_NEWTON_STEPS = 30
# steps near zero are relative to this much of the way instead of the parameter: some ten of them cross it
_UNIT = 1e-2


# of a loss in float64, relative to itself; and the digits in which it is summed where terms of 1e12 leave less
_EXACT, _LOSS_DIGITS = 1e-12, 50


class SpecialPoint(eqx.Module):
    """A fold, where the branch turns back in its parameter, or a bifurcation, where eigenvalues of a representation
    change sign: an interval of the parameter that contains it, and the index of the full Hessian before and after, in
    the direction of the branch. `step` is the first point of the branch beyond it.
    """

    kind: str
    lower: Any
    upper: Any
    representation: str
    index_before: Any
    index_after: Any
    step: int


class Branch(eqx.Module):
    """Critical points along one parameter, in the order in which they were met.

    `parameters` (points,), `networks`, `losses` (points,), `indices` (points,): the number of negative eigenvalues of
    the full Hessian, with multiplicity (no integer where a size is none); `special_points`. `result` is successful if
    the branch got to `until`, and tells otherwise why not; the last point is good in any case.
    """

    parameters: Numbers
    networks: tuple[SymmetricNetwork, ...]
    losses: Numbers
    indices: Numbers
    special_points: tuple[SpecialPoint, ...]
    result: Any
    digits: int

    @property
    def folds(self) -> tuple[SpecialPoint, ...]:
        return tuple(point for point in self.special_points if point.kind == "fold")

    @property
    def bifurcations(self) -> tuple[SpecialPoint, ...]:
        return tuple(point for point in self.special_points if point.kind == "bifurcation")

    def __str__(self) -> str:
        first, last = self.parameters[0], self.parameters[-1]
        header = f"continuation: {len(self.parameters)} points from {first} to {last}, {name_of(self.result)}"
        rows = [
            (
                one.kind,
                one.lower,
                one.upper,
                one.representation,
                f"{_short(one.index_before)} -> {_short(one.index_after)}",
            )
            for one in self.special_points
        ]
        return f"{header}\n{table(('', 'from', 'to', 'representation', 'index'), rows)}" if rows else header

    __repr__ = __str__


def continuation(
    family: Checked[Callable[[Any], SymmetricTeacherStudent | Sequence[Orbit]]],
    start: Any,
    *,
    at: Checked[Any],
    until: Checked[Any],
    digits: Checked[int] = FLOAT64_DIGITS,
    max_steps: Checked[int] = 500,
) -> Branch:
    """Follow a critical point of `family`(parameter) from the parameter `at` until it has the value `until`.

    `family` gives the orbits, or the problem, for a real parameter: a size, or an output weight of teachers. `start` is
    a `SymmetricNetwork` near a critical point at `at`, or a member of an exact family. Steps are of arclength (Keller
    1977), relative to the unknowns, so that folds are passed; the full spectrum is known at every point, block by
    block, and where eigenvalues change sign from one point to the next the place is narrowed down. Two changes in one
    representation within one step can hide each other; a smaller range finds them.

        gf.continuation(lambda n: gf.PerturbedNCopy.orbits_of(50, n), gf.perturbed_n_copy(50, 4), at=4, until=1.5)

    Raises `ValueError` where there is no critical point near `start`; warns (`PrecisionWarning`) where float64 does
    not tell an eigenvalue from zero, so that an index may be too small. A branch that is lost ends with `.result`
    `branch_lost`; one that is longer than `max_steps` with `max_steps_reached`.
    """
    _checks.function("continuation", "family", family, "gf.continuation(family, start, at=4, until=2)")
    arithmetic = arithmetic_of(_checks.digits("continuation", digits))
    at, until = (
        arithmetic.number(_checks.real("continuation", name, value, "at=4, until=2"))
        for name, value in (("at", at), ("until", until))
    )
    _checks.apart("continuation", at, until)
    max_steps = _checks.count("continuation", "max_steps", max_steps, "max_steps=500")
    network = getattr(start, "network", start)
    _checks.instance("continuation", "start", network, SymmetricNetwork, "start=gf.perturbed_n_copy(k=50, n=4)")
    first = _checks.family_at("continuation", family(at), at, Orbit)
    rows, columns = (len(classes(first, FLOAT64).orbits) for classes in (student_classes, teacher_classes))
    _checks.class_shapes("continuation", network, rows, columns)
    _checks.many_digits("continuation", network)

    def orbits_at(parameter: Any) -> tuple[Orbit, ...]:
        # which overlaps there are does not change on the way, also where a size passes through 1
        found = _checks.family_at("continuation", family(parameter), parameter, Orbit)
        _checks.same_orbits("continuation", found, first, parameter)
        return tuple(orbit.settled(like.alone) for orbit, like in zip(found, first, strict=True))

    try:
        orbits_at(until)
    except ValueError as error:
        raise _checks.reaches("continuation", until, error) from None
    vector, converged = newton(first, vector_of(first, network, arithmetic), arithmetic, max_steps=_NEWTON_STEPS)
    _checks.near_critical("continuation", bool(converged), at)
    # a parameter that passes through zero cannot be what its own steps are relative to
    unit = abs(until - at) * _UNIT if at * until <= 0 else 0 * at
    curve = Curve(orbits_at, arithmetic, min(at, until), max(at, until), unit)
    return _Follower(curve).follow(vector, at, until, max_steps)


class _Station(NamedTuple):
    """A point of the branch with its blocks."""

    point: CurvePoint
    network: SymmetricNetwork
    loss: Any
    levels: tuple[Levels, ...]

    @property
    def signs(self) -> dict[tuple[int, int], int]:
        """Of the eigenvalues, by block and place in it, that are certainly not zero."""
        return {
            (block, place): 1 if value > 0 else -1
            for block, level in enumerate(self.levels)
            for place, (value, error) in enumerate(zip(level.eigenvalues, level.error, strict=True))
            if value == value and abs(value) > error  # NaN where there is no such eigenvalue
        }

    @property
    def index(self) -> Any:
        """How many eigenvalues are certainly negative, with multiplicity."""
        negative = (self.levels[block].dimension for (block, _), sign in self.signs.items() if sign < 0)
        return sum(dimension for dimension in negative if dimension > 0)


class _Follower:
    """One branch in the making; it remembers where each eigenvalue had a certain sign last."""

    def __init__(self, curve: Curve):
        self.curve, self.orbits_at, self.arithmetic = curve, curve.orbits_at, curve.arithmetic
        self.certain: dict[tuple[int, int], tuple[_Station, int]] = {}
        self.room: dict[int, int] = {}
        # the parameters at which a sign that was known is not any more
        self.lost: list[Any] = []
        # the last fold whose eigenvalue has not been seen to change yet
        self.folded: int | None = None

    def follow(self, vector: Numbers, at: Any, until: Any, max_steps: int) -> Branch:
        direction = 1 if until > at else -1
        stations = [self._station(self.curve.start(vector, at, direction))]
        self._remember(stations[0])
        special: list[SpecialPoint] = []
        result = RESULTS.branch_lost
        for point in self.curve.points(stations[0].point):
            here = self._station(point)
            self._special(stations[-1], here, special, len(stations))
            stations.append(here)
            if self.certain.keys() - here.signs.keys():  # one that is always zero never had a sign
                self.lost.append(here.point.parameter)
            if len(stations) > max_steps:
                result = RESULTS.max_steps_reached
                break
        self._warn(len(stations))
        last = stations[-1].point
        if abs(last.parameter - until) <= _ARRIVED * abs(until - at):
            result = RESULTS.successful
            vector, _ = newton(self.orbits_at(until), last.vector, self.arithmetic, max_steps=_NEWTON_STEPS)
            stations[-1] = self._station(last._replace(vector=vector, parameter=until))
        return Branch(
            parameters=np.array([station.point.parameter for station in stations]),
            networks=tuple(station.network for station in stations),
            losses=np.array([station.loss for station in stations]),
            indices=np.array([station.index for station in stations]),
            special_points=tuple(special),
            result=result,
            digits=self.arithmetic.digits,
        )

    def _warn(self, points: int) -> None:
        """Say where float64 ends: there an index may be too small, and a special point may be rounding."""
        if self.lost and isinstance(self.arithmetic, Float64):
            first = float(self.lost[0])
            warnings.warn(
                f"continuation: float64 does not tell an eigenvalue from zero at {len(self.lost)} of "
                f"{counted(points, 'point')}, the first at {first:.6g}: indices and special points there may be "
                "rounding. Write digits=30.",
                PrecisionWarning,
                stacklevel=4,
            )

    def _station(self, point: CurvePoint) -> _Station:
        orbits = self.orbits_at(point.parameter)
        network = network_of(orbits, point.vector, self.arithmetic)
        return _Station(
            point, network, _loss(orbits, network, self.arithmetic), tuple(levels(orbits, network, 1, self.arithmetic))
        )

    def _remember(self, station: _Station) -> None:
        for block, level in enumerate(station.levels):
            room = sum(1 for value in level.eigenvalues if value == value)
            if self.room.setdefault(block, room) != room:
                # with another number of eigenvalues the places in the block are others
                self.certain = {at: seen for at, seen in self.certain.items() if at[0] != block}
                self.room[block] = room
        self.certain |= {at: (station, sign) for at, sign in station.signs.items()}

    def _special(self, before: _Station, here: _Station, special: list[SpecialPoint], step: int) -> None:
        """Add what lies between two points. A fold is where an eigenvalue of the trivial representation changes sign,
        which may be certain only some steps later.
        """
        if before.point.tangent[-1] * here.point.tangent[-1] < 0:
            self.folded = len(special)
            special.append(self._fold(before, here, step))
        changed: dict[int, list[int]] = {}
        for (block, place), sign in here.signs.items():
            same_room = self.room[block] == sum(1 for value in here.levels[block].eigenvalues if value == value)
            if same_room and self.certain.get((block, place), (here, sign))[1] != sign:
                changed.setdefault(block, []).append(place)
        for block, places in changed.items():
            if here.levels[block].name == "trivial" and len(places) == 1 and self.folded is not None:
                fold = special[self.folded]
                special[self.folded] = dataclasses.replace(fold, index_after=here.index)
                self.folded = None
                continue
            found, dimension = self._bifurcation(block, places[0], here, step)
            if dimension > 0:
                special.append(found)
        self._remember(here)

    def _fold(self, before: _Station, here: _Station, step: int) -> SpecialPoint:
        """The parameter's extremum lies beyond both ends of the narrowed step, and within their tangents."""

        def slope(length: Any) -> Any | None:
            point, _ = self.curve.after(before.point, length)
            return None if point is None else point.tangent[-1] * point.scale[-1]

        length = here.point.step
        start = Bracket(0 * length, length, *(p.tangent[-1] * p.scale[-1] for p in (before.point, here.point)))
        found = narrowed(slope, start, lambda _: (_UNITS * self.arithmetic.epsilon) ** 0.5 * length)
        first, last = (self._after(before, length) for length in (found.lower, found.upper))
        gap = found.upper - found.lower
        rising = found.at_lower > 0
        reached = (max if rising else min)(first.parameter, last.parameter)
        bound = (min if rising else max)(first.parameter + found.at_lower * gap, last.parameter - found.at_upper * gap)
        return self._point("fold", (reached, bound), last, "trivial", before, here, step)

    def _bifurcation(self, block: int, place: int, here: _Station, step: int) -> tuple[SpecialPoint, Any]:
        """With the dimension of the representation there."""
        before, _ = self.certain[block, place]

        def along(length: Any) -> Any | None:
            point, _ = self.curve.after(before.point, length)
            if point is None:
                return None
            level = self._station(self._settled(point)).levels[block]
            value, error = level.eigenvalues[place], level.error[place]
            return value if abs(value) > error else None

        ends = (before.point, here.point)
        if self._after(before, here.point.step).parameter == here.point.parameter:
            length = here.point.step
            values = (station.levels[block].eigenvalues[place] for station in (before, here))
            found = narrowed(
                along, Bracket(0 * length, length, *values), lambda _: _UNITS * self.arithmetic.epsilon * length
            )
            ends = (self._after(before, found.lower), self._after(before, found.upper))
        interval = (ends[0].parameter, ends[1].parameter)
        dimension = max(self._station(end).levels[block].dimension for end in ends)
        return self._point("bifurcation", interval, ends[1], here.levels[block].name, before, here, step), dimension

    def _settled(self, point: CurvePoint) -> CurvePoint:
        """At rounding level for its parameter, if Newton's method gets there without leaving."""
        vector, converged = newton(
            self.orbits_at(point.parameter), point.vector, self.arithmetic, max_steps=_NEWTON_STEPS
        )
        near = relative(vector - point.vector, vector) < self.arithmetic.epsilon**0.25
        return point._replace(vector=vector) if converged and near else point

    def _after(self, before: _Station, length: Any) -> CurvePoint:
        if length == 0:
            return before.point
        point, _ = self.curve.after(before.point, length)
        return before.point if point is None else point

    def _point(
        self,
        kind: str,
        interval: tuple[Any, Any],
        nearby: CurvePoint,
        name: str,
        before: _Station,
        here: _Station,
        step: int,
    ) -> SpecialPoint:
        """The interval widened by what rounding may move the branch."""
        aside = self.curve.uncertainty(nearby)
        return SpecialPoint(
            kind=kind,
            lower=min(interval) - aside,
            upper=max(interval) + aside,
            representation=name,
            index_before=before.index,
            index_after=here.index,
            step=step,
        )


def _loss(orbits: tuple[Orbit, ...], network: SymmetricNetwork, arithmetic: Float64 | Extended) -> Any:
    """L; of terms that cancel to less than float64 can tell, from the same unknowns in more digits. What those are off
    changes it to second order only.
    """
    here = landscape(orbits, network.own, network.others, network.output, arithmetic)
    if not isinstance(arithmetic, Float64) or TERMS * arithmetic.epsilon * here.magnitude.loss <= _EXACT * here.loss:
        return here.loss
    more = extended(_LOSS_DIGITS)
    own, others, output = map(more.array, (network.own, network.others, network.output))
    return float(landscape(orbits, own, others, output, more).loss)


def _short(index: Any) -> str:
    return f"{float(index):.6g}"
