"""Thresholds of identification."""

import math
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked


@dataclass(frozen=True)
class IdentifyOptions:
    """When a neuron or a network gets a name.

    `least_cosine_squared`: a neuron copies a teacher, or averages a set of them, if cos² between its projection on the
    teachers' span and the teacher, or the mean of the set, is at least this. `spread`: the overlaps with the teachers
    of an average lie within this fraction of their mean. `newton_steps`, `slack`: "exact" is a distance of at most
    newton_steps·(Newton step + slack), capped at `largest_distance`, since a point that Newton's method would still
    move far is not at any exact point.
    """

    least_cosine_squared: Checked[float] = 0.9
    spread: Checked[float] = 0.1
    newton_steps: Checked[float] = 10.0
    slack: Checked[float] = 1e-10
    largest_distance: Checked[float] = 1e-3

    def __post_init__(self) -> None:
        for name in ("least_cosine_squared", "spread", "newton_steps", "slack", "largest_distance"):
            _checks.tolerance("IdentifyOptions", name, getattr(self, name), zero=True)

    def tolerance(self, newton_step: float) -> float:
        """The distance up to which a point counts as an exact one; the largest where the Newton step is not known."""
        if math.isnan(newton_step):
            return self.largest_distance
        return min(self.newton_steps * (newton_step + self.slack), self.largest_distance)
