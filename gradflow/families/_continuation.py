"""continuation: a symmetric critical point followed in one real parameter, with its stability and special points."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import numpy as np

from gradflow import _checks
from gradflow._arithmetic import FLOAT64_DIGITS, Numbers, arithmetic_of
from gradflow._checks import Checked
from gradflow._results import RESULTS, name_of
from gradflow._text import table
from gradflow.families.bracket import Bracket, narrowed
from gradflow.families.curve import Curve, CurvePoint
from gradflow.problems.symmetric import Orbit, SymmetricNetwork, SymmetricTeacherStudent
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.spectrum import Levels, levels
from gradflow.problems.symmetric.unknowns import network_of, newton, vector_of

# special points are narrowed down to so many units of rounding of the step in which they lie; at a fold, where the
# parameter does not change to first order, to its root
_UNITS = 1e4
# the last step ends this near to the end, relative to the way; Newton's method does the rest
_ARRIVED = 1e-6
_UNIT = 1e-2


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

    Raises `ValueError` where there is no critical point near `start`. A branch that is lost ends with `.result`
    `branch_lost`; one that is longer than `max_steps` with `max_steps_reached`.
    """
    _checks.function("continuation", "family", family, "gf.continuation(family, start, at=4, until=2)")
    arithmetic = arithmetic_of(_checks.digits("continuation", digits))
    at, until = (
        arithmetic.number(_checks.number("continuation", name, v)) for name, v in (("at", at), ("until", until))
    )
    _checks.apart("continuation", at, until)
    max_steps = _checks.count("continuation", "max_steps", max_steps, "max_steps=500")

    def orbits_at(parameter: Any) -> tuple[Orbit, ...]:
        found = family(parameter)
        return found.orbits if isinstance(found, SymmetricTeacherStudent) else tuple(found)

    network = getattr(start, "network", start)
    _checks.instance("continuation", "start", network, SymmetricNetwork, "start=gf.perturbed_n_copy(k=50, n=4)")
    vector, converged = newton(orbits_at(at), vector_of(orbits_at(at), network, arithmetic), arithmetic, max_steps=30)
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
    def negative(self) -> dict[str, int]:
        """How many eigenvalues of each block are negative."""
        return {level.name: int(np.sum(level.eigenvalues < 0)) for level in self.levels}

    @property
    def index(self) -> Any:
        """With multiplicity."""
        return sum(level.dimension * self.negative[level.name] for level in self.levels)


class _Follower:
    """One branch in the making."""

    def __init__(self, curve: Curve):
        self.curve, self.orbits_at, self.arithmetic = curve, curve.orbits_at, curve.arithmetic

    def follow(self, vector: Numbers, at: Any, until: Any, max_steps: int) -> Branch:
        direction = 1 if until > at else -1
        stations = [self._station(self.curve.start(vector, at, direction))]
        special: list[SpecialPoint] = []
        result = RESULTS.branch_lost
        for point in self.curve.points(stations[0].point):
            here = self._station(point)
            special += self._special(stations[-1], here, len(stations))
            stations.append(here)
            if len(stations) > max_steps:
                result = RESULTS.max_steps_reached
                break
        last = stations[-1].point
        if abs(last.parameter - until) <= _ARRIVED * abs(until - at):
            result = RESULTS.successful
            vector, _ = newton(self.orbits_at(until), last.vector, self.arithmetic, max_steps=30)
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

    def _station(self, point: CurvePoint) -> _Station:
        orbits = self.orbits_at(point.parameter)
        network = network_of(orbits, point.vector, self.arithmetic)
        here = landscape(orbits, network.own, network.others, network.output, self.arithmetic)
        found = tuple(level for level in levels(orbits, network, 1, self.arithmetic) if level.dimension > 0)
        return _Station(point, network, here.loss, found)

    def _special(self, before: _Station, here: _Station, step: int) -> list[SpecialPoint]:
        found = []
        fold = before.point.tangent[-1] * here.point.tangent[-1] < 0
        if fold:
            found.append(self._fold(before, here, step))
        for name, count in here.negative.items():
            change = count - before.negative.get(name, count)
            if change and not (fold and name == "trivial" and abs(change) == 1):
                found.append(self._bifurcation(name, before, here, step))
        return found

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
        return self._point("fold", sorted((reached, bound)), "trivial", before, here, step)

    def _bifurcation(self, name: str, before: _Station, here: _Station, step: int) -> SpecialPoint:
        first = min(before.negative[name], here.negative[name])

        def critical(point: CurvePoint) -> Any | None:
            station = self._station(point)
            level = next(level for level in station.levels if level.name == name)
            value, error = level.eigenvalues[first], level.error[first]
            return value if abs(value) > error else None

        def along(length: Any) -> Any | None:
            point, _ = self.curve.after(before.point, length)
            return None if point is None else critical(point)

        ends = (critical(before.point), critical(here.point))
        length = here.point.step
        if ends[0] is None or ends[1] is None:
            return self._point(
                "bifurcation", sorted((before.point.parameter, here.point.parameter)), name, before, here, step
            )
        found = narrowed(along, Bracket(0 * length, length, *ends), lambda _: _UNITS * self.arithmetic.epsilon * length)
        interval = sorted(self._after(before, length).parameter for length in (found.lower, found.upper))
        return self._point("bifurcation", interval, name, before, here, step)

    def _after(self, before: _Station, length: Any) -> CurvePoint:
        if length == 0:
            return before.point
        point, _ = self.curve.after(before.point, length)
        return before.point if point is None else point

    def _point(
        self, kind: str, interval: list[Any], name: str, before: _Station, here: _Station, step: int
    ) -> SpecialPoint:
        return SpecialPoint(
            kind=kind,
            lower=interval[0],
            upper=interval[1],
            representation=name,
            index_before=before.index,
            index_after=here.index,
            step=step,
        )


def _short(index: Any) -> str:
    return f"{float(index):.6g}"
