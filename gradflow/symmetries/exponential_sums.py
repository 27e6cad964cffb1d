"""Real zeros of Σ_k c_k e^{λ_k t}, of which there are fewer than terms."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

# of brentq: as near as floats are
_ABSOLUTE, _RELATIVE = 1e-15, 4 * float(np.finfo(np.float64).eps)


def zeros(coefficients: Float[np.ndarray, " term"], exponents: Float[np.ndarray, " term"]) -> list[float]:
    """All in which the sum changes its sign, ascending: between them lie those of its derivative (Rolle), after
    division by the slowest term, which leaves one term less. The exponents are distinct.
    """
    terms = sorted((rate, float(number)) for number, rate in zip(coefficients, exponents, strict=True) if number != 0)
    if len({number > 0 for _, number in terms}) < 2:
        return []
    rates, numbers = (np.array(each) for each in zip(*terms, strict=True))
    sizes, signs = np.log(np.abs(numbers)), np.sign(numbers)

    def scaled(t: float) -> float:
        """The sum divided by its largest term."""
        logarithms = sizes + rates * t
        return float(np.sum(signs * np.exp(logarithms - np.max(logarithms))))

    turns = zeros(numbers[1:] * (rates[1:] - rates[0]), rates[1:] - rates[0]) or [0.0]
    marks = [_outwards(scaled, turns[0], -1.0, signs[0]), *turns, _outwards(scaled, turns[-1], 1.0, signs[-1])]
    pairs = [(low, high) for low, high in pairwise(marks) if scaled(low) * scaled(high) < 0]
    # a place where the sum touches zero without a change of sign, or is zero to the last bit
    touched = [turn for turn in turns if scaled(turn) == 0]
    return sorted([*touched, *(brentq(scaled, low, high, xtol=_ABSOLUTE, rtol=_RELATIVE) for low, high in pairs)])


def _outwards(scaled: Callable[[float], float], start: float, way: float, sign: float) -> float:
    """A place beyond the last zero: where the sum has the sign of the term that decides at infinity."""
    step = 1.0
    while np.sign(scaled(start + way * step)) != sign:
        step *= 2
    return start + way * step
