"""How far a network is from a named point, the teachers of that point permuted too."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment

from gradflow._results import GradflowRuntimeError
from gradflow.families import copy_average, optimal_partition, perturbed_n_copy
from gradflow.identification.labels import label_of
from gradflow.networks import TwoLayerNetwork
from gradflow.networks.symmetry import matched, row_distances, unit_of

# partitions of k into n parts beyond which only the optimal one is compared with: 42 for n = 10, k = 20, thousands for
# n = 25, k = 50
_MOST_PARTITIONS = 200
# each round lowers the sum of squares; two or three are enough, and none can go on for ever
_ROUNDS = 20

Rows = Float[np.ndarray, "_ _"]


class Placement(NamedTuple):
    """A distance, and the order of the teachers in which it was found."""

    distance: float
    teachers: Int[np.ndarray, " teacher"]


def named_points(k: int, n: int, d: int) -> dict[str, TwoLayerNetwork]:
    """The copy-average points of `n` students and the first `k` of `d` axes, all partitions if there are at most 200,
    else the optimal one; and P-n-C, where it is another point and its branch can be followed.
    """
    if n > k:
        return {}
    several = []
    for partition in _partitions(k, n):
        several.append(partition)
        if len(several) > _MOST_PARTITIONS:
            several = [optimal_partition(k, n)]
            break
    found = {label_of("C-A", partition): copy_average(k, n, partition, d=d).student for partition in several}
    if 1 < n < k:
        try:
            found["P-n-C"] = perturbed_n_copy(k, n, d=d).student
        except GradflowRuntimeError:  # a branch that is lost names no point
            return found
    return found


def rows_in_frame(network: TwoLayerNetwork, teachers: Float[np.ndarray, "teacher input"]) -> Rows:
    """(R_i, what of w_i lies outside the span of these orthonormal teachers, a_i), student by student."""
    weights, output = np.asarray(network.weights), np.asarray(network.output)
    overlaps = weights @ teachers.T
    return np.column_stack([overlaps, weights - overlaps @ teachers, output])


def nearest_placement(rows: Rows, point: Rows, k: int, first: Int[np.ndarray, " teacher"] | None = None) -> Placement:
    """The distance of `gf.distance` to a point, modulo permutations of the first `k` columns too.

    Students and teachers are assigned in turn, each the best for the other, from an order of the teachers that the
    students' sorted overlaps suggest, and from `first`: close to the point that is the least distance, far from it a
    distance that is attained, and maybe not the least.
    """
    starts = [_suggested(rows, point, k), *([] if first is None else [first])]
    return min((_alternated(rows, point, k, start) for start in starts), key=lambda placement: placement.distance)


def _alternated(rows: Rows, point: Rows, k: int, teachers: Int[np.ndarray, " teacher"]) -> Placement:
    for _ in range(_ROUNDS):
        placed = _with_teachers(point, teachers)
        order, signs = matched(rows, placed)
        ours = signs[:, None] * rows[order]
        better = _assigned(ours, point, k)
        if np.array_equal(better, teachers):
            break
        teachers = better
    placed = _with_teachers(point, teachers)
    order, signs = matched(rows, placed)
    far = row_distances(signs[:, None] * rows[order], placed)
    return Placement(float(np.max(far)), teachers)


def _assigned(ours: Rows, point: Rows, k: int) -> Int[np.ndarray, " teacher"]:
    """The order of the point's teachers that fits our rows best as they stand."""
    ours, scale = ours / unit_of(ours), np.maximum(1, np.linalg.norm(point, axis=1))[:, None]
    gain = (ours[:, :k] / scale).T @ (point[:, :k] / scale)
    teachers: Int[np.ndarray, " teacher"] = linear_sum_assignment(-gain)[1]
    return teachers


def _suggested(rows: Rows, point: Rows, k: int) -> Int[np.ndarray, " teacher"]:
    """Students are matched by their overlaps in order of size, which no permutation of the teachers changes."""

    def profile(some: Rows) -> Rows:
        signed = np.where(some[:, -1:] < 0, -some, some)
        return np.column_stack([np.sort(signed[:, :k], axis=1), signed[:, -1]])

    order, _ = matched(profile(rows), profile(point))
    ours = np.where(rows[:, -1:] < 0, -rows, rows)[order]
    return _assigned(ours, point, k)


def _with_teachers(point: Rows, teachers: Int[np.ndarray, " teacher"]) -> Rows:
    return np.concatenate([point[:, teachers], point[:, len(teachers) :]], axis=1)


def _partitions(k: int, n: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """Of k into n parts, ascending."""
    if n == 1:
        yield (k,)
        return
    for part in range(least, k // n + 1):
        for rest in _partitions(k - part, n - 1, part):
            yield (part, *rest)
