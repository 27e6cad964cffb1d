"""Balanced: a_i = ±‖w_i‖."""

import jax
import numpy as np

import gradflow as gf


class Fixed(gf.AbstractInitialiser):
    """One neuron of each sign, and two whose output weight is zero."""

    def __call__(self, key, width, input_dimension, activation):
        return gf.TwoLayerNetwork([[3, 4], [0, 2], [5, 12], [1, 0]], [-0.1, 7, 0, -0.0], activation)


def test_output_weights_get_the_size_of_the_weight_vector_and_keep_their_sign():
    balanced = gf.Balanced(Fixed())(jax.random.key(0), 4, 2, gf.Erf())
    np.testing.assert_array_equal(balanced.output, [-5, 2, 13, 1])  # zero has no sign: positive
    np.testing.assert_array_equal(balanced.weights, [[3, 4], [0, 2], [5, 12], [1, 0]])


def test_a_balanced_law_has_the_numbers_of_the_law_itself():
    key = jax.random.key(1)
    plain, balanced = (law(key, 50, 9, gf.Erf()) for law in (gf.GlorotNormal(), gf.Balanced(gf.GlorotNormal())))
    np.testing.assert_array_equal(balanced.weights, plain.weights)
    np.testing.assert_array_equal(np.sign(balanced.output), np.sign(plain.output))
    assert {-1.0, 1.0} == set(np.sign(balanced.output).tolist())
    norms = np.sqrt(np.sum(np.asarray(plain.weights) ** 2, axis=1))
    np.testing.assert_allclose(np.abs(balanced.output), norms, rtol=4e-16, atol=0)


def test_the_flow_keeps_the_balance_of_small_weights_to_second_order_in_their_size(problem):
    """d/dt (‖w_i‖² − a_i²) = −2 (w_i·∂L/∂w_i − a_i ∂L/∂a_i), relative to either term."""

    def lost(scale):
        student = problem.init(jax.random.key(0), gf.Balanced(gf.Scaled(gf.GlorotNormal(), weights=scale)))
        gradient = problem.gradient(student)
        first = np.sum(np.asarray(student.weights) * np.asarray(gradient.weights), axis=1)
        second = np.asarray(student.output) * np.asarray(gradient.output)
        return np.max(np.abs(first - second) / np.abs(second))

    assert lost(1.0) > 0.1
    np.testing.assert_allclose(lost(1e-2) / lost(1e-3), 100, rtol=0.05)
    assert lost(1e-3) < 1e-4
