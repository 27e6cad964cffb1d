"""A flow that stays in the span of the teacher and of its start, in coordinates of that span."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float, PyTree


class Confined(NamedTuple):
    """A smaller problem with the same flow, its start, and the way back."""

    problem: Any
    parameters: PyTree
    lift: Callable[[PyTree], PyTree]


def span_basis(
    teacher: Float[np.ndarray, "teacher input"], weights: Float[np.ndarray, "width input"], size: int
) -> Float[np.ndarray, "size input"]:
    """Orthonormal rows whose span holds teacher and weights; the first ones are the teacher's, if those are orthonormal
    already. What is left to fill up the size is arbitrary: nothing moves there.
    """
    k, d = teacher.shape
    filling = np.random.default_rng(0).standard_normal((size - k - len(weights), d))
    columns, triangle = scipy.linalg.qr(np.concatenate([teacher, weights, filling]).T, mode="economic")
    basis: Float[np.ndarray, "size input"] = (columns * np.where(np.diagonal(triangle) < 0, -1.0, 1.0)).T
    if np.allclose(teacher @ teacher.T, np.eye(k), rtol=0, atol=1e-14):
        basis[:k] = teacher
    return basis
