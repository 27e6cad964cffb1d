"""A refined point."""

import math
from typing import Any

import equinox as eqx
from jaxtyping import PyTree

from gradflow._results import name_of
from gradflow._text import counted
from gradflow.problems import AbstractProblem


class Point(eqx.Module):
    """Where refinement ended: at a critical point if `result` is `successful`, else where it began.

    `gradient_norm` is ‖∇L‖∞, `gradient_floor` its rounding level; `newton_step` = ‖H⁺∇L‖/max(‖θ‖, 1) is the step that
    is left and `moved` the distance from the given point on the same scale, `moved_along` the part of it in directions
    in which the Hessian vanishes. `steps` counts Newton steps.
    """

    problem: AbstractProblem
    parameters: PyTree
    loss: float
    loss_floor: float
    gradient_norm: float
    gradient_floor: float
    newton_step: float
    moved: float
    steps: int
    result: Any
    moved_along: float = 0.0

    @property
    def student(self) -> PyTree:
        return self.parameters

    def __str__(self) -> str:
        loss = (
            f"0 (floor {self.loss_floor:.1e})" if abs(self.loss) <= self.loss_floor < math.inf else f"{self.loss:.15g}"
        )
        moved = f"{self.moved:.1e}"
        if self.moved_along > 0:
            moved += f" ({self.moved_along:.1e} along a flat set)"
        return (
            f"refine: {name_of(self.result)} after {counted(self.steps, 'Newton step')}, moved {moved}, loss {loss}, "
            f"gradient norm {self.gradient_norm:.1e} (floor {self.gradient_floor:.1e})"
        )

    __repr__ = __str__
