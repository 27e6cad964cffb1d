"""What a caller states of a loss and is not so is said: a bound not kept, tangents that are none, no numbers."""

import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf


def below(x):
    return jnp.sum(x**2) - 5


@pytest.mark.parametrize("verb", [gf.refine, gf.classify, gf.solve])
def test_a_loss_below_its_stated_bound_is_an_error(verb):
    problem = gf.Loss(below, [1.0, 2.0], least_loss=0)
    with pytest.raises(
        ValueError, match=r"the loss must not be below its lower bound least_loss=0, and is -.* Write a"
    ):
        verb(problem, [0.0, 0.0])


def test_a_loss_below_its_bound_takes_no_other_run_with_it():
    problem = gf.Loss(lambda x: jnp.sum((x**2 - 1) ** 2) + 0.4 * jnp.sum(x), [1.0], least_loss=0.0)
    found = gf.solve_many(problem, [[1.5], [-1.5], [2.0]])
    assert [str(solution.result) for solution in found] == ["successful", "below_bound", "successful"]
    assert found[1].trajectory.losses[-1] < -0.3


def test_a_loss_that_rounding_takes_below_its_bound_attains_it():
    # 1 + x² − 1 is 0 or rounding, of either sign
    problem = gf.Loss(lambda x: jnp.sum((1 + x**2) - 1) - 2.0**-52, [1.0], least_loss=0)
    verdict = gf.classify(problem, [0.0])
    assert verdict.kind is gf.Kind.MINIMUM
    assert "a global minimum" in verdict.reason


def test_a_gradient_that_is_no_number_is_named_by_its_leaf():
    problem = gf.Loss(lambda p: jnp.sum(p["a"] ** 2) + jnp.sum(jnp.sqrt(p["b"]) ** 2), {"a": [0.0], "b": [1.0, 0.0]})
    verdict = gf.classify(problem, problem.init)
    assert verdict.kind is gf.Kind.UNDECIDED
    assert verdict.reason.startswith("the gradient of leaf ['b'] is not a number at index (1,)")
    assert "not critical" not in verdict.reason


def test_tangents_that_are_no_zero_modes_are_named_by_their_column():
    columns = np.array([[0.0, 0.0, 1.0], [0.0, 2.0, 1.0]])  # nothing, a tangent, none
    problem = gf.Loss(lambda x: x[0] ** 2, [1.0, 1.0], curves=lambda x: columns)
    verdict = gf.classify(problem, [0.0, 3.0])
    assert verdict.kind is gf.Kind.MINIMUM_MANIFOLD
    assert "column 2 of curves(parameters) is no zero mode: |HT| = 1.4e+00 for |T| = 1, allowed" in verdict.reason
    assert "column 1" not in verdict.reason
    strict = gf.Loss(lambda x: x @ x, [1.0, 1.0], curves=lambda x: np.eye(2))
    reason = gf.classify(strict, [0.0, 0.0]).reason
    assert "column 0" in reason
    assert "column 1" in reason
