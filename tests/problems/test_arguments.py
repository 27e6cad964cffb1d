"""Arguments of a function: data of any type that enter the compiled programs, so that a family compiles once."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf


def fit(w, args):
    x, y = args["x"], args["y"]
    return jnp.mean((x @ w - y) ** 2)


def data(seed):
    x = np.random.default_rng(seed).normal(size=(8, 2))
    return {"x": x, "y": x @ np.array([1.0, float(seed)])}


@pytest.mark.slow
def test_losses_of_one_function_with_data_of_one_shape_are_compiled_once(traces):
    first = gf.Loss(fit, [0.0, 0.0], args=data(1), least_loss=0)
    np.testing.assert_allclose(gf.solve(first, first.init).student, [1.0, 1.0], rtol=1e-12)
    begun = [traces(name) for name in ("begin", "advance", "_values", "_hessian")]
    for seed in (2, 3):
        other = gf.Loss(fit, [0.0, 0.0], args=data(seed), least_loss=0)
        np.testing.assert_allclose(gf.solve(other, other.init).student, [1.0, seed], rtol=1e-12)
        assert other != first
    assert [traces(name) for name in ("begin", "advance", "_values", "_hessian")] == begun
    assert min(begun) > 0


def test_arguments_are_copied_when_the_loss_is_made_and_go_with_it():
    given = data(1)
    problem = gf.Loss(fit, [0.0, 0.0], args=given)
    before = float(problem.loss(problem.init))
    given["y"][:] = 0.0
    for one in (problem, copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        assert float(one.loss(problem.init)) == before > 0
        assert one == problem


def test_labels_are_integers_masks_are_bools_and_numbers_are_arrays_without_axes():
    labels, seen = np.array([0, 2, 1]), []

    def cross_entropy(w, args):
        seen.append([leaf.dtype for leaf in jax.tree.leaves(args)])
        logits = jax.nn.log_softmax(w, axis=1)
        chosen = jnp.take_along_axis(logits, args["labels"][:, None], axis=1)[:, 0]
        return -jnp.sum(jnp.where(args["mask"], chosen, 0.0)) + args["decay"] * jnp.sum(w**2)

    args = {"labels": labels, "mask": np.array([True, True, False]), "decay": 0.5}
    problem = gf.Loss(cross_entropy, np.zeros((3, 3)), args=args)
    assert seen[-1] == [np.float64, np.int64, np.bool_]
    assert float(problem.loss(problem.init)) == pytest.approx(2 * np.log(3), rel=1e-15)


def test_data_in_float32_are_read_and_an_operation_in_float32_is_refused(as_a_user_calls):
    half = np.array([0.5, 0.25], "float32")
    problem = gf.Loss(lambda w, x: jnp.sum((w - x.astype("float64")) ** 2), [0.0, 0.0], args=half)
    assert float(problem.loss(problem.init)) == 0.3125
    with pytest.raises(TypeError, match=r"Loss: fn computes in float32 .* write args\.astype\('float64'\)"):
        gf.Loss(lambda w, x: jnp.sum((w - (x * x).astype("float64")) ** 2), [0.0, 0.0], args=half)


@pytest.mark.parametrize(
    ("args", "place"), [("text", "args"), ({"f": print}, r"args\['f'\]"), ([np.ma.ones(2)], r"args\[0\]")]
)
def test_arguments_that_are_no_arrays_are_refused_by_name(as_a_user_calls, args, place):
    with pytest.raises(TypeError, match=rf"Loss: {place} must be an array of numbers, got .* Write {place}="):
        gf.Loss(lambda w, x: jnp.sum(w**2), [0.0, 0.0], args=args)
