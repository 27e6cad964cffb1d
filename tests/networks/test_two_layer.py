"""TwoLayerNetwork: what it computes, what it holds, and what it refuses."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf


def test_a_network_is_the_weighted_sum_of_its_neurons():
    weights, output, x = [[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]], [2.0, -0.7], [0.4, 0.1, -1.3]
    sums = [sum(w * entry for w, entry in zip(row, x, strict=True)) for row in weights]
    wanted = sum(a * math.erf(u / math.sqrt(2)) for a, u in zip(output, sums, strict=True))
    assert float(gf.TwoLayerNetwork(weights, output)(x)) == pytest.approx(wanted, rel=1e-15)


def test_inputs_may_have_any_leading_axes():
    net, x = gf.TwoLayerNetwork(np.ones((2, 3)), [1.0, -0.5]), np.linspace(-1, 1, 24).reshape(4, 2, 3)
    assert net(x).shape == (4, 2)
    assert float(net(x)[3, 1]) == pytest.approx(float(net(x[3, 1])), rel=1e-15)


def test_the_leaves_are_exactly_the_weights_and_the_output():
    net = gf.TwoLayerNetwork([[1.0, 2.0]], [3.0])
    leaves = jax.tree.leaves(net)
    assert [leaf.shape for leaf in leaves] == [(1, 2), (1,)]
    assert leaves[0] is net.weights
    assert leaves[1] is net.output
    assert net.activation == gf.Erf()


def test_width_and_input_dimension_are_read_off_the_weights():
    net = gf.TwoLayerNetwork(np.zeros((2, 5)), np.zeros(2))
    assert (net.width, net.input_dimension) == (2, 5)


def test_lists_and_integers_are_converted_exactly():
    net = gf.TwoLayerNetwork([[1, 2**53], [-3, 0]], np.array([7, -(2**53)]))
    assert net.weights.dtype == net.output.dtype == np.float64
    assert [[int(entry) for entry in row] for row in net.weights] == [[1, 2**53], [-3, 0]]
    assert [int(entry) for entry in net.output] == [7, -(2**53)]


def test_integers_that_float64_does_not_hold_are_refused():
    with pytest.raises(ValueError, match=r"TwoLayerNetwork: weights must hold numbers of float64, got integers beyond"):
        gf.TwoLayerNetwork([[1, 2**53 + 1]], [1])


@pytest.mark.parametrize("module", [np, jnp])
@pytest.mark.parametrize("dtype", ["float32", "float16", "complex64", "complex128", "bool"])
@pytest.mark.parametrize("leaf", ["weights", "output"])
def test_arrays_that_are_not_float64_are_refused_never_cast(module, dtype, leaf):
    leaves = {"weights": np.ones((2, 3)), "output": np.ones(2)}
    leaves[leaf] = module.asarray(leaves[leaf], dtype=dtype)
    message = rf"TwoLayerNetwork: {leaf} must be float64, got {dtype}; .*import gradflow before making arrays"
    with pytest.raises(TypeError, match=message):
        gf.TwoLayerNetwork(**leaves)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_refused_with_their_index(value):
    weights = np.ones((3, 2))
    weights[1, 0] = value
    with pytest.raises(ValueError, match=rf"weights must be finite, got {value} at index \(1, 0\) \(1 such value\)"):
        gf.TwoLayerNetwork(weights, np.ones(3))
    with pytest.raises(ValueError, match=rf"output must be finite, got {value} at index \(1,\) \(2 such values\)"):
        gf.TwoLayerNetwork(np.ones((3, 2)), [1.0, value, value])


@pytest.mark.parametrize(
    ("weights", "output"),
    [
        ([[1.0, 2.0]], [1.0, 2.0]),
        ([1.0, 2.0], [1.0, 2.0]),
        ([[1.0, 2.0]], [[1.0]]),
        ([[1.0, 2.0]], 1.0),
        (np.zeros((0, 2)), np.zeros(0)),
        (np.zeros((2, 0)), np.zeros(2)),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_the_line_to_write(as_a_user_calls, weights, output):
    message = r"must have shape \(width, input\) and output \(width,\).*Write TwoLayerNetwork\(weights, output\)"
    with pytest.raises(ValueError, match=message):
        gf.TwoLayerNetwork(weights, output)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="TwoLayerNetwork: weights must be a rectangular array"):
        gf.TwoLayerNetwork([[1.0, 2.0], [3.0]], [1.0, 2.0])


@pytest.mark.parametrize("activation", ["relu", np.tanh, gf.Erf], ids=["a name", "a function", "a class"])
def test_an_unknown_activation_is_refused_with_the_line_to_write(as_a_user_calls, activation):
    with pytest.raises(TypeError, match=r"activation must be AbstractActivation, got .* Write activation=gf\.Erf\(\)"):
        gf.TwoLayerNetwork([[1.0]], [1.0], activation)


def test_inputs_that_are_not_float64_are_refused():
    with pytest.raises(TypeError, match="TwoLayerNetwork: x must be float64, got float32"):
        gf.TwoLayerNetwork([[1.0]], [1.0])(np.ones(1, "float32"))


@pytest.mark.parametrize(("k", "d"), [(1, 1), (3, 3), (3, 5)])
def test_the_orthonormal_teacher_reads_the_first_k_coordinates(k, d):
    teacher = gf.orthonormal_teacher(k, d)
    np.testing.assert_array_equal(teacher.weights, np.eye(d)[:k])
    np.testing.assert_array_equal(teacher.output, np.ones(k))


def test_the_orthonormal_teacher_has_d_equal_to_k_if_d_is_left_out(as_a_user_calls):
    assert gf.orthonormal_teacher(np.int64(4)).weights.shape == (4, 4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ValueError, r"k must be at least 1, got 0\. Write orthonormal_teacher\(k=8\)"),
        ((-2,), ValueError, "k must be at least 1, got -2"),
        ((2.5,), TypeError, r"k must be an integer, got 2\.5\. Write orthonormal_teacher\(k=8\)"),
        ((True,), TypeError, "k must be an integer, got True"),
        (("8",), TypeError, "k must be an integer, got '8'"),
        ((3, 2.0), TypeError, r"d must be an integer, got 2\.0\. Write orthonormal_teacher\(k=3, d=3\)"),
        ((3, 0), ValueError, "d must be at least 1, got 0"),
        ((3, 2), ValueError, r"input dimension of at least 3, got d = 2\. Write .*d=3"),
    ],
)
def test_an_impossible_teacher_is_refused_with_the_line_to_write(as_a_user_calls, arguments, error, message):
    with pytest.raises(error, match=rf"orthonormal_teacher: .*{message}"):
        gf.orthonormal_teacher(*arguments)
