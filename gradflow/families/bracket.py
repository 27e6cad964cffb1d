"""Where a function of one real number changes sign, as an interval with a sign seen at either end."""

from collections.abc import Callable
from typing import Any, NamedTuple

# the secant's point is moved this much of the wanted width to either side, so that both ends of the interval close in
_ASIDE = 0.4
_MOST_EVALUATIONS = 200
# steps that may leave the interval more than half as wide before it is bisected
_PATIENCE = 3
# how much further away a sign is looked for that could not be told
_FURTHER = 4


class Bracket(NamedTuple):
    """`lower` < `upper` with values of opposite sign, or None for an end where the function could not be evaluated."""

    lower: Any
    upper: Any
    at_lower: Any
    at_upper: Any


def narrowed(function: Callable[[Any], Any | None], bracket: Bracket, width: Callable[[Any], Any]) -> Bracket:
    """The bracket at most `width(place)` wide, or as narrow as it could be made: the function gives None where its
    sign is not certain.

    Regula falsi with the Illinois weights, which draw in both ends, and a bisection where they are slow to.
    """
    lower, upper, at_lower, at_upper = bracket
    weight_lower, weight_upper = at_lower, at_upper
    halved, since, moved = upper - lower, 0, 0
    for _ in range(_MOST_EVALUATIONS):
        wanted = width(upper)
        if upper - lower <= wanted:
            break
        since += 1
        if upper - lower <= halved / 2:
            halved, since = upper - lower, 0
        if since > _PATIENCE:
            place, since = (lower + upper) / 2, 0
        else:
            place = (lower * weight_upper - upper * weight_lower) / (weight_upper - weight_lower)
            # next to an end that stays, aim behind the root
            place = min(max(place, lower + _ASIDE * wanted), upper - _ASIDE * wanted)
        value = function(place)
        if value is None:  # on the root, as far as it can be told: both ends beside it
            return _around(function, Bracket(lower, upper, at_lower, at_upper), place, _ASIDE * wanted)
        if (value > 0) == (at_lower > 0):
            lower, at_lower, weight_lower = place, value, value
            weight_upper, moved = (weight_upper / 2 if moved < 0 else at_upper), -1
        else:
            upper, at_upper, weight_upper = place, value, value
            weight_lower, moved = (weight_lower / 2 if moved > 0 else at_lower), 1
    return Bracket(lower, upper, at_lower, at_upper)


def _around(function: Callable[[Any], Any | None], bracket: Bracket, place: Any, aside: Any) -> Bracket:
    """The ends drawn in to either side of a place, as near to it as their signs can be told."""
    lower, upper, at_lower, at_upper = bracket
    near, far = aside, aside
    while place - near > lower:
        value = function(place - near)
        if value is not None and (value > 0) == (at_lower > 0):
            lower, at_lower = place - near, value
            break
        near *= _FURTHER
    while place + far < upper:
        value = function(place + far)
        if value is not None and (value > 0) == (at_upper > 0):
            upper, at_upper = place + far, value
            break
        far *= _FURTHER
    return Bracket(lower, upper, at_lower, at_upper)
