"""Why an eigenvalue of the teacher–student Hessian may be zero: reasons in formulas, as directions."""

from itertools import combinations

import numpy as np
from jaxtyping import Float

from gradflow.networks import TwoLayerNetwork
from gradflow.problems.base import ZeroModes

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
    """All candidates at a student, from the teacher's weights, the neurons' `curvature.curvature` and
    `expectations.output_slope`; `perfect` says that f = f*.

    Curves of critical points: rotations of the input space that fix the teacher; a_i up, a_j down at duplicates w_i =
    ±w_j; the output weight of a neuron with w = 0; the weights of one with a = 0 where f = f*. Kernel: at duplicates,
    opposite motions of w_i and w_j along the null space of E[(f − f*) σ″(w·x) xxᵀ]; at a = 0, motions of w along which
    ∂L/∂a does not change.
    """
    weights, output = np.asarray(student.weights), np.asarray(student.output)
    n, d = weights.shape
    sizes = [float(np.max(np.abs(array), initial=0.0)) for array in (weights, output, curvatures, slopes)]
    if not all(size < _SQUARABLE for size in sizes):
        return ZeroModes(curves=_columns([], n * (d + 1)), kernel=_columns([], n * (d + 1)))
    curves = [_direction(n, d, weights=rotation) for rotation in _rotations(teacher, weights)]
    kernel: list[Float[np.ndarray, " param"]] = []
    for i in range(n):
        if np.linalg.norm(weights[i]) <= _CANDIDATE:
            curves.append(_direction(n, d, output={i: 1.0}))
        if abs(output[i]) <= _CANDIDATE:
            unchanged = [_direction(n, d, weights={i: axis}) for axis in _null_space(slopes[i][None])]
            (curves if perfect else kernel).extend(unchanged)
    for i, j in combinations(range(n), 2):
        sign = 1.0 if weights[i] @ weights[j] >= 0 else -1.0
        if np.linalg.norm(weights[i] - sign * weights[j]) <= _CANDIDATE * max(1.0, float(np.linalg.norm(weights[i]))):
            curves.append(_direction(n, d, output={i: 1.0, j: -sign}))
            kernel.extend(
                _direction(n, d, weights={i: sign * output[j] * axis, j: -output[i] * axis})
                for axis in _null_space(curvatures[i])
            )
    return ZeroModes(curves=_columns(curves, n * (d + 1)), kernel=_columns(kernel, n * (d + 1)))


def _rotations(
    teacher: Float[np.ndarray, "teacher input"], weights: Float[np.ndarray, "width input"]
) -> list[dict[int, Float[np.ndarray, " input"]]]:
    """w_i ↦ (w_i·e) e′ − (w_i·e′) e for axes e, e′ orthogonal to the teacher, e among those that the student uses."""
    axes = _null_space(teacher)
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


def _null_space(matrix: Float[np.ndarray, "rows input"]) -> Float[np.ndarray, "null input"]:
    """Orthonormal rows that the matrix maps to zero, up to `_CANDIDATE` of its largest singular value (or of 1)."""
    _, values, rows = np.linalg.svd(matrix)
    rank = int(np.sum(values > _CANDIDATE * max(1.0, float(values.max(initial=0.0)))))
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
