"""The alignments of a stored student with its teachers, as `identify` defines them, for all neurons at once."""

import numpy as np
from jaxtyping import Float


def alignments(weights: Float[np.ndarray, "student input"], k: int) -> Float[np.ndarray, "student teacher"]:
    """Cosines between each student's projection on the span of the orthonormal teachers e_1 … e_k and each teacher.

    In the sign of w for which the largest cosine is positive; zeros for a student orthogonal to all teachers.
    """
    projection = weights[:, :k]
    lengths = np.linalg.norm(projection, axis=1, keepdims=True)
    cosines: Float[np.ndarray, "student teacher"] = np.zeros_like(projection)
    np.divide(projection * signs(weights, k)[:, None], lengths, out=cosines, where=lengths > 0)
    return cosines


def signs(weights: Float[np.ndarray, "student input"], k: int) -> Float[np.ndarray, " student"]:
    """The sign of the largest entry along the teachers; erf is odd, so (−w, −a) is the same neuron as (w, a)."""
    projection = weights[:, :k]
    largest = np.argmax(np.abs(projection), axis=1)
    return np.where(projection[np.arange(len(projection)), largest] < 0, -1.0, 1.0)
