"""Why an eigenvalue of the teacher–student Hessian may be zero: reasons in formulas, as directions."""

from itertools import combinations

import numpy as np
from jaxtyping import Float

from gradflow.networks import TwoLayerNetwork
from gradflow.problems.base import ZeroModes
from gradflow.problems.rounding import EPSILON

# neurons closer to parallel, or lighter, than this are candidates for duplicates and dead ones, and curvatures weaker
# than this candidates for flat ones; whether the Hessian really vanishes there is tested by whoever uses the
# directions, so that the value decides nothing by itself
_CANDIDATE = 1e-6
# beyond it sums of squares overflow, and nothing is told from anything
_SQUARABLE = 1e150


def structural(
    teacher: Float[np.ndarray, "teacher input"],
    curvatures: Float[np.ndarray, "width input input"],
    slopes: Float[np.ndarray, "width input"],
    student: TwoLayerNetwork,
    *,
    perfect: bool,
) -> ZeroModes:
    """All candidates at a student, from the teacher's weights (`effective`), the neurons' `curvature.curvature` and
    `expectations.output_slope`; `perfect` says that f = f*.

    Curves of critical points: rotations of the input space that fix the teacher; a_i up, a_j down at duplicates w_i =
    ±w_j; the output weight of a neuron with w = 0; where f = f* the weights of a neuron with a = 0, and common motions
    of duplicates whose output weights cancel. Kernel: at duplicates, opposite motions of w_i and w_j along the null
    space of E[(f − f*) σ″(w·x) xxᵀ]; at a = 0, motions of w along which ∂L/∂a does not change.
    """
    weights, output = np.asarray(student.weights), np.asarray(student.output)
    n, d = weights.shape
    sizes = [float(np.max(np.abs(array), initial=0.0)) for array in (weights, output, curvatures, slopes)]
    if not all(size < _SQUARABLE for size in sizes):
        return ZeroModes(curves=_columns([], n * (d + 1)), kernel=_columns([], n * (d + 1)))
    axes = _null_space(teacher, _CANDIDATE)
    curves = [_direction(n, d, weights=rotation) for rotation in _rotations(axes, weights)]
    kernel: list[Float[np.ndarray, " param"]] = []
    for i in range(n):
        if np.linalg.norm(weights[i]) <= _CANDIDATE:
            curves.append(_direction(n, d, output={i: 1.0}))
        if abs(output[i]) <= _CANDIDATE:
            unchanged = [_direction(n, d, weights={i: axis}) for axis in _null_space(slopes[i][None], _CANDIDATE)]
            (curves if perfect else kernel).extend(unchanged)
    for i, j in combinations(range(n), 2):
        if _are_duplicates(weights[i], weights[j]):
            curves.append(_direction(n, d, output={i: 1.0, j: -_sign(weights[i], weights[j])}))
            # of either sign, since σ′ is even
            kernel.extend(
                _direction(n, d, weights={i: output[j] * axis, j: -output[i] * axis})
                for axis in _null_space(curvatures[i], _CANDIDATE)
            )
    for together in _clusters(weights) if perfect else []:
        if len(together) > 1 and abs(sum(sign * output[i] for i, sign in together.items())) <= _CANDIDATE:
            curves.extend(
                _direction(n, d, weights={i: sign * axis for i, sign in together.items()}) for axis in np.eye(d)
            )
    return ZeroModes(curves=_columns(curves, n * (d + 1)), kernel=_columns(kernel, n * (d + 1)))


def rotation_tangents(
    teacher: Float[np.ndarray, "teacher input"], weights: Float[np.ndarray, "width input"]
) -> Float[np.ndarray, "param rotations"]:
    """Rotations of the input space that fix the teacher (`effective`), as columns in the order W row by row, then a.
    They hold at any student, so that the axes are orthogonal to the teacher to rounding.
    """
    n, d = weights.shape
    if not max(float(np.max(np.abs(weights), initial=0.0)), float(np.max(np.abs(teacher), initial=0.0))) < _SQUARABLE:
        return _columns([], n * (d + 1))
    axes = _null_space(teacher, max(teacher.shape) * EPSILON, least=0.0)
    return _columns([_direction(n, d, weights=rotation) for rotation in _rotations(axes, weights)], n * (d + 1))


def effective(
    weights: Float[np.ndarray, "teacher input"], output: Float[np.ndarray, " teacher"]
) -> Float[np.ndarray, "fewer input"]:
    """The weights of the teachers that f* depends on: none of output weight zero, and those that are equal but for a
    sign once, if they do not cancel.
    """
    kept: list[tuple[Float[np.ndarray, " input"], float]] = []
    for row, factor in zip(weights, output, strict=True):
        for number, (other, sum_of_factors) in enumerate(kept):
            if np.array_equal(row, other) or np.array_equal(row, -other):
                sign = 1.0 if np.array_equal(row, other) else -1.0
                kept[number] = (other, sum_of_factors + sign * float(factor))
                break
        else:
            kept.append((row, float(factor)))
    rows = [row for row, factor in kept if factor != 0]
    return np.stack(rows) if rows else np.zeros((0, weights.shape[1]))


def _clusters(weights: Float[np.ndarray, "width input"]) -> list[dict[int, float]]:
    """Neurons with w_i = ±w_j, each with its sign relative to the first."""
    found: list[dict[int, float]] = []
    for i, row in enumerate(weights):
        for cluster in found:
            first = weights[next(iter(cluster))]
            if _are_duplicates(first, row):
                cluster[i] = _sign(first, row)
                break
        else:
            found.append({i: 1.0})
    return found


def _sign(first: Float[np.ndarray, " input"], second: Float[np.ndarray, " input"]) -> float:
    return 1.0 if first @ second >= 0 else -1.0


def _are_duplicates(first: Float[np.ndarray, " input"], second: Float[np.ndarray, " input"]) -> bool:
    apart = np.linalg.norm(first - _sign(first, second) * second)
    return bool(apart <= _CANDIDATE * max(1.0, float(np.linalg.norm(first))))


def _rotations(
    axes: Float[np.ndarray, "outside input"], weights: Float[np.ndarray, "width input"]
) -> list[dict[int, Float[np.ndarray, " input"]]]:
    """w_i ↦ (w_i·e) e′ − (w_i·e′) e for axes e, e′ orthogonal to the teacher, e among those that the student uses."""
    if len(axes) < 2:
        return []
    used = int(np.linalg.matrix_rank(weights @ axes.T, tol=_CANDIDATE))
    axes = np.linalg.svd(weights @ axes.T)[2] @ axes
    moved = weights @ axes.T
    return [
        {i: moved[i, p] * axes[q] - moved[i, q] * axes[p] for i in range(len(weights))}
        for p in range(used)
        for q in range(p + 1, len(axes))
    ]


def _null_space(
    matrix: Float[np.ndarray, "rows input"], tolerance: float, *, least: float = 1.0
) -> Float[np.ndarray, "null input"]:
    """Orthonormal rows that the matrix maps to zero, up to a part of its largest singular value (or of `least`)."""
    _, values, rows = np.linalg.svd(matrix)
    rank = int(np.sum(values > tolerance * max(least, float(values.max(initial=0.0)))))
    return rows[rank:]


def _direction(
    n: int,
    d: int,
    *,
    weights: dict[int, Float[np.ndarray, " input"]] | None = None,
    output: dict[int, float] | None = None,
) -> Float[np.ndarray, " param"]:
    """A motion of some neurons, as a vector in the order of the parameters."""
    rows, column = np.zeros((n, d)), np.zeros(n)
    for i, move in (weights or {}).items():
        rows[i] = move
    for i, step in (output or {}).items():
        column[i] = step
    return np.concatenate([rows.ravel(), column])


def _columns(vectors: list[Float[np.ndarray, " param"]], size: int) -> Float[np.ndarray, "param modes"]:
    kept = [vector / np.linalg.norm(vector) for vector in vectors if np.linalg.norm(vector) > 0]
    return np.stack(kept, axis=1) if kept else np.zeros((size, 0))
