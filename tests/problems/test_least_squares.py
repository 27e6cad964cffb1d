"""LeastSquares: sums of squared residuals; floors by hand, and what the Jacobian's rank explains."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

EPSILON = 2.0**-52
X = np.array([0.0, 1.0, 2.0, 4.0])


def line(w, data):
    return w[0] + w[1] * data[0] - data[1]


def test_loss_gradient_and_hessian_have_no_factor_one_half():
    problem = gf.LeastSquares(line, [0.0, 0.0], args=(X, 1 + 2 * X))
    residuals = -(1 + 2 * X)
    np.testing.assert_array_equal(problem.residuals(problem.init), residuals)
    jacobian = np.stack([np.ones(4), X], axis=1)
    np.testing.assert_array_equal(problem.jacobian(problem.init), jacobian)
    assert float(problem.loss(problem.init)) == np.sum(residuals**2)
    np.testing.assert_allclose(problem.gradient(problem.init), 2 * jacobian.T @ residuals, rtol=1e-15)
    np.testing.assert_allclose(problem.hessian(problem.init), 2 * jacobian.T @ jacobian, rtol=1e-15)
    assert problem.least_loss == 0


def test_the_floors_are_those_of_the_residuals():
    # at w = (1, 2) with y = 0: r = J θ, so that δ = 4 ε (|r| + |J| |θ|) = 8 ε r
    problem = gf.LeastSquares(line, [1.0, 2.0], args=(X, np.zeros(4)))
    r, jacobian = 1 + 2 * X, np.stack([np.ones(4), X], axis=1)
    rounding = 8 * EPSILON * r
    assert float(problem.loss_floor(problem.init)) == pytest.approx(np.sum(2 * r * rounding + rounding**2), rel=1e-13)
    floor = np.max(2 * jacobian.T @ (rounding + 4 * EPSILON * r))
    assert float(problem.gradient_floor(problem.init)) == pytest.approx(floor, rel=1e-13)


@pytest.mark.slow
def test_a_perfect_fit_is_a_global_minimum_and_an_imperfect_one_a_minimum():
    exact = gf.LeastSquares(line, [0.0, 0.0], args=(X, 1e4 + 0.3 * X))
    solution = gf.solve(exact, exact.init)
    assert solution.classification.kind is gf.Kind.MINIMUM
    assert "a global minimum" in solution.classification.reason
    np.testing.assert_allclose(solution.student, [1e4, 0.3], rtol=1e-10)
    noisy = gf.LeastSquares(line, [0.0, 0.0], args=(X, X**2))
    solution = gf.solve(noisy, noisy.init)
    assert solution.classification.kind is gf.Kind.MINIMUM
    assert "global" not in solution.classification.reason
    np.testing.assert_allclose(solution.student, np.polyfit(X, X**2, 1)[::-1], rtol=1e-10)


@pytest.mark.slow
def test_the_rank_of_the_jacobian_explains_the_nullity_of_a_manifold_of_perfect_fits():
    # a product is 1 on a hyperbola; a rotation of the plane leaves ‖x‖ = 1
    for residuals, start in ((lambda w: w[0] * w[1] - 1, [2.0, 1.0]), (lambda w: jnp.sum(w**2) - 1, [0.3, 0.4, 0.1])):
        problem = gf.LeastSquares(residuals, start)
        verdict = gf.solve(problem, problem.init).classification
        assert verdict.kind is gf.Kind.MINIMUM_MANIFOLD
        assert verdict.nullity == len(start) - 1
        assert verdict.index == 0


@pytest.mark.slow
def test_where_the_rank_falls_there_is_no_curve_and_the_kernel_is_explained():
    # x² = 0 has one solution, and {xy = 0} crosses itself at 0
    for residuals, size in (
        (lambda w: jnp.stack([w[0] ** 2, w[1]]), 2),
        (lambda w: jnp.stack([w[0] * w[1], w[2]]), 3),
    ):
        problem = gf.LeastSquares(residuals, np.zeros(size))
        modes = problem.structural_zero_modes(problem.init)
        assert modes.curves.shape[1] == 0
        assert modes.kernel.shape[1] >= 1
        assert gf.classify(problem, problem.init).kind is gf.Kind.DEGENERATE


def test_away_from_a_perfect_fit_nothing_is_explained():
    problem = gf.LeastSquares(lambda w: w[0] * w[1] - 1, [2.0, 1.0])
    assert problem.structural_zero_modes(problem.init).curves.shape == (2, 0)


def test_least_squares_of_one_function_compile_once(traces):
    ends = []
    for slope in (1.0, 2.0):
        problem = gf.LeastSquares(line, [0.0, 0.0], args=(X, slope * X))
        ends.append(gf.solve(problem, problem.init).student[1])
        counts = [traces(name) for name in ("begin", "advance", "_values", "_hessian")]
        if slope == 1.0:
            first = counts
    np.testing.assert_allclose(ends, [1.0, 2.0], rtol=1e-12)
    assert counts == first


@pytest.mark.parametrize(
    "residuals", [lambda w: (w, w), lambda w: w.astype("float32"), lambda w: w[:0], lambda w: None]
)
def test_residuals_that_are_no_array_of_float64_are_refused(as_a_user_calls, residuals):
    with pytest.raises(TypeError, match=r"LeastSquares: residuals must return an array of float64 .* Write"):
        gf.LeastSquares(residuals, [1.0, 2.0])


def test_residuals_that_fail_are_refused(as_a_user_calls):
    with pytest.raises(TypeError, match=r"residuals\(init\) fails \(TypeError.*Write gf\.LeastSquares"):
        gf.LeastSquares(lambda w: w[jnp.zeros(1)], [1.0, 2.0])
    with pytest.raises(TypeError, match=r"LeastSquares: residuals must be a function"):
        gf.LeastSquares(3.0, [1.0, 2.0])


def test_a_model_has_residuals_too():
    import equinox as eqx

    model = eqx.nn.MLP("scalar", "scalar", 2, 1, activation=jnp.tanh, key=jax.random.key(0))
    problem = gf.LeastSquares(lambda m, data: jax.vmap(m)(data[0]) - data[1], model, args=(X, X))
    assert problem.init.activation is model.activation
    assert problem.residuals(model).shape == (4,)
