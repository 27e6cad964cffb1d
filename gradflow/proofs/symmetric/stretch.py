"""A stretch of P-n-C's branch, enclosed around a polynomial."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from gradflow._arithmetic import Balls, Numbers, balls
from gradflow.proofs.symmetric.equations import residuals, with_slopes

# places of the unknowns (α, β, γ, a, n)
UNMATCHED, WIDTH, UNKNOWNS = 2, 4, 5
# of the path, and how many terms more the power series have that bound what it leaves
_DEGREE, _MORE = 10, 2
# the room in which there is no other zero, relative to the error of the path
_ROOM = 4.0
_NEWTON_STEPS = 12
# bounds in float64, rounded one by one
_UP = 1 + 2.0**-40


@dataclass(frozen=True)
class Stretch:
    """A curve of zeros of the residuals. `path` (power, unknown) is a polynomial in τ, which goes from 1 to −1; one of
    the unknowns, the `parameter`, is linear in τ. For every τ there is exactly one zero with that value of the
    parameter within `room` of the path, one bound for each unknown, and it is within `error`.
    """

    parameter: int
    path: Numbers
    room: Float[np.ndarray, " unknown"]
    error: Float[np.ndarray, " unknown"]

    def near(self, at: Any) -> Numbers:
        """The path at τ, also a little beyond the stretch."""
        found = self.path[-1]
        for coefficients in self.path[-2::-1]:
            found = found * at + coefficients
        return found

    def zero(self, at: Any, arithmetic: Balls) -> Numbers:
        """A ball for each unknown of the zero at τ; of all of them for a ball of τ."""
        return widened(self.near(at), self.error, arithmetic)

    def slope(self, unknown: int, at: Any) -> Any:
        """The path's derivative in τ."""
        powers = self.path[:, unknown]
        found = powers[-1] * (len(powers) - 1)
        for power in range(len(powers) - 2, 0, -1):
            found = found * at + powers[power] * power
        return found

    def place(self, value: Any) -> Any:
        """τ at a value of the parameter."""
        middle, half = self.path[0, self.parameter], self.path[1, self.parameter]
        return (value - middle) / half

    def contains(self, zero: Numbers, at: Any, arithmetic: Balls) -> bool:
        """Whether a zero in these balls, with the value of the parameter at τ, is the one of this stretch."""
        apart = arithmetic.sizes(zero - self.near(at))
        others = np.arange(UNKNOWNS) != self.parameter
        return bool(np.all(apart[others] < self.room[others]))


def fitted(
    k: int, parameter: int, ends: tuple[Any, Any], before: Stretch | None, start: Numbers, arithmetic: Balls
) -> tuple[Numbers, Numbers] | None:
    """Polynomials in τ through zeros that Newton's method finds for values of the parameter between both `ends`, and
    through the inverses of the Jacobians there: a search, by which nothing is proved.
    """
    middle, half = (ends[0] + ends[1]) / 2, (ends[0] - ends[1]) / 2
    zeros: list[Numbers] = []
    inverses: list[Numbers] = []
    nodes, weights = _nodes(arithmetic.bits)
    guess = start
    for node in nodes:
        value = arithmetic.middle(middle + half * node).item()
        if before is not None and before.parameter == parameter:
            guess = before.near(before.place(value))
        elif zeros:
            guess = zeros[-1]
        found = _newton(k, parameter, value, arithmetic.middle(guess), arithmetic)
        if found is None:
            return None
        zeros.append(found[0])
        inverses.append(found[1].ravel())
    path = arithmetic.middle(arithmetic.product(weights, np.array(zeros, dtype=object)))
    path[:, parameter] = [middle, half, *[arithmetic.number(0)] * (_DEGREE - 1)]
    return path, arithmetic.middle(arithmetic.product(weights, np.array(inverses, dtype=object)))


def enclosed(
    k: int, parameter: int, path: Numbers, inverse: Numbers, least: Float[np.ndarray, " unknown"], arithmetic: Balls
) -> Stretch | None:
    """That zeros go along the path; None where it is not proved. With Y(τ) a polynomial near the inverse of the
    Jacobian J of the residuals F in the unknowns but for the parameter, and a box B of half-widths r around zero,
    exactly one zero lies in x(τ) + B if

        |Y(τ) F(x(τ))| + |1 − Y(τ) J(x(τ) + B)| r < r

    (Krawczyk); J is regular there. r is more than `least`. Both are bounded for all |τ| ≤ 1 by Taylor's formula with
    its remainder: power series around τ = 0, their last terms around all τ at once.
    """
    others = [i for i in range(UNKNOWNS) if i != parameter]
    bases, length = (arithmetic.number(0), arithmetic.ball(0, 1.0)), len(path) + _MORE
    with arithmetic.truncating(length):
        powers = [_objects([arithmetic.series(column, base) for column in inverse.T]).reshape(4, 4) for base in bases]

        def along(base: Any, room: Float[np.ndarray, " unknown"]) -> list[Any]:
            wider = path.copy()
            wider[0] = widened(path[0], room, arithmetic)
            return [arithmetic.series(column, base) for column in wider.T]

        try:
            left = [y @ _objects(residuals(along(base, np.zeros(5)), k)) for y, base in zip(powers, bases, strict=True)]
            off = _sizes(left[0], left[1], length, arithmetic)
            room = np.zeros(UNKNOWNS)
            room[others] = _ROOM * off + least[others]
            left = []
            for y, base in zip(powers, bases, strict=True):
                _, slopes = with_slopes(along(base, room), k)
                jacobian = _objects([row[i] for row in slopes for i in others]).reshape(4, 4)
                left.append(np.eye(4, dtype=int) - y @ jacobian)
        except ValueError:  # the leading term of a power series is not told from zero
            return None
        error = np.zeros(UNKNOWNS)
        error[others] = (off + _sizes(left[0], left[1], length, arithmetic) @ room[others]) * _UP
    return Stretch(parameter, path, room, error) if np.all(error[others] < room[others]) else None


def sharpened(k: int, parameter: int, value: Any, zero: Numbers, arithmetic: Balls) -> Numbers | None:
    """A zero with this exact value of the parameter, known to be in these balls, in balls as small as the arithmetic
    allows: it is the only one in them, and one is in the smaller ones.
    """
    found = _newton(k, parameter, value, arithmetic.middle(zero), arithmetic)
    if found is None:
        return None
    middle, inverse = found
    path = middle[None], inverse.ravel()[None]
    all_of_it = _ROOM * (arithmetic.sizes(zero - middle) + 2.0**-arithmetic.bits)
    wide = enclosed(k, parameter, *path, all_of_it, arithmetic)
    least = 2.0 ** (-arithmetic.bits / 2) * (arithmetic.sizes(middle) + 1 / k)
    narrow = enclosed(k, parameter, *path, np.minimum(least, all_of_it), arithmetic)
    if wide is None or narrow is None:
        return None
    at = arithmetic.number(0)
    there = narrow.zero(at, arithmetic)
    return there if wide.contains(zero, at, arithmetic) and wide.contains(there, at, arithmetic) else None


def widened(values: Numbers, room: Float[np.ndarray, " unknown"], arithmetic: Balls) -> Numbers:
    """With room of its own for each."""
    return _objects([value + arithmetic.ball(0, float(more)) for value, more in zip(values, room, strict=True)])


def _sizes(around_zero: Numbers, around_all: Numbers, length: int, arithmetic: Balls) -> Float[np.ndarray, "..."]:
    """What absolute values do not exceed for |τ| ≤ 1."""

    def bound(here: Any, everywhere: Any) -> float:
        terms = arithmetic.coefficients(here, length)[:-1] + arithmetic.coefficients(everywhere, length)[-1:]
        return float(np.sum(arithmetic.sizes(_objects(terms)))) * _UP

    return np.asarray(np.frompyfunc(bound, 2, 1)(around_zero, around_all), dtype=np.float64)


def _newton(k: int, parameter: int, value: Any, guess: Numbers, arithmetic: Balls) -> tuple[Numbers, Numbers] | None:
    """A point near a zero with this value of the parameter, and about the inverse of the Jacobian there."""
    identity, target = arithmetic.array(np.eye(4)), 2.0 ** (-arithmetic.bits / 3)
    others = [i for i in range(UNKNOWNS) if i != parameter]
    guess = guess.copy()
    guess[parameter] = value
    for _ in range(_NEWTON_STEPS):
        try:
            values, slopes = with_slopes(list(guess), k)
        except ZeroDivisionError:
            return None
        jacobian = arithmetic.middle(np.array(slopes, dtype=object)[:, others])
        inverse = arithmetic.solve(jacobian, identity)
        if inverse is None:
            return None
        step = inverse @ _objects(values)
        guess[others] = arithmetic.middle(guess[others] - step)
        # the next one would be of the size of rounding
        if np.all(arithmetic.sizes(step) <= target * (arithmetic.sizes(guess[others]) + 1 / k)):
            return guess, arithmetic.middle(inverse)
    return None


@functools.cache
def _nodes(bits: int) -> tuple[Numbers, Numbers]:
    """Chebyshev's in [−1, 1], descending as τ does, and the matrix that takes values there to coefficients."""
    arithmetic = balls(bits)
    with arithmetic.working():
        nodes = arithmetic.array(np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1)))
        powers = np.array([[node**power for power in range(_DEGREE + 1)] for node in nodes], dtype=object)
        return nodes, arithmetic.middle(arithmetic.solve(powers, arithmetic.array(np.eye(_DEGREE + 1))))


def _objects(values: list[Any]) -> Numbers:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
