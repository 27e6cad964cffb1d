"""Symmetries in a problem: verified when it is made, zero modes at critical points, watched along the flow."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.symmetries import EXAMPLES

import gradflow as gf

every = pytest.mark.parametrize("name", EXAMPLES)


@pytest.mark.slow
@every
def test_what_holds_is_accepted_and_what_is_broken_by_1e_9_is_refused(name):
    example = EXAMPLES[name]
    problem = gf.Loss(example.loss, example.init, symmetries=[example.symmetry])
    assert problem.orbit_tangents(example.init).shape[1] == example.dimension
    kind = type(example.symmetry).__name__
    with pytest.raises(
        ValueError, match=rf"Loss: symmetries\[0\], {kind}, must .* by \d.*, where rounding is .* Write"
    ):
        gf.Loss(example.broken, example.init, symmetries=example.symmetry)


def test_a_claim_that_holds_at_init_by_chance_is_refused():
    # nothing changes the length of zero, and two equal numbers have no order
    with pytest.raises(ValueError, match=r"beside init"):
        gf.Loss(lambda x: jnp.sum((x - 1) ** 2), [0.0, 0.0], symmetries=gf.Scaling(lambda p: p))
    with pytest.raises(ValueError, match=r"beside init .* changing by"):
        gf.Loss(lambda x: x[0] ** 2 + x[1] ** 3, [1.0, 1.0], symmetries=gf.Permutations(lambda p: p))


def test_where_the_loss_is_no_number_nothing_is_said():
    problem = gf.Loss(lambda x: jnp.sum(jnp.log(x)) * jnp.nan, [1.0, 2.0], symmetries=gf.Scaling(lambda p: p))
    assert len(problem.symmetries) == 1


def test_a_claim_cannot_be_verified_while_jax_traces():
    def made(at):
        return gf.Loss(lambda x: at * x @ x, [1.0, 2.0], symmetries=gf.Permutations(lambda p: p)).loss(jnp.ones(2))

    with pytest.raises(TypeError, match=r"Loss: parameters must be numbers, got traced .* or leave symmetries out"):
        jax.grad(made)(1.0)


@pytest.mark.parametrize("wrong", [3.0, "Rotations", [gf.Rotations], gf.Rotations, {"a": 1}])
def test_what_is_no_symmetry_is_refused(as_a_user_calls, wrong):
    with pytest.raises(TypeError, match=r"Loss: .*symmetries must be .*Write symmetries=\["):
        gf.Loss(lambda x: x @ x, [1.0, 2.0], symmetries=wrong)


# a critical point of each, and how many of its zero modes the symmetry explains
CRITICAL = {
    # min (a·w − 1)² for one ReLU neuron with a, w > 0
    "Rescaling": (
        gf.Rescaling(lambda p: p["w"], lambda p: p["a"]),
        lambda p: (p["a"][0] * jnp.maximum(p["w"][0, 0], 0) - 1) ** 2,
        {"w": np.array([[2.0]]), "a": np.array([0.5])},
        1,
    ),
    "GeneralLinear": (
        gf.GeneralLinear(lambda p: p[1], lambda p: p[0]),
        lambda p: jnp.sum((p[1] @ p[0] - np.array([[2.0, 0.0], [0.0, 1.0]])) ** 2),
        (np.array([[2.0, 0.0], [0.0, 0.5]]), np.array([[1.0, 0.0], [0.0, 2.0]])),
        4,
    ),
    "Orthogonal": (gf.Orthogonal(lambda p: p), lambda x: (x @ x - 1) ** 2, np.array([0.6, 0.8, 0.0]), 2),
    "Rotations": (
        gf.Rotations(lambda p: p),
        lambda x: jnp.sum((jnp.sum(x**2, axis=1) - 1) ** 2) + jnp.sum(x[0] * x[1]) ** 2,
        np.array([[0.6, 0.8], [-0.8, 0.6]]),
        1,
    ),
    "Translations": (
        gf.Translations(lambda p: p),
        lambda x: (jnp.sum((x[0] - x[1]) ** 2) - 25) ** 2,
        np.array([[0.0, 1.0], [3.0, 5.0]]),
        2,
    ),
    "Scaling": (
        gf.Scaling(lambda p: p),
        lambda x: x[0] * x[1] / (x @ x),
        np.array([1.5, 1.5]),
        1,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CRITICAL)
def test_at_a_critical_point_the_tangents_are_zero_modes(name):
    symmetry, loss, point, count = CRITICAL[name]
    problem = gf.Loss(loss, point, symmetries=symmetry)
    assert np.all(np.abs(problem.flatten(problem.gradient(problem.init))) <= problem.gradient_floor(problem.init))
    curves = problem.structural_zero_modes(problem.init).curves
    np.testing.assert_allclose(np.linalg.norm(curves, axis=0), 1, rtol=1e-15)
    assert np.linalg.matrix_rank(curves, tol=1e-8) == count
    hessian = np.asarray(problem.hessian(problem.init))
    assert np.max(np.abs(hessian @ curves)) <= float(np.max(problem.hessian_error(problem.init)))
    assert np.linalg.norm(hessian) > 0.1


@pytest.mark.slow
def test_zero_eigenvalues_along_orbits_make_a_minimum_manifold():
    symmetry, loss, point, count = CRITICAL["GeneralLinear"]
    found = gf.classify(gf.Loss(loss, point, symmetries=symmetry), point)
    assert found.kind is gf.Kind.MINIMUM_MANIFOLD
    assert found.nullity == count
    assert found.flat_set is None
    explored = gf.classify(gf.Loss(loss, point), point)  # not knowing of the symmetry
    assert (explored.kind, explored.nullity) == (found.kind, count)
    assert explored.flat_set.is_manifold


def test_stated_curves_and_orbits_stand_beside_each_other():
    # (x² + y² − 1)² does not depend on z: a circle by symmetry, a line that is stated
    problem = gf.Loss(
        lambda x: (x[0] ** 2 + x[1] ** 2 - 1) ** 2,
        [0.6, 0.8, 2.0],
        curves=lambda x: np.array([[0.0], [0.0], [2.0]]),
        symmetries=gf.Orthogonal(lambda p: p[:2]),
    )
    np.testing.assert_allclose(
        problem.structural_zero_modes(problem.init).curves, [[0, 0.8], [0, -0.6], [1, 0]], rtol=1e-15
    )
    assert list(problem.stated_tangents(problem.init)) == [0]


def test_least_squares_have_symmetries_away_from_perfect_fits():
    problem = gf.LeastSquares(
        lambda p: jnp.stack([p["a"][0] * p["w"][0, 0] - 1, p["a"][0] * p["w"][0, 0] - 2]),
        {"w": [[1.5]], "a": [1.0]},
        symmetries=gf.Rescaling(lambda p: p["w"], lambda p: p["a"]),
    )
    assert float(problem.loss(problem.init)) == 0.5
    curves = problem.structural_zero_modes(problem.init).curves
    np.testing.assert_allclose(curves, np.array([[-1.0], [1.5]]) / np.hypot(1, 1.5), rtol=1e-15)
    assert set(problem.invariants(problem.init)) == {"balance"}


@pytest.mark.parametrize("name", ["Rescaling, ReLU squared", "GeneralLinear", "Translations", "Scaling"])
@pytest.mark.parametrize("rates", [None, 2.0, "one a leaf"])
@pytest.mark.slow
def test_the_drift_of_what_is_conserved_falls_with_the_tolerance(name, rates):
    example = EXAMPLES[name]
    problem = gf.Loss(example.loss, example.init, symmetries=example.symmetry)
    if rates == "one a leaf":
        leaves, structure = jax.tree.flatten(example.init)
        rates = jax.tree.unflatten(structure, list(np.linspace(0.5, 2, len(leaves)))) if len(leaves) > 1 else 0.5
    drifts = []
    for rtol in (1e-4, 1e-8):
        stats = gf.flow(problem, example.init, rtol=rtol, atol=rtol, rates=rates, end_time=0.05).stats
        (drift,) = stats["invariant_drift"].values()
        # a step errs by rtol (|θ| + 1) in each number; a sum of two dozen squares moves by 2|θ| times that, |θ| < 4,
        # and rates below 1 count more
        assert drift <= max(stats["steps"] * rtol * 24 * 2 * 4 * (4 + 1) * 2, 1e-13)
        drifts.append(drift)
    assert drifts[1] <= max(1e-2 * drifts[0], 1e-13)


def test_with_rates_that_differ_the_invariants_of_a_problem_of_one_s_own_are_not_reported():
    class Product(gf.AbstractProblem):
        def loss(self, parameters):
            return (parameters[0] * parameters[1] - 1) ** 2

        def invariants(self, parameters):
            return {"balance": parameters[0] ** 2 - parameters[1] ** 2}

    start = np.array([2.0, 0.3])
    assert set(Product().drift(start, start, np.array([2.0, 2.0]))) == {"balance"}
    assert Product().drift(start, start, np.array([3.0, 0.2])) == {}


def test_a_flow_that_ends_nowhere_has_no_drift_that_is_a_number():
    problem = gf.Loss(lambda x: -jnp.sum((x[0] - x[1]) ** 4), [[1.0], [2.0]], symmetries=gf.Translations(lambda p: p))
    drift = problem.drift(problem.init, jnp.array([[np.inf], [0.0]]))
    assert np.isnan(drift["centre of mass"])


def test_problems_with_the_same_symmetries_are_equal():
    symmetry, loss, point, _ = CRITICAL["Translations"]
    again = gf.Translations(symmetry.points)
    assert symmetry == again
    one, other = (gf.Loss(loss, point, symmetries=[each]) for each in (symmetry, again))
    assert one == other
    assert hash(one) == hash(other)
    assert one != gf.Loss(loss, point)
    assert one.symmetries[0] != gf.Translations(lambda p: p)
