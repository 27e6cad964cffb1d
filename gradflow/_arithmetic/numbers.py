"""What all arithmetics share."""

from typing import Any

import numpy as np

# an array of any kind of number
Numbers = Any

FLOAT64_DIGITS = 15


def objects(values: Any) -> Numbers:
    """An array of objects also where NumPy returns a bare number."""
    return np.asarray(values, dtype=object)
