"""What holds along every gradient flow, whatever the problem."""

import jax
import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics.trajectory import Trajectory

_LINE = "gf.{}(gf.flow(problem, student))"


def dissipation_error(trajectory: Checked[Trajectory]) -> Float[np.ndarray, " time"]:
    """|dL/dt + ‖∇L‖²| / ‖∇L‖² at every sample: dL/dt is the derivative of the loss along −∇L, by automatic
    differentiation of the loss alone.

    It is rounding where the gradient is right; a wrong gradient formula shows here. With `rates` M the identity is
    dL/dt = −∇L·M∇L.
    """
    _checks.instance("dissipation_error", "trajectory", trajectory, Trajectory, _LINE.format("dissipation_error"))
    problem, rates = trajectory.problem, trajectory.options["rates"]
    metric = 1.0 if rates is None else problem.flatten(rates)

    @jax.jit
    def derivative(vector: jax.Array, like: object) -> tuple[jax.Array, jax.Array]:
        gradient = problem.flatten(problem.value_and_gradient(problem.unflatten(vector, like))[1])
        velocity = -gradient * metric
        slope = jax.jvp(lambda v: problem.loss(problem.unflatten(v, like)), (vector,), (velocity,))[1]
        return slope, -gradient @ velocity

    errors = []
    for index in range(len(trajectory.times)):
        state = trajectory.state(index)
        slope, dissipation = derivative(problem.flatten(state), state)
        errors.append(abs(float(slope + dissipation)) / max(float(dissipation), np.finfo(float).tiny))
    return np.asarray(errors)


def loss_increase(trajectory: Checked[Trajectory]) -> float:
    """The largest increase of the loss from one accepted step to the next, over all of them: 0, or the rounding of the
    loss (`problem.loss_floor`), where the flow was followed well.
    """
    _checks.instance("loss_increase", "trajectory", trajectory, Trajectory, _LINE.format("loss_increase"))
    return float(trajectory.stats["loss_increase"])
