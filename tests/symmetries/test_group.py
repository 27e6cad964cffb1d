"""Several symmetries at once: copies under all of them are at distance zero."""

import equinox as eqx
import jax
import numpy as np
import pytest
from oracles.symmetries import EXAMPLES, TWO_LAYERS, distances

import gradflow as gf

SPACE = [gf.Translations(lambda p: p), gf.Rotations(lambda p: p), gf.Permutations(lambda p: p)]


def rotation(draw):
    found = np.linalg.qr(draw.normal(size=(3, 3)))[0]
    return found * np.linalg.det(found)


def icosahedron():
    """Twelve points about a thirteenth: no direction and no point of the shell is special."""
    golden = (1 + np.sqrt(5)) / 2
    shell = [np.roll((0.0, a, b * golden), k) for a in (1, -1) for b in (1, -1) for k in range(3)]
    return np.array([np.zeros(3), *shell])


@pytest.mark.parametrize("points", [EXAMPLES["Rotations"].init, icosahedron()], ids=["general", "icosahedron"])
def test_points_in_another_place_and_order_are_the_same(points):
    draw = np.random.default_rng(5)
    moved = (points @ rotation(draw).T)[draw.permutation(len(points))] + [1.0, 2.0, 3.0]
    group = gf.SymmetryGroup(SPACE)
    assert group.distance(points, moved) <= 1e-13 * np.linalg.norm(moved)
    near = moved + 1e-3 * draw.normal(size=points.shape)
    assert 1e-4 < group.distance(points, near) <= np.linalg.norm(near - moved) * (1 + 1e-12)
    assert group.distance(points, 2 * moved) > 0.1


def test_mirror_images_in_another_order_are_apart():
    points = EXAMPLES["Rotations"].init
    mirrored = (points * np.array([-1.0, 1.0, 1.0]))[[2, 4, 1, 0, 3]]
    assert gf.SymmetryGroup(SPACE).distance(points, mirrored) > 0.1
    full = gf.SymmetryGroup([SPACE[0], gf.Rotations(lambda p: p, reflections=True), SPACE[2]])
    assert full.distance(points, mirrored) <= 1e-13


@pytest.mark.parametrize("parts", ["rescaling first", "permutations first"])
def test_networks_with_units_rescaled_and_in_another_order_are_the_same(parts):
    names = ["Rescaling, ReLU", "Permutations"]
    symmetries = [EXAMPLES[name].symmetry for name in (names if parts == "rescaling first" else names[::-1])]
    rescaled = EXAMPLES["Rescaling, ReLU"].symmetry.transformed(TWO_LAYERS, [0.01, 30.0, 2.0, 0.5])
    copy = EXAMPLES["Permutations"].symmetry.transformed(rescaled, [2, 0, 3, 1])
    group = gf.SymmetryGroup(symmetries)
    size = np.linalg.norm(jax.flatten_util.ravel_pytree(copy)[0])
    assert group.distance(TWO_LAYERS, copy) <= 1e-13 * size
    assert group.distance(copy, TWO_LAYERS) <= 1e-13 * size
    other = jax.tree.map(lambda leaf: leaf + 0.3, TWO_LAYERS)
    best = group.distance(TWO_LAYERS, other)
    assert 0.1 < best <= min(each.distance(TWO_LAYERS, other) for each in symmetries) * (1 + 1e-12)


@pytest.mark.slow
def test_layers_that_share_weights_are_aligned_together():
    model = eqx.nn.MLP(3, "scalar", 6, 2, activation=jax.nn.relu, key=jax.random.key(0))
    rescalings = [
        gf.Rescaling(lambda m, i=i: (m.layers[i].weight, m.layers[i].bias), lambda m, i=i: m.layers[i + 1].weight)
        for i in (0, 1)
    ]
    orders = [
        gf.Permutations(lambda m, i=i: (m.layers[i].weight, m.layers[i].bias, m.layers[i + 1].weight), axes=(0, 0, 1))
        for i in (0, 1)
    ]
    draw, copy = np.random.default_rng(6), model
    for rescaling, order in zip(rescalings, orders, strict=True):
        copy = order.transformed(rescaling.transformed(copy, np.exp(draw.normal(size=6))), draw.permutation(6))
    size = float(np.linalg.norm(jax.flatten_util.ravel_pytree(eqx.filter(copy, eqx.is_array))[0]))
    assert gf.SymmetryGroup([*rescalings, *orders]).distance(model, copy) <= 1e-13 * size


def test_a_group_has_the_tangents_and_the_conserved_quantities_of_its_parts():
    group = gf.SymmetryGroup(SPACE)
    points = EXAMPLES["Rotations"].init
    assert group.tangents(points).shape == (15, 6)
    assert set(group.invariants(points)) == {"centre of mass"}
    problem = gf.Loss(distances, points, symmetries=group)
    assert problem.symmetries == (group,)
    np.testing.assert_allclose(np.mean(group.canonical(points), axis=0), 0, atol=1e-15)
    assert len(group.copies(points)) == 4


@pytest.mark.parametrize("nothing", [[], None, [3.0]])
def test_a_group_of_nothing_is_refused(as_a_user_calls, nothing):
    with pytest.raises((TypeError, ValueError), match=r"SymmetryGroup: .*symmetries .*Write symmetries=\["):
        gf.SymmetryGroup(nothing)
