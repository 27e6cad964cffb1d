"""One law for every end that a path has, and its fit."""

from typing import NamedTuple

import numpy as np
import scipy.optimize
from jaxtyping import Float

# η is looked for in steps of 1/20 first: the misfit has one valley, but is flat far from it
_GRID = np.linspace(-1.5, 1.5, 61)
# of the weights by which single samples that lie off are held back (Huber's, at two deviations)
_ROUNDS = 5
# log ‖∇L‖ is exact to more than this: what fits better still is not told apart
_EXACT = 1e-9


class TailLaw(NamedTuple):
    """s = A + B (1 − e^(−ηz))/η, z = log ‖∇L‖, s the path's length: ‖∇L‖ ~ |s − s∞|^(−1/η), with η `slope`, A
    `origin` and B < 0 `stretch`; at η = 0, s = A + B z. `residual`: the root of its mean square in z.
    """

    slope: float
    origin: float
    stretch: float
    residual: float

    @property
    def length(self) -> float:
        """s∞, where η < 0: the length at which ‖∇L‖ is zero."""
        return self.origin + self.stretch / self.slope

    def gradients(self, lengths: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " kept"]:
        """log ‖∇L‖ at these lengths."""
        scaled = (lengths - self.origin) / self.stretch
        if abs(self.slope) < _EXACT:
            return scaled
        # beyond the end there is no gradient
        values: Float[np.ndarray, " kept"] = (
            -np.log(np.maximum(1 - self.slope * scaled, np.finfo(np.float64).tiny)) / self.slope
        )
        return values


def tail_law(lengths: Float[np.ndarray, " kept"], gradients: Float[np.ndarray, " kept"]) -> TailLaw:
    """The law that fits log ‖∇L‖ best, in the mean of absolute values; A and B are linear, and found for every η."""

    def misfit(slope: float) -> float:
        return float(np.mean(np.abs(_linear_fit(slope, lengths, gradients - gradients[-1])[1])))

    best = int(np.argmin([misfit(slope) for slope in _GRID]))
    around = (_GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)])
    slope = float(scipy.optimize.minimize_scalar(misfit, bounds=around, method="bounded", options={"xatol": 1e-6}).x)
    (origin, stretch), residuals = _linear_fit(slope, lengths, gradients - gradients[-1])
    return TailLaw(
        slope=slope,
        origin=float(origin),
        stretch=float(stretch),
        residual=float(np.sqrt(np.mean(residuals**2))),
    )


def _linear_fit(
    slope: float, lengths: Float[np.ndarray, " kept"], gradients: Float[np.ndarray, " kept"]
) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, " kept"]]:
    """A and B, and what is left in log ‖∇L‖; infinite where the path would have to go backwards."""
    weights = np.exp(slope * gradients)
    law = gradients if abs(slope) < _EXACT else -np.expm1(-slope * gradients) / slope
    columns = weights[:, None] * np.stack([np.ones_like(gradients), law], axis=1)
    target, held = weights * lengths, np.ones_like(gradients)
    for _ in range(_ROUNDS):
        solution, *_ = np.linalg.lstsq(columns * held[:, None], target * held, rcond=None)
        if not solution[1] < 0:
            return solution, np.full_like(gradients, np.inf)
        residuals: Float[np.ndarray, " kept"] = (columns @ solution - target) / solution[1]
        scale = max(2 * 1.4826 * float(np.median(np.abs(residuals))), _EXACT)
        held = np.sqrt(scale / np.maximum(np.abs(residuals), scale))
    return solution, residuals
