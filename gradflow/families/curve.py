"""Curves of critical points: one real parameter, arclength steps that pass folds."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gradflow._arithmetic import Extended, Float64, Numbers
from gradflow.problems.symmetric import Orbit
from gradflow.problems.symmetric.blocks import TERMS
from gradflow.problems.symmetric.unknowns import SMALL, equations, gradient_entries, newton, relative

OrbitsAt = Callable[[Any], tuple[Orbit, ...]]

# a step is tried again at half its length if the corrector takes more iterations than this, or the curve turns by more
# than 25 degrees; a good one lets the next be longer
_ITERATIONS, _LEAST_COSINE, _GROWTH = 8, 0.9, 1.5
# a correction that is no smaller than half the last one is rounding if it is below this, relative to the unknowns
_CORRECTED = 1e-5
# of the change of the unknowns relative to themselves
_FIRST_STEP, _LONGEST_STEP, _SHORTEST_STEP = 0.05, 0.5, 1e-8


class CurvePoint(NamedTuple):
    """Unknowns and parameter on the curve; `tangent` (unknowns, parameter) has length 1 relative to `scale`, and `step`
    is the arclength that led here.
    """

    vector: Numbers
    parameter: Any
    tangent: Numbers
    scale: Numbers
    step: float

    @property
    def place(self) -> tuple[Any, Numbers]:
        """Parameter and unknowns."""
        return self.parameter, self.vector


class Curve(NamedTuple):
    """The critical points of `orbits_at(parameter)`; `least` and `most` are where the parameter ends. Steps are
    relative to the parameter, and to `unit` beside it where that may pass through zero.
    """

    orbits_at: OrbitsAt
    arithmetic: Float64 | Extended
    least: Any
    most: Any
    unit: Any = 0

    def start(self, vector: Numbers, parameter: Any, direction: int) -> CurvePoint:
        """A point that is on the curve, heading for larger (+1) or smaller (−1) parameters."""
        scale = self._scale(vector, parameter)
        ahead = np.zeros(len(scale))
        ahead[-1] = direction
        tangent = self._tangent(vector, parameter, scale, self.arithmetic.array(ahead))
        return CurvePoint(vector, parameter, tangent, scale, _FIRST_STEP)

    def points(self, start: CurvePoint) -> Iterator[CurvePoint]:
        """On and on along the curve; it ends where the parameter does, or where no step could be made."""
        here, step = start, start.step
        while True:
            ahead = here.tangent[-1] * here.scale[-1]
            room = ((self.most if ahead > 0 else self.least) - here.parameter) / ahead
            there, iterations = self.after(here, min(step, room))
            if there is not None:
                yield there
                here = there
                if iterations <= _ITERATIONS - 3:
                    step = min(_GROWTH * step, _LONGEST_STEP)
            elif min(step, room) < _SHORTEST_STEP:
                return
            else:
                step = min(step, room) / 2

    def after(self, here: CurvePoint, step: Any) -> tuple[CurvePoint | None, int]:
        """The point at this arclength from another (Keller's pseudo-arclength), and the corrections that it took."""
        predicted = np.append(here.vector, here.parameter) + step * here.scale * here.tangent
        place, last = predicted, 1.0
        for iteration in range(1, _ITERATIONS + 1):
            vector, parameter = place[:-1], place[-1]
            if not self.least <= parameter <= self.most:
                return None, iteration
            values, matrix = self._bordered(vector, parameter, here.scale, here.tangent)
            ahead = (here.tangent * (place - predicted) / here.scale).sum()
            correction = here.scale * self.arithmetic.solve(matrix, np.append(values, ahead))
            size = relative(correction, place)
            if not size < 1:
                return None, iteration
            place = place - correction
            # the next would be below rounding, or is rounding already
            if size < self.arithmetic.epsilon**0.5 or last / 2 < size < _CORRECTED:
                break
            last = size
        else:
            return None, _ITERATIONS
        vector, parameter = place[:-1], place[-1]
        if not self.least <= parameter <= self.most:
            return None, iteration
        scale = self._scale(vector, parameter)
        tangent = self._tangent(vector, parameter, scale, here.tangent * here.scale / scale)
        before = here.tangent * here.scale / scale
        if (tangent * before).sum() < _LEAST_COSINE * self.arithmetic.sqrt((before * before).sum()):
            return None, iteration
        return CurvePoint(vector, parameter, tangent, scale, step), iteration

    def uncertainty(self, here: CurvePoint) -> Any:
        """How far the rounding of the equations may move the parameter along the branch."""
        values = equations(self.orbits_at(here.parameter), here.vector, self.arithmetic)
        _, matrix = self._bordered(here.vector, here.parameter, here.scale, here.tangent)
        unit = self.arithmetic.array(np.eye(len(matrix))[-1])
        # the last row of the inverse
        weights = self.arithmetic.solve(matrix.swapaxes(-1, -2), unit)[:-1]
        return here.scale[-1] * TERMS * (abs(weights) * values.rounding).sum()

    def _scale(self, vector: Numbers, parameter: Any) -> Numbers:
        """What changes are relative to; an unknown may pass through zero."""
        return np.append(abs(vector) + SMALL, abs(parameter) + self.unit)

    def _tangent(self, vector: Numbers, parameter: Any, scale: Numbers, ahead: Numbers) -> Numbers:
        _, matrix = self._bordered(vector, parameter, scale, ahead)
        one = self.arithmetic.array(np.append(np.zeros(len(vector)), 1.0))
        tangent = self.arithmetic.solve(matrix, one)
        return tangent / self.arithmetic.sqrt((tangent * tangent).sum())

    def _bordered(self, vector: Numbers, parameter: Any, scale: Numbers, row: Numbers) -> tuple[Numbers, Numbers]:
        """The equations, and their derivatives in scaled unknowns and parameter above one more row."""
        here = equations(self.orbits_at(parameter), vector, self.arithmetic)
        matrix = np.concatenate([here.jacobian, self._slope(vector, parameter)[:, None]], axis=1) * scale
        return here.values, np.concatenate([matrix, row[None]])

    def _slope(self, vector: Numbers, parameter: Any) -> Numbers:
        """The derivative of the equations in the parameter by differences of second order, to one side at an end."""
        change = (abs(parameter) + self.unit) * self.arithmetic.epsilon ** (1 / 3)

        def at(steps: int) -> Numbers:
            return gradient_entries(self.orbits_at(parameter + steps * change), vector, self.arithmetic)

        if parameter + change > self.most:
            return (3 * at(0) - 4 * at(-1) + at(-2)) / (2 * change)
        if parameter - change < self.least:
            return (4 * at(1) - 3 * at(0) - at(2)) / (2 * change)
        return (at(1) - at(-1)) / (2 * change)


def solved_between(
    orbits_at: OrbitsAt,
    before: tuple[Any, Numbers],
    after: tuple[Any, Numbers],
    parameter: Any,
    arithmetic: Float64 | Extended,
    halvings: int = 10,
) -> Numbers | None:
    """The unknowns at a parameter between two points (parameter, unknowns) of a curve, or None.

    Newton's method from the straight line between them; where that does not converge, or leaves for another curve, a
    place half way to the first end is solved before.
    """
    share = (parameter - before[0]) / (after[0] - before[0])
    start = before[1] + share * (after[1] - before[1])
    vector, converged = newton(orbits_at(parameter), start, arithmetic, max_steps=30)
    if converged and relative(vector - start, start) <= relative(after[1] - before[1], start) + _CORRECTED:
        return vector
    if halvings == 0:
        return None
    # nearer to an end the straight line is better
    nearer = (before[0] + parameter) / 2
    found = solved_between(orbits_at, before, after, nearer, arithmetic, halvings - 1)
    if found is None:
        return None
    return solved_between(orbits_at, (nearer, found), after, parameter, arithmetic, halvings - 1)
