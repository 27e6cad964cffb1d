"""Random roundings: never far below the true rounding error, whatever the terms do, nor absurdly above it."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import gradflow as gf
from gradflow.problems import perturbed
from gradflow.problems.perturbed import rounding_of, scales_of

DATA = np.random.default_rng(0).normal(size=50) + 1e7
LENGTHS = np.array([1e-6, 1.0, 1e6])


def exactly(function, *numbers):
    with mpmath.workdps(60):
        return float(function(*map(mpmath.mpf, numbers)))


# a float64 function, the same in mpmath, a point, and how far above its largest term's rounding the estimate may be
CASES = {
    "a sum": (lambda x: x[0] + x[1], lambda a, b: a + b, [1.0, 2e-3]),
    "a difference": (lambda x: (x[0] + 1e8) - 1e8, lambda a: a, [0.3]),
    "a logarithm of one": (lambda x: jnp.log(1 + x[0]), lambda a: mpmath.log(1 + a), [3.3e-9]),
    "an exponential less one": (lambda x: jnp.exp(x[0]) - 1, lambda a: mpmath.exp(a) - 1, [1.7e-9]),
    "a sine far out": (lambda x: jnp.sin(x[0]), lambda a: mpmath.sin(a), [1e10 + 0.1]),
    "a quotient": (lambda x: (1 - jnp.cos(x[0])) / x[0] ** 2, lambda a: (1 - mpmath.cos(a)) / a**2, [1.3e-4]),
}


@pytest.mark.parametrize(("function", "wanted", "point"), [pytest.param(*row, id=name) for name, row in CASES.items()])
def test_the_rounding_error_is_within_its_estimate(function, wanted, point):
    x = jnp.asarray(point)
    error = abs(float(function(x)) - exactly(wanted, *point))
    assert error <= float(rounding_of(function, x))
    # that of the parameters among it
    own = float(abs(x) @ abs(jax.grad(function)(x))) + abs(float(function(x)))
    assert float(rounding_of(function, x)) <= max(1e4 * error, 1e2 * 2.0**-52 * own)


def test_the_rounding_of_a_sum_of_many_terms_that_cancel_is_seen():
    def variance(x):
        return jnp.mean(x**2) - jnp.mean(x) ** 2

    with mpmath.workdps(60):
        numbers = [mpmath.mpf(float(each)) for each in DATA]
        exact = float(sum(n**2 for n in numbers) / 50 - (sum(numbers) / 50) ** 2)
    error = abs(float(variance(jnp.asarray(DATA))) - exact)
    assert 1e-3 < error <= float(rounding_of(variance, jnp.asarray(DATA)))


def test_loops_and_branches_are_gone_into():
    def looped(x):
        summed, _ = jax.lax.scan(lambda carry, each: (carry + each, None), jnp.asarray(1e8), x)
        return summed - 1e8

    def repeated(x):
        return jax.lax.while_loop(lambda now: now < 1e8, lambda now: now * 1.5, x[0]) / 1e8

    def branched(x):
        return jax.lax.cond(x[0] > 0, lambda x: jnp.sum(x + 1e8) - 2e8, lambda x: jnp.sum(x), x)

    x = jnp.asarray([0.3, 0.7])
    for function, least, most in ((looped, 1e-9, 1e-6), (branched, 1e-9, 1e-6), (repeated, 1e-16, 1e-11)):
        assert least < float(jax.jit(lambda x, function=function: rounding_of(function, x))(x)) < most


def test_eight_evaluations_are_rounded_independently_of_each_other():
    # that eight signs agree has probability 1/128; of 20,000 draws a hundredth or two does
    draws = [perturbed._Signs(jnp.asarray(seed)) for seed in perturbed._SEEDS]
    signs = np.array([[np.asarray(draw(jnp.ones(20))) for _ in range(1_000)] for draw in draws])
    assert np.mean(np.abs(np.sum(signs, axis=0)) == 8) < 0.02
    assert abs(np.mean(signs)) < 0.01


def test_a_parameter_that_is_zero_counts_by_the_scale_of_the_others():
    scales = scales_of({"a": jnp.asarray([0.0, 1e-3]), "b": jnp.asarray([-2e-2])})
    np.testing.assert_allclose(scales["a"], [2e-2, 2e-2])
    np.testing.assert_allclose(scales["b"], [2e-2])
    np.testing.assert_array_equal(scales_of(jnp.asarray([3.0, 0.5, 0.0])), [3.0, 1.0, 1.0])
    np.testing.assert_array_equal(scales_of(jnp.asarray([1e-25, 0.0])), [1.0, 1.0])


def test_a_slope_of_a_thousand_is_no_rounding_beside_a_curvature_of_1e12():
    problem = gf.Loss(lambda p: (p[0] - 1e6) ** 2 + 1e12 * p[1] ** 2, init=[0.0, 0.0])
    verdict = gf.classify(problem, [1e6 + 500, 0.0])
    assert verdict.kind == "undecided"
    assert verdict.reason.startswith("not critical: a slope of 1.0e+03")


def test_a_hessian_of_terms_that_cancel_decides_nothing():
    # exactly 0.0103 w², from terms of 1e14: what is computed is −0.0156 w²
    def loss(w):
        return jnp.mean((DATA * w[0]) ** 2) - jnp.mean(DATA * w[0]) ** 2 - 0.825 * w[0] ** 2

    verdict = gf.classify(gf.Loss(loss, init=[0.0]), [0.0])
    assert verdict.kind == "undecided"
    assert verdict.eigenvalue_error[0] > abs(verdict.eigenvalues[0] - 0.0206)


def wells(x, units):
    """Two wells in other units of the loss and of lengths, and shifted."""
    factor, lengths, shift = units
    x = (x - shift) / lengths
    return factor * ((x[0] ** 2 - 1) ** 2 / 4 + x[1] ** 2 / 2 + jnp.cosh(x[2] + x[0]))


START = np.array([0.3, 1.0, 0.2])


def end_of(factor=1.0, lengths=(1.0, 1.0, 1.0), shift=0.0):
    """Where the flow ends in these units, back in those of the wells; one compilation serves all."""
    lengths = np.asarray(lengths)
    problem = gf.Loss(wells, shift + START * lengths, args=(np.asarray(factor), lengths, np.asarray(shift)))
    solution = gf.solve(problem, problem.init)
    assert (solution.classification.kind, str(solution.result)) == ("minimum", "successful")
    return (np.asarray(solution.parameters) - shift) / lengths


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1e-12, 1e-9, 1e-3, 1.0, 1e3, 1e9, 1e12])
def test_a_loss_in_other_units_ends_in_the_same_point_and_class(factor):
    np.testing.assert_allclose(end_of(factor), [1.0, 0.0, -1.0], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("lengths", [LENGTHS, LENGTHS[::-1]], ids=["small first", "large first"])
def test_parameters_in_other_units_end_in_a_minimum(lengths):
    np.testing.assert_allclose(np.abs(end_of(lengths=lengths)), [1.0, 0.0, 1.0], atol=1e-6)


@pytest.mark.slow
def test_a_start_far_from_zero_is_followed_as_accurately_as_one_near_it():
    np.testing.assert_allclose(end_of(shift=1e6), [1.0, 0.0, -1.0], atol=1e-6)
