"""NumPy's numbers."""

import math
from typing import Any

import numpy as np

from gradflow._arithmetic.numbers import FLOAT64_DIGITS, Numbers


class Float64:
    """NumPy's arrays."""

    digits = FLOAT64_DIGITS
    epsilon = float(np.finfo(np.float64).eps)
    pi = math.pi

    def array(self, values: Any) -> Numbers:
        return np.asarray(values, dtype=np.float64)

    def number(self, value: Any) -> Any:
        return float(value)

    def sqrt(self, values: Numbers) -> Numbers:
        return np.sqrt(values)

    def arctangent(self, y: Numbers, x: Numbers) -> Numbers:
        """atan(y/x) for x > 0."""
        return np.arctan2(y, x)

    def stack(self, values: list[Any]) -> Numbers:
        """Along a new last axis."""
        return np.stack(np.broadcast_arrays(*map(self.array, values)), -1)

    def solve(self, matrix: Numbers, vector: Numbers) -> Numbers:
        """x with matrix·x = vector, for stacks of both; infinite where there is none."""
        try:
            return np.linalg.solve(matrix, vector[..., None])[..., 0]
        except np.linalg.LinAlgError:
            return np.full_like(vector, np.inf)

    def eigenvalues(self, symmetric: Numbers) -> Numbers:
        """Ascending, of a stack of symmetric matrices."""
        return np.linalg.eigvalsh(symmetric)
