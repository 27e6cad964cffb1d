"""P-n-C's branch, followed from the perfect copy at n = k and enclosed all the way."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from gradflow._arithmetic import Balls, Numbers
from gradflow.proofs.symmetric.stretch import UNKNOWNS, UNMATCHED, WIDTH, Stretch, enclosed, fitted, sharpened

# of the first stretch, relative to the parameter: the branch changes on the scale of n
_FIRST = 0.05
# of a stretch's room, relative to how well the zero is known that it starts from
_ROOM = 4.0
# a stretch that was proved is followed by a longer one, one that was not by its half
_LONGER, _SHORTER = 1.3, 0.5
# shorter ones lead nowhere
_SHORTEST = 1e-9
# fifteen are needed down to n = 2 at k = 5, two hundred at k = 100; and of those tried
_MOST_STRETCHES = 1500
# the parameter is γ where it changes so much faster than n, both relative to their size: near a fold, where n turns
_FASTER = 8.0
# each has three digits more at k = 3, and two more at every tenfold k
_ITERATIONS = 40
# in which a polynomial of a stretch is enclosed one by one
_PIECES = 16
# of a stretch in which the branch meets a width
_HALVINGS = 100


def branch_points(k: int, widths: Iterable[int], arithmetic: Balls) -> dict[int, Numbers]:
    """(α, β, γ, a) of P-n-C in balls, for each of the widths 2 ≤ n < k to which its branch was proved to lead.

    The branch is the curve of zeros (α, β, γ, a, n) of `residuals`, n real, that starts from the perfect copy
    (1, 0, γ, 1, k). It is enclosed stretch by stretch, with n as the parameter or γ (where n turns at a fold); a
    stretch goes on where the last zero of the one before is its own. Of several points at one n the first that is met
    is meant, and no other is before it. At n = k the equations but for γ's do not depend on γ, and are solved by α = 1,
    β = 0, a = 1, which are in the first box: since the Jacobian is regular there, the zero in it has them.

    Nothing is said of widths that are left out: it was not proved that the branch leads there, nor that it does not.
    Belongs inside `arithmetic.working()`.
    """
    wanted, found = sorted(set(widths), reverse=True), dict[int, Numbers]()
    end, parameter, share = None, WIDTH, _FIRST
    for _ in range(_MOST_STRETCHES):
        if not wanted or share < _SHORTEST:
            break
        if end is not None and parameter == WIDTH and _is_steep(end.stretch, arithmetic):
            parameter, share = UNMATCHED, _FIRST
        following = _next(k, parameter, share, wanted[-1], end, arithmetic)
        met = None if following is None else _met(k, following.stretch, wanted, arithmetic)
        if following is None or met is None:
            share *= _SHORTER
            continue
        end, share = following, share * _LONGER
        found.update(met)
        wanted = [n for n in wanted if n not in met]
    return found


class _End(NamedTuple):
    """Of a stretch: its last zero in small balls, with an exact value of its parameter."""

    stretch: Stretch
    zero: Numbers


def _next(k: int, parameter: int, share: float, least: int, before: _End | None, arithmetic: Balls) -> _End | None:
    """The stretch that goes on from the one before; None where that is not proved."""
    number = arithmetic.number
    if before is None:
        zero, sense = _perfect_copy(k, arithmetic), -1
    else:
        zero = before.zero
        sense = -1 if before.stretch.slope(parameter, number(-1)) > 0 else 1
    value = zero[parameter]
    # in float64, so that the middle and the half of both are exact; the last zero is on the new stretch too
    first = arithmetic.lower(value) if sense > 0 else arithmetic.upper(value)
    first = number(first)
    last = number(float(first) * (1 + sense * share))
    if parameter == WIDTH and last < least:
        last = number(least)
    fit = fitted(k, parameter, (first, last), None if before is None else before.stretch, zero, arithmetic)
    # room for the last zero
    room = np.zeros(UNKNOWNS) if before is None else _ROOM * np.array([arithmetic.spread(one) for one in zero])
    found = None if fit is None else enclosed(k, parameter, *fit, room, arithmetic)
    if found is None:
        return None
    # of the perfect copy all but γ, which is the equation's own
    on = found.contains(zero, found.place(value), arithmetic) and bool(abs(found.place(value)) <= 1)
    end = sharpened(k, parameter, last, found.zero(number(-1), arithmetic), arithmetic)
    return _End(found, end) if on and end is not None else None


def _met(k: int, stretch: Stretch, wanted: list[int], arithmetic: Balls) -> dict[int, Numbers] | None:
    """The first zeros at the widths that the stretch meets; None where that is not proved."""
    number, found = arithmetic.number, dict[int, Numbers]()
    end = number(-1)
    if stretch.parameter == WIDTH:
        for n in wanted:
            if not stretch.near(end)[WIDTH] <= n:
                break
            near = stretch.zero(stretch.place(number(n)), arithmetic)
            zero = sharpened(k, WIDTH, number(n), near, arithmetic)
            if zero is None:
                return None
            found[n] = zero[:WIDTH]
        return found
    pieces = [arithmetic.ball(1 - (2 * i + 1) / _PIECES, 1 / _PIECES) for i in range(_PIECES)]

    def width(at: Any) -> Any:
        return stretch.zero(at, arithmetic)[WIDTH]

    for n in wanted:
        if all(width(piece) > n for piece in pieces):
            break
        # the path goes down all the way: it is at n once
        above, below = number(1), end
        if not (all(stretch.slope(WIDTH, piece) > 0 for piece in pieces) and width(above) > n and width(below) < n):
            return None
        for _ in range(_HALVINGS):
            nearer = [(3 * above + below) / 4, (above + 3 * below) / 4]
            moved = [bool(width(nearer[0]) > n), bool(width(nearer[1]) < n)]
            above, below = (nearer[0] if moved[0] else above), (nearer[1] if moved[1] else below)
            if not any(moved):
                break
        zero = sharpened(k, WIDTH, number(n), stretch.zero(above.union(below), arithmetic), arithmetic)
        if zero is None:
            return None
        found[n] = zero[:WIDTH]
    return found


def _is_steep(stretch: Stretch, arithmetic: Balls) -> bool:
    """Whether γ changes much faster than n at the end of a stretch: a search's question, nothing rests on it."""
    end = arithmetic.number(-1)
    here = stretch.near(end)
    gamma, n = (stretch.slope(i, end) / here[i] for i in (UNMATCHED, WIDTH))
    return bool(abs(gamma) > _FASTER * abs(n))


def _perfect_copy(k: int, arithmetic: Balls) -> Numbers:
    """(1, 0, γ, 1, k); γ solves (1/√3 + (k − 1)/2) γ = (4 − γ²)^(−1/2), to about as many digits as there are."""
    factor = 2 / arithmetic.number(3).sqrt() + k - 1
    gamma = 1 / factor
    for _ in range(_ITERATIONS):
        gamma = 2 / factor / (4 - gamma * gamma).sqrt()
    return arithmetic.array([1.0, 0.0, gamma.mid(), 1.0, k])
