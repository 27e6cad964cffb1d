"""Rounding in float64, bounded beforehand."""

import numpy as np

# the unit roundoff of float64, to the nearest
UNIT = 2.0**-53


def gamma(roundings: int) -> float:
    """γ_N = N u/(1 − N u), rounded up."""
    return float(np.nextafter(roundings * UNIT / (1 - 2 * roundings * UNIT), np.inf))
