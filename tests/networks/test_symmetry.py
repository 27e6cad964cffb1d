"""The symmetry group: permutations and signs of the neurons, and equality of networks modulo them."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradflow as gf
from gradflow.networks import flip, permute

# few examples, the same in every run
few = settings(max_examples=15, deadline=None, derandomize=True)
orders = st.permutations(range(4)).map(np.array)
signs = st.lists(st.sampled_from([1.0, -1.0]), min_size=4, max_size=4).map(np.array)
seeds = st.integers(0, 2**32 - 1)


def network(seed, width=4, dimension=3):
    rng = np.random.default_rng(seed)
    return gf.TwoLayerNetwork(rng.standard_normal((width, dimension)), rng.standard_normal(width))


@few
@given(order=orders, sign=signs, seed=seeds)
def test_permuting_and_flipping_neurons_leaves_the_function_unchanged(order, sign, seed):
    net, x = network(seed), np.random.default_rng(0).standard_normal((7, 3))
    np.testing.assert_allclose(flip(permute(net, order), sign)(x), net(x), rtol=0, atol=4e-15)


@few
@given(order=orders, sign=signs, seed=seeds)
def test_align_undoes_any_permutation_and_signs(order, sign, seed):
    net = network(seed)
    aligned = gf.align(flip(permute(net, order), sign), net)
    np.testing.assert_array_equal(aligned.weights, net.weights)
    np.testing.assert_array_equal(aligned.output, net.output)


@few
@given(order=orders, sign=signs, seed=seeds)
def test_the_distance_is_zero_modulo_permutation_and_sign(order, sign, seed):
    net = network(seed)
    assert gf.distance(flip(permute(net, order), sign), net) == 0


@few
@given(order=orders, sign=signs, seed=seeds)
def test_the_distance_does_not_see_permutation_and_sign(order, sign, seed):
    net, other = network(seed), network(seed + 1)
    assert gf.distance(flip(permute(net, order), sign), other) == pytest.approx(gf.distance(net, other), rel=1e-15)


@few
@given(seed=seeds)
def test_align_finds_the_best_of_all_permutations_and_signs(seed):
    net, reference = network(seed, width=3), network(seed + 1, width=3)
    ours, theirs = (np.column_stack([part.weights, part.output]) for part in (net, reference))
    scale = np.maximum(1, np.linalg.norm(theirs, axis=1))

    def cost(rows):
        return np.sum((np.linalg.norm(rows - theirs, axis=1) / scale) ** 2)

    best = min(
        cost(np.array(sign)[:, None] * ours[list(order)])
        for order in permutations(range(3))
        for sign in product((1.0, -1.0), repeat=3)
    )
    aligned = gf.align(net, reference)
    assert cost(np.column_stack([aligned.weights, aligned.output])) == pytest.approx(best, rel=1e-14)


def test_align_keeps_the_function():
    net, x = network(1), np.random.default_rng(0).standard_normal((7, 3))
    np.testing.assert_allclose(gf.align(net, network(2))(x), net(x), rtol=0, atol=4e-15)


def test_the_distance_is_relative_to_long_neurons_and_absolute_for_short_ones():
    # ‖(3, 4, 12)‖ = 13 and ‖(0.3, 0.4, 0)‖ = 0.5
    reference = gf.TwoLayerNetwork([[3.0, 4.0], [0.3, 0.4]], [12.0, 0.0])
    long = gf.TwoLayerNetwork([[3.0, 4.0], [0.3, 0.4]], [12.13, 0.0])
    short = gf.TwoLayerNetwork([[3.0, 4.0], [0.3, 0.4]], [12.0, 0.02])
    assert gf.distance(long, reference) == pytest.approx(0.01, rel=1e-12)
    assert gf.distance(short, reference) == pytest.approx(0.02, rel=1e-12)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (4, 2)])
def test_networks_of_other_shapes_are_infinitely_far(shape):
    assert gf.distance(network(0), network(0, *shape)) == math.inf
