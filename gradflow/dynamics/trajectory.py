"""What a flow leaves behind."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float, PyTree

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._results import name_of
from gradflow._text import counted
from gradflow.problems import AbstractProblem


class Trajectory(eqx.Module):
    """The path of a gradient flow: accepted steps, thinned to log-spaced times, the first and the last always kept.

    `times` (time,) in units of dθ/dt = −∇L; `states` the parameters with a leading axis `time`; `losses` and
    `gradient_norms` (‖∇L‖∞) there; `squared_gradient_norms` the Euclidean ‖∇L‖² (with `rates`, ∇L·M∇L), which is
    −dL/dt. `final` is the last state, `result` a member of `gf.RESULTS`, `stats` counts attempted and rejected steps,
    the largest increase of the loss between two accepted steps and the drift of the problem's invariants, over all
    steps and not only those kept. `reason` says of a flow that diverged which entry of the gradient is not finite,
    where that is so.
    """

    problem: AbstractProblem
    times: Float[np.ndarray, " time"]
    states: PyTree
    losses: Float[np.ndarray, " time"]
    gradient_norms: Float[np.ndarray, " time"]
    squared_gradient_norms: Float[np.ndarray, " time"]
    result: Any
    stats: dict[str, Any]
    options: dict[str, Any]
    reason: str

    def state(self, index: Checked[int]) -> PyTree:
        """The parameters at `times[index]`."""
        index = _checks.place("Trajectory.state", "index", index, len(self.times))
        return self.problem.whole(jax.tree.map(lambda leaf: leaf[index], self.states))

    @property
    def final(self) -> PyTree:
        return self.state(-1)

    @property
    def student(self) -> PyTree:
        """The final state: every later stage takes a trajectory as it takes a student."""
        return self.final

    @property
    def parameters(self) -> PyTree:
        return self.final

    def then(self, further: "Checked[Trajectory]") -> "Trajectory":
        """This path with another appended that starts where it ends."""
        line = "trajectory.then(gf.flow(problem, trajectory))"
        _checks.instance("Trajectory.then", "further", further, Trajectory, line)
        stats = {
            "steps": self.stats["steps"] + further.stats["steps"],
            "rejected": self.stats["rejected"] + further.stats["rejected"],
            "loss_increase": max(self.stats["loss_increase"], further.stats["loss_increase"]),
            "invariant_drift": self.problem.drift(self.state(0), further.final, self.options["rates"]),
            **{name: self.stats[name] + further.stats[name] for name in ("seconds", "compile_seconds")},
        }
        return Trajectory(
            problem=self.problem,
            times=np.concatenate([self.times, self.times[-1] + further.times[1:]]),
            states=jax.tree.map(lambda first, second: np.concatenate([first, second[1:]]), self.states, further.states),
            losses=np.concatenate([self.losses, further.losses[1:]]),
            gradient_norms=np.concatenate([self.gradient_norms, further.gradient_norms[1:]]),
            squared_gradient_norms=np.concatenate([self.squared_gradient_norms, further.squared_gradient_norms[1:]]),
            result=further.result,
            stats=stats,
            options=self.options | {"gradient_tolerance": further.options["gradient_tolerance"]},
            reason=further.reason,
        )

    def __str__(self) -> str:
        return (
            f"flow: {name_of(self.result)} at t = {self.times[-1]:.3g} after {counted(self.stats['steps'], 'step')} "
            f"({self.stats['rejected']} rejected), loss {self.losses[-1]:z.10g}, "
            f"gradient norm {self.gradient_norms[-1]:.1e}{'; ' * bool(self.reason)}{self.reason}"
        )

    __repr__ = __str__
