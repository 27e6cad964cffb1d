"""With fixed steps in a non-stiff window every solver converges with its order."""

import diffrax
import jax.numpy as jnp
import numpy as np
import optimistix as optx
import pytest
import scipy.integrate

import gradflow as gf

# coupled cosine wells: nonlinear, smooth, curvatures of order 1. Tsit5's fifth-order error is so small by design that
# on most problems its slope is nearer to 6 until rounding takes over; here it is not, with its tableau in NumPy too
PROBLEM = gf.Loss(lambda x: -jnp.cos(3 * x[0]) / 3 - jnp.cos(2 * x[1]) / 2 + x[0] * x[1] / 2, [-0.4, 1.6])
END_TIME = 1.0
EXACT_STAGES = optx.Newton(rtol=1e-13, atol=1e-14)


@pytest.fixture(scope="module")
def exact():
    return scipy.integrate.solve_ivp(
        lambda t, x: -np.asarray(PROBLEM.gradient(jnp.asarray(x))),
        (0, END_TIME),
        np.asarray(PROBLEM.init),
        method="DOP853",
        rtol=3e-14,
        atol=1e-15,
        max_step=0.02,
    ).y[:, -1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("solver", "order", "steps"),
    [
        (diffrax.Kvaerno3(root_finder=EXACT_STAGES), 3, (16, 32, 64)),
        (diffrax.Tsit5(), 5, (16, 32, 64)),
        (diffrax.Kvaerno5(root_finder=EXACT_STAGES), 5, (8, 16, 32)),
    ],
    ids=["Kvaerno3", "Tsit5", "Kvaerno5"],
)
def test_a_solver_converges_with_its_order(exact, solver, order, steps):
    errors = []
    for count in steps:
        size = jnp.asarray(END_TIME / count)
        # tolerances that accept every step, and bounds that leave one step size
        controller = diffrax.PIDController(rtol=1.0, atol=1.0, dtmin=size, dtmax=size)
        trajectory = gf.flow(
            PROBLEM,
            PROBLEM.init,
            method=gf.Diffrax(solver, controller),
            end_time=END_TIME,
            gradient_tolerance=0.0,
            samples_per_decade=1000,
        )
        assert trajectory.stats["steps"] == count
        assert trajectory.stats["rejected"] == 0
        np.testing.assert_allclose(np.diff(trajectory.times), END_TIME / count, rtol=1e-12)
        errors.append(np.max(np.abs(trajectory.final - exact)))
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert -slope == pytest.approx(order, abs=0.2), errors
    assert errors[-1] > 1e-13  # still above rounding, so that the slope is one
