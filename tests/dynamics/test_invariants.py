"""What holds along every gradient flow: dL/dt = −‖∇L‖², a loss that only falls, and what the problem conserves."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf


class Product(gf.AbstractProblem):
    """(uv − 1)²: the flow conserves u² − v². Its gradient is wrong by the factor 1 + `mistake`."""

    mistake: float = 0.0

    def loss(self, parameters):
        return (parameters[0] * parameters[1] - 1) ** 2

    def check(self, verb, parameters):
        return jnp.asarray(parameters)

    def value_and_gradient(self, parameters):
        loss, gradient = jax.value_and_grad(self.loss)(parameters)
        return loss, (1 + self.mistake) * gradient

    def invariants(self, parameters):
        return {"balance": parameters[0] ** 2 - parameters[1] ** 2}


@pytest.fixture(scope="module", params=[0, 1, 2])
def path(problem, request):
    return gf.flow(problem, problem.init(jax.random.key(request.param)))


def test_the_loss_falls_at_every_accepted_step(problem, path):
    assert gf.loss_increase(path) <= float(problem.loss_floor(path.final))
    assert np.all(np.diff(path.losses) <= float(problem.loss_floor(path.final)))


def test_the_loss_falls_at_the_rate_of_the_squared_gradient(path):
    # both sides come from the same weights; what is left is the rounding of the loss's derivative, 1e-14 of terms of
    # order 1 against ‖∇L‖²
    error = gf.dissipation_error(path)
    assert error.shape == path.times.shape
    assert np.all(error * path.squared_gradient_norms <= 1e-13 * np.sqrt(path.squared_gradient_norms))
    large = path.gradient_norms > 1e-3
    assert np.count_nonzero(large) > 5
    assert np.max(error[large]) <= 1e-10


@pytest.mark.slow
def test_a_wrong_gradient_formula_shows_in_the_dissipation():
    right, wrong = (gf.flow(Product(mistake), np.array([2.0, 0.3]), end_time=0.5) for mistake in (0.0, 0.01))
    assert np.max(gf.dissipation_error(right)) <= 1e-13
    assert np.min(gf.dissipation_error(wrong)) >= 0.009


def test_with_rates_the_loss_falls_at_the_rate_of_the_metric():
    start = np.array([2.0, 0.3])
    trajectory = gf.flow(Product(), start, rates=np.array([3.0, 0.2]), end_time=0.5)
    gradient = np.asarray(Product().gradient(jnp.asarray(start)))
    assert trajectory.squared_gradient_norms[0] == pytest.approx(np.sum([3.0, 0.2] * gradient**2), rel=1e-14)
    assert np.max(gf.dissipation_error(trajectory)) <= 1e-13


def test_the_drift_of_what_is_conserved_is_reported_and_falls_with_the_tolerance():
    loose, tight = (gf.flow(Product(), np.array([2.0, 0.3]), rtol=rtol, atol=rtol).stats for rtol in (1e-3, 1e-9))
    assert set(loose["invariant_drift"]) == {"balance"}
    for stats, rtol in ((loose, 1e-3), (tight, 1e-9)):
        # a step errs by rtol (|θ| + 1) in each of two coordinates, and moves the difference of their squares by 2|θ|
        # times that; what a step has moved, the flow keeps
        assert stats["invariant_drift"]["balance"] <= stats["steps"] * rtol * 3 * 2 * (2 + 0.3)
    assert tight["invariant_drift"]["balance"] < 1e-3 * loose["invariant_drift"]["balance"]


def test_a_problem_without_invariants_reports_none(path):
    assert path.stats["invariant_drift"] == {}
