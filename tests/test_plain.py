"""Plain classes: fields are set once; what a problem takes as parameters JAX takes apart."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import jax
import numpy as np
import pytest

import gradflow as gf


def network(own=0.5):
    return gf.SymmetricNetwork(np.array([[own, 0.1]]), np.array([[0.2, 0.3]]), np.array([1.0]))


def test_jax_takes_one_apart_and_puts_it_together():
    leaves, structure = jax.tree.flatten(network())
    assert [np.shape(leaf) for leaf in leaves] == [(1, 2), (1, 2), (1,)]
    assert jax.tree.unflatten(structure, leaves) == network()
    assert [jax.tree_util.keystr(path) for path, _ in jax.tree.leaves_with_path(network())] == [
        ".own",
        ".others",
        ".output",
    ]


def test_what_is_static_is_no_leaf_and_tells_structures_apart():
    orbit = gf.Orbit(4, 1, (1.0,), "n")
    assert jax.tree.leaves(orbit) == [4, 1.0]
    assert jax.tree.structure(orbit) != jax.tree.structure(gf.Orbit(4, 1, (1.0,), "m"))
    assert jax.tree.map(lambda leaf: 2 * leaf, orbit) == gf.Orbit(8, 1, (2.0,), "n")


@pytest.mark.parametrize("make", [network, lambda: gf.Orbit(3, 1), lambda: gf.Scaled(gf.GlorotNormal(), 0.3)])
def test_the_same_contents_are_equal_and_a_copy_is(make):
    value = make()
    for other in (make(), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert other == value
        assert hash(other) == hash(value)


def test_other_contents_are_not():
    assert network() != network(0.4)
    assert gf.Orbit(3, 1) != gf.Orbit(4, 1)
    assert gf.Orbit(3, 1) != "an orbit"
    assert gf.GlorotNormal() != gf.LecunNormal()


@pytest.mark.parametrize(
    ("value", "name"), [(network(), "own"), (gf.Orbit(3, 1), "size"), (gf.Scaled(gf.GlorotNormal(), 0.3), "weights")]
)
def test_a_field_is_set_once(value, name):
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(value, name, 1.0)
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(value, name)


def test_a_law_of_ones_own_is_a_dataclass_by_itself():
    class Own(gf.AbstractInitialiser):
        scale: float = 1.0

        def __call__(self, key, width, input_dimension, activation):
            return gf.GlorotNormal()(key, width, input_dimension, activation)

    assert Own(2.0) == Own(scale=2.0) != Own()
    assert Own().label == "Own"
    assert Own(2.0).label == "Own (scale = 2)"
    with pytest.raises(TypeError):
        gf.AbstractInitialiser()
