"""An Equinox model as parameters, as it is: arrays are trained, the rest is given to `fn` and given back."""

import copy

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

INPUTS = np.linspace(-1.0, 1.0, 6)
TARGETS = 0.5 * np.sin(INPUTS)


def mean_squares(model, args):
    x, y = args
    return jnp.mean((jax.vmap(model)(x) - y) ** 2) + 0.01 * sum(
        jnp.sum(leaf**2) for leaf in jax.tree.leaves(eqx.filter(model, eqx.is_array))
    )


@pytest.fixture
def model():
    return eqx.nn.MLP("scalar", "scalar", 2, 1, activation=jnp.tanh, key=jax.random.key(0))


@pytest.mark.slow
def test_every_stage_gives_the_model_back_as_it_was_given(model):
    problem = gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    solution = gf.solve(problem, model)
    assert solution.trajectory.result == "successful"
    for given_back in (problem.init, solution.trajectory.final, solution.point.parameters, solution.student):
        assert jax.tree.structure(given_back) == jax.tree.structure(model)
        assert given_back.activation is model.activation
        assert np.isfinite(given_back(0.5))
    again = gf.solve_many(problem, [solution.student])[0]
    assert again.classification.kind is solution.classification.kind


@pytest.mark.slow
def test_what_is_trained_of_a_model_is_its_arrays(model):
    problem = gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    vector = problem.flatten(model)
    assert vector.shape == (7,)
    assert problem.unflatten(vector, model)(0.5) == model(0.5)
    gradient = problem.gradient(model)
    assert gradient.layers[0].weight.shape == (2, 1)
    assert gradient.activation is None
    assert problem == copy.deepcopy(problem) == gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    assert problem.hessian(model).shape == (7, 7)


def test_a_model_with_another_activation_is_another_model(model):
    problem = gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    other = eqx.tree_at(lambda one: one.activation, model, jnp.sin)
    with pytest.raises(ValueError, match=r"flow: parameters must be the model of the problem.* Write parameters of"):
        gf.flow(problem, other)


def test_a_leaf_that_is_wrong_is_named_by_its_place_in_the_model(as_a_user_calls, model):
    def with_weight(weight):
        return eqx.tree_at(lambda one: one.layers[0].weight, model, weight)

    for weight, error, message in (
        (np.ones((2, 1), "float32"), TypeError, "must be float64, got float32"),
        (np.ones((2, 1), int), TypeError, "is an array of int64; only float64 is trained"),
        (np.full((2, 1), np.nan), ValueError, "must be finite, got nan"),
    ):
        with pytest.raises(error, match=rf"Loss: init\.layers\[0\]\.weight {message}"):
            gf.Loss(mean_squares, with_weight(weight), args=(INPUTS, TARGETS))
    problem = gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    with pytest.raises(ValueError, match=r"flow: parameters\.layers\[0\]\.weight must be an array float64\[2, 1\]"):
        gf.flow(problem, with_weight(np.ones((3, 1))))


def test_models_may_stand_beside_other_parameters(model):
    problem = gf.Loss(lambda p: mean_squares(p["net"], (INPUTS, p["shift"] + TARGETS)), {"net": model, "shift": 0})
    assert problem.flatten(problem.init).shape == (8,)
    assert problem.init["net"].activation is model.activation


@pytest.mark.slow
def test_a_batch_of_models_has_a_leading_axis(model):
    problem = gf.Loss(mean_squares, model, args=(INPUTS, TARGETS))
    make = eqx.filter_vmap(lambda key: eqx.nn.MLP("scalar", "scalar", 2, 1, activation=jnp.tanh, key=key))
    one, other = gf.solve_many(problem, make(jax.random.split(jax.random.key(0), 2)), gradient_tolerance=1e-2)
    assert one.trajectory.state(0).activation is model.activation
    assert one.trajectory.state(0)(0.5) != other.trajectory.state(0)(0.5)


def test_a_model_without_arrays_is_refused(as_a_user_calls):
    class Empty(eqx.Module):
        scale: float = 1.0

    with pytest.raises(TypeError, match="Loss: init must hold at least one number that is trained"):
        gf.Loss(lambda m: jnp.asarray(m.scale), Empty())
