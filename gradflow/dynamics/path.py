"""What the host keeps of the accepted steps."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow.dynamics.chunk import FlowState, Record


class Sample(NamedTuple):
    """An accepted step that is kept."""

    time: float
    position: Float[np.ndarray, " param"]
    loss: float
    gradient_norm: float
    squared_gradient_norm: float


class Path:
    """Samples at log-spaced times; the last accepted step is always among them. It `stagnates` where the last chunk has
    not halved the gradient.
    """

    def __init__(self, state: FlowState, rates: Float[np.ndarray, " param"], samples_per_decade: int):
        self._samples_per_decade = samples_per_decade
        self._next_mark, self._last_is_kept = 0.0, True
        self._last_loss = float(state.loss)
        self.attempted, self.accepted, self.loss_increase = 0, 0, 0.0
        gradient = np.asarray(state.gradient)
        with np.errstate(over="ignore"):  # a start may be as far out as it likes
            squared = float(np.sum(rates * gradient**2))
        norm = float(np.max(np.abs(gradient)))
        self.samples = [Sample(0.0, np.asarray(state.position), self._last_loss, norm, squared)]
        self.stagnates = False

    def extend(self, record: Record) -> None:
        """Take the accepted steps of a chunk."""
        before = self.samples[-1].gradient_norm
        self.attempted += int(record.attempted)
        self.accepted += int(record.accepted)
        for row in range(int(record.accepted)):
            time, loss = float(record.times[row]), float(record.losses[row])
            norm, squared = float(record.gradient_norms[row]), float(record.squared_gradient_norms[row])
            # a copy: a view would keep the positions of the whole chunk
            sample = Sample(time, np.array(record.positions[row]), loss, norm, squared)
            # one assignment, so that an interrupt leaves either the old path or the new
            self.samples = [*(self.samples if self._last_is_kept else self.samples[:-1]), sample]
            self._last_is_kept = time >= self._next_mark
            if self._last_is_kept:
                self._next_mark = self._after(time)
            self.loss_increase = max(self.loss_increase, loss - self._last_loss)
            self._last_loss = loss
        self.stagnates = not self.samples[-1].gradient_norm <= before / 2

    def _after(self, time: float) -> float:
        """The next log-spaced time. A time that has overflowed has none, and one that has underflowed no logarithm."""
        if not math.isfinite(time):
            return math.inf
        if time <= 0:
            return 0.0
        mark = math.floor(math.log10(time) * self._samples_per_decade) + 1
        try:
            return float(10.0 ** (mark / self._samples_per_decade))
        except OverflowError:
            return math.inf
