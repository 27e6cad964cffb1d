"""Scaled: the same random numbers at every scale."""

import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradflow as gf

SCALES = st.floats(1e-6, 1e6)


def drawn(law, seed=3):
    return law(jax.random.key(seed), 3, 4, gf.Erf())


@settings(max_examples=20, deadline=None)
@given(weights=SCALES, output=SCALES, seed=st.integers(0, 2**32 - 1))
def test_a_scale_multiplies_what_the_law_draws_with_the_same_key(weights, output, seed):
    plain, scaled = (drawn(law, seed) for law in (gf.GlorotNormal(), gf.Scaled(gf.GlorotNormal(), weights, output)))
    np.testing.assert_array_equal(scaled.weights, np.asarray(plain.weights) * weights)
    np.testing.assert_array_equal(scaled.output, np.asarray(plain.output) * output)


def test_scales_that_are_left_out_are_1():
    plain, scaled = drawn(gf.UnitSphere(output=2.0)), drawn(gf.Scaled(gf.UnitSphere(output=2.0)))
    np.testing.assert_array_equal(scaled.weights, plain.weights)
    np.testing.assert_array_equal(scaled.output, plain.output)


def test_a_scale_of_a_scale_is_their_product():
    twice = drawn(gf.Scaled(gf.Scaled(gf.GlorotNormal(), weights=4.0, output=0.5), weights=0.5, output=8.0))
    once = drawn(gf.Scaled(gf.GlorotNormal(), weights=2.0, output=4.0))  # powers of two: no rounding
    np.testing.assert_array_equal(twice.weights, once.weights)
    np.testing.assert_array_equal(twice.output, once.output)


def test_output_weights_may_start_at_zero():
    student = drawn(gf.Scaled(gf.GlorotNormal(), output=0.0))
    assert not np.any(student.output)
    assert np.all(student.weights)


def test_weights_of_zero_are_refused_because_their_neurons_would_stay_on_one_line(problem):
    with pytest.raises(ValueError, match=r"Scaled: weights must be a positive finite number, got 0\. Write gf\.Scaled"):
        gf.Scaled(gf.GlorotNormal(), weights=0)
    # at W = 0 the gradient is of rank one, in the direction of the teachers' sum
    start = gf.TwoLayerNetwork(np.zeros((4, 9)), np.array([0.3, -1.0, 2.0, 0.7]))
    gradient = np.asarray(problem.gradient(start).weights)
    teachers = np.append(np.ones(8), 0)
    np.testing.assert_allclose(gradient, np.outer(gradient[:, 0], teachers), rtol=0, atol=1e-15)
    assert np.all(gradient[:, 0])


@pytest.mark.parametrize("name", ["weights", "output"])
@pytest.mark.parametrize(
    ("value", "error"),
    [(-1.0, ValueError), (math.nan, ValueError), (math.inf, ValueError), ("2", TypeError), (True, TypeError)],
)
def test_a_scale_that_is_none_is_refused(name, value, error):
    with pytest.raises(error, match=rf"Scaled: {name} must be a .*Write gf\.Scaled\(gf\.GlorotNormal\(\), weights="):
        gf.Scaled(gf.GlorotNormal(), **{name: value})


@pytest.mark.parametrize("made", [gf.Scaled, gf.Balanced])
def test_a_class_in_place_of_a_law_is_refused(made):
    with pytest.raises(
        TypeError, match=rf"law must be AbstractInitialiser, got the class UnitSphere. Write gf.{made.__name__}"
    ):
        made(gf.UnitSphere)
