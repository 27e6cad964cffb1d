"""Critical points with P-n-C's symmetry, by Newton's method from random starts."""

import numpy as np

from gradflow.proofs.symmetric.equations import with_slopes

_NEWTON_STEPS = 80
# of a step, relative to the point; the longest step, so that starts do not run away at once
_SETTLED, _LONGEST = 1e-12, 0.5
# two points that are nearer are one; beyond, a start ran away
_ALIKE, _LARGEST = 1e-6, 1e3


class _Array(np.ndarray):
    """With the methods that balls have."""

    def sqrt(self):
        return np.sqrt(self)

    def asin(self):
        return np.arcsin(self)


def symmetric_points(k: int, n: int, starts: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Distinct (α, β, γ, a) with a > 0: the signs of all four turned at once are the same network."""
    points = rng.normal(size=(starts, 4)) * np.exp(rng.uniform(-2, 0, size=(starts, 4)))
    points[:, 3] = np.exp(rng.uniform(-1, np.log(4.0 * k), size=starts))
    settled = np.zeros(starts, dtype=bool)
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            columns = [*points.T, np.full(starts, float(n))]
            values, slopes = with_slopes([column.view(_Array) for column in columns], k)
            jacobian = np.stack([np.stack([np.asarray(x) for x in row[:4]], -1) for row in slopes], -2)
            residual = np.stack([np.asarray(value) for value in values], -1)
            usable = np.all(np.isfinite(jacobian), axis=(1, 2)) & np.all(np.isfinite(residual), axis=1)
            usable &= np.abs(np.where(usable, np.linalg.det(np.where(usable[:, None, None], jacobian, 0.0)), 0.0)) > 0
            jacobian[~usable], residual[~usable] = np.eye(4), np.nan
            step = np.linalg.solve(jacobian, residual[..., None])[..., 0]
            size = np.max(np.abs(step) / np.maximum(np.abs(points), 0.1), axis=1)
            points = points - step * np.minimum(1.0, _LONGEST / size)[:, None]
            settled = size < _SETTLED
    kept: list[np.ndarray] = []
    for point in points[settled & np.all(np.abs(points) < _LARGEST, axis=1)]:
        positive = point * np.sign(point[3])
        if not any(np.max(np.abs(positive - other)) < _ALIKE * max(1.0, positive[3]) for other in kept):
            kept.append(positive)
    return kept
