"""What the host keeps of the accepted steps."""

import math

import numpy as np
from jaxtyping import Float

from gradflow.dynamics.chunk import FlowState, Record


class Path:
    """States at log-spaced times, with loss and gradient norm there; the last accepted step is always among them."""

    def __init__(self, state: FlowState, rates: Float[np.ndarray, " param"], samples_per_decade: int):
        self._rates, self._samples_per_decade = rates, samples_per_decade
        self._next_mark, self._last_is_kept = 0.0, True
        self._last_loss = float(state.loss)
        self.attempted, self.accepted, self.loss_increase = 0, 0, 0.0
        self.times: list[float] = []
        self.positions: list[Float[np.ndarray, " param"]] = []
        self.losses: list[float] = []
        self.gradient_norms: list[float] = []
        self.squared_gradient_norms: list[float] = []
        self._append(0.0, np.asarray(state.position), float(state.loss), np.asarray(state.gradient))

    @property
    def gradient_norm(self) -> float:
        return self.gradient_norms[-1]

    def extend(self, record: Record) -> None:
        """Take the accepted steps of a chunk."""
        self.attempted += int(record.attempted)
        self.accepted += int(record.accepted)
        for row in range(int(record.accepted)):
            if not self._last_is_kept:
                self._drop()
            time, loss = float(record.times[row]), float(record.losses[row])
            self._append(time, np.asarray(record.positions[row]), loss, np.asarray(record.gradients[row]))
            self._last_is_kept = time >= self._next_mark
            if self._last_is_kept:
                mark = math.floor(math.log10(time) * self._samples_per_decade) + 1
                self._next_mark = 10 ** (mark / self._samples_per_decade)
            self.loss_increase = max(self.loss_increase, loss - self._last_loss)
            self._last_loss = loss

    def _append(
        self, time: float, position: Float[np.ndarray, " param"], loss: float, gradient: Float[np.ndarray, " param"]
    ) -> None:
        self.times.append(time)
        self.positions.append(position)
        self.losses.append(loss)
        self.gradient_norms.append(float(np.max(np.abs(gradient))))
        with np.errstate(over="ignore"):  # a run that diverges passes through infinity
            self.squared_gradient_norms.append(float(np.sum(self._rates * gradient**2)))

    def _drop(self) -> None:
        for values in (self.times, self.positions, self.losses, self.gradient_norms, self.squared_gradient_norms):
            values.pop()
