"""The share of runs that ended in a class, with the interval that so many runs leave."""

import math
from typing import NamedTuple

from scipy.special import ndtri


class Interval(NamedTuple):
    """The ends of a confidence interval."""

    lower: float
    upper: float


def share_interval(count: int, runs: int, level: float = 0.95) -> Interval:
    """Wilson's interval for the probability of a class of which `count` among `runs` independent runs were seen:

        (p̂ + z²/2N ± z √(p̂(1 − p̂)/N + z²/4N²)) / (1 + z²/N),  p̂ = count/N, N = runs ≥ 1,

    z the standard normal's quantile at (1 + level)/2. Unlike p̂ ± z σ̂ it stays within [0, 1] and has a width where all
    runs or none ended in the class. It says nothing of starts drawn from another law. Source: Wilson, J. Am. Stat.
    Assoc. 22 (1927).
    """
    share, squared = count / runs, float(ndtri((1 + level) / 2)) ** 2
    centre = share + squared / (2 * runs)
    half = math.sqrt(squared * (share * (1 - share) / runs + squared / (4 * runs**2)))
    lower, upper = ((centre + sign * half) / (1 + squared / runs) for sign in (-1, 1))
    # exact where rounding would leave 1e-17
    return Interval(lower if count else 0.0, upper if count < runs else 1.0)
