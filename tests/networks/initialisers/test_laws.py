"""Initialisers: the laws of the initial weights, on 5,000 draws of a network with n = 3, d = 4.

A sample of N numbers gives the standard deviation to σ/√(2N) and the mean to σ/√N; the bounds are five times that.
"""

import math

import jax
import numpy as np
import pytest

import gradflow as gf

LAWS = [gf.GlorotNormal(), gf.LecunNormal(), gf.UnitSphere()]


def draws(law):
    keys = jax.random.split(jax.random.key(0), 5000)
    many = jax.vmap(lambda key: law(key, 3, 4, gf.Erf()))(keys)
    return np.asarray(many.weights), np.asarray(many.output)


def assert_normal(sample, deviation):
    assert abs(np.std(sample) / deviation - 1) <= 5 / math.sqrt(2 * sample.size)
    assert abs(np.mean(sample)) <= 5 * deviation / math.sqrt(sample.size)
    # a normal variable is within one standard deviation with probability 0.6827
    share = np.mean(np.abs(sample) <= deviation)
    assert abs(share - 0.6826894921370859) <= 5 * 0.4655 / math.sqrt(sample.size)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_law_draws_a_network_of_the_asked_shape_in_float64(law):
    net = law(jax.random.key(1), 3, 4, gf.Erf())
    assert isinstance(net, gf.TwoLayerNetwork)
    assert (net.weights.shape, net.output.shape) == ((3, 4), (3,))
    assert net.weights.dtype == net.output.dtype == np.float64
    assert net.activation == gf.Erf()


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_the_same_key_gives_the_same_weights_and_another_key_others(law):
    first, again, other = (law(jax.random.key(seed), 3, 4, gf.Erf()) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.output, again.output)
    assert np.all(np.asarray(first.weights) != np.asarray(other.weights))


def test_glorot_normal_has_the_paper_s_standard_deviations():
    weights, output = draws(gf.GlorotNormal())
    assert_normal(weights, math.sqrt(2 / (4 + 3)))
    assert_normal(output, math.sqrt(2 / (3 + 1)))


def test_glorot_normal_draws_weights_and_output_independently():
    weights, output = draws(gf.GlorotNormal())
    correlation = np.corrcoef(weights[:, :, 0].ravel(), output.ravel())[0, 1]
    assert abs(correlation) <= 5 / math.sqrt(output.size)


def test_lecun_normal_has_standard_deviation_one_over_the_root_of_d():
    weights, output = draws(gf.LecunNormal(output=1.5))
    assert_normal(weights, math.sqrt(1 / 4))
    np.testing.assert_array_equal(output, np.full((5000, 3), 1.5))


def test_unit_sphere_has_rows_of_norm_one_in_all_directions():
    weights, output = draws(gf.UnitSphere(output=2.0))
    np.testing.assert_allclose(np.linalg.norm(weights, axis=2), 1, rtol=0, atol=4e-16)
    np.testing.assert_array_equal(output, np.full((5000, 3), 2.0))
    rows = weights.reshape(-1, 4)
    # mean 0 and covariance I/4; an entry's standard deviation is ½, a product's at most ½
    assert np.max(np.abs(rows.mean(axis=0))) <= 5 * 0.5 / math.sqrt(len(rows))
    assert np.max(np.abs(rows.T @ rows / len(rows) - np.eye(4) / 4)) <= 5 * 0.5 / math.sqrt(len(rows))


def test_the_output_weight_is_1_if_left_out():
    assert gf.LecunNormal().output == 1
    assert gf.UnitSphere().output == 1


@pytest.mark.parametrize("law", ["LecunNormal", "UnitSphere"])
@pytest.mark.parametrize(
    ("output", "error"), [(math.nan, ValueError), (math.inf, ValueError), ("1", TypeError), (True, TypeError)]
)
def test_an_output_weight_that_is_no_finite_number_is_refused(as_a_user_calls, law, output, error):
    with pytest.raises(error, match=rf"{law}: output must be a"):
        getattr(gf, law)(output)
