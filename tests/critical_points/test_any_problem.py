"""Every stage works on any problem: textbook losses from the flow to the verdict."""

import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

MATRIX = np.array([[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 1.0, 2.0]])
RIGHT = np.array([1.0, -2.0])
KERNEL = np.linalg.svd(MATRIX)[2][2:].T

BOWL = gf.Loss(lambda x: 0.5 * (x[0] - 1) ** 2 + 50 * (x[1] + 2) ** 2, [0.0, 0.0])
ROSENBROCK = gf.Loss(lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, [-1.2, 1.0], least_loss=0.0)
WELLS = gf.Loss(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2, [0.5, 1.0])
TREE = gf.Loss(
    lambda p: jnp.sum((p["a"] - 1) ** 2) + 3 * jnp.sum((p["b"][0] + 2) ** 2), {"a": np.zeros((2, 2)), "b": [np.ones(1)]}
)


def squares(x):
    return jnp.sum((jnp.asarray(MATRIX) @ x - jnp.asarray(RIGHT)) ** 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "start", "end", "spectrum"),
    [
        (BOWL, [0.0, 0.0], [1.0, -2.0], [1.0, 100.0]),
        # the Hessian at (1, 1) is [[802, -400], [-400, 200]]
        (ROSENBROCK, [-1.2, 1.0], [1.0, 1.0], [501 - 250601**0.5, 501 + 250601**0.5]),
        (WELLS, [0.5, 1.0], [1.0, 0.0], [2.0, 8.0]),
        (WELLS, [-0.5, 1.0], [-1.0, 0.0], [2.0, 8.0]),
    ],
    ids=["bowl", "Rosenbrock", "right well", "left well"],
)
def test_a_textbook_loss_is_followed_refined_and_classified(problem, start, end, spectrum):
    found = gf.solve(problem, start)
    assert bool(found.result == gf.RESULTS.successful)
    assert found.trajectory.gradient_norms[-1] <= 1e-8
    np.testing.assert_allclose(found.point.parameters, end, rtol=0, atol=1e-14)
    assert found.point.gradient_norm <= 2 * found.point.gradient_floor
    assert found.classification.kind is gf.Kind.MINIMUM
    np.testing.assert_allclose(found.classification.eigenvalues, spectrum, rtol=1e-11)
    assert found.configuration is None
    assert found.student is found.point.parameters


def test_a_loss_that_reaches_its_lower_bound_is_said_to_be_a_global_minimum():
    assert "a global minimum" in gf.classify(ROSENBROCK, gf.refine(ROSENBROCK, [1.0, 1.0])).reason


@pytest.mark.slow
def test_the_saddle_between_two_wells_is_found_from_the_ridge_and_from_nowhere_else():
    found = gf.solve(WELLS, [0.0, 1.0])
    np.testing.assert_allclose(found.point.parameters, [0.0, 0.0], atol=1e-15)
    assert (found.classification.kind, found.classification.index) == (gf.Kind.SADDLE, 1)
    np.testing.assert_allclose(found.classification.eigenvalues, [-4.0, 2.0], rtol=1e-12)
    beside = gf.refine(WELLS, [1e-3, 0.0])
    assert bool(beside.result == gf.RESULTS.leaving_saddle)


@pytest.mark.slow
def test_zero_modes_without_a_known_reason_are_explored_along_them():
    problem = gf.Loss(squares, np.ones(4))
    found = gf.solve(problem, np.ones(4))
    assert bool(found.point.result == gf.RESULTS.successful)
    assert found.point.loss <= 1e-28
    assert (found.classification.kind, found.classification.nullity) == (gf.Kind.MINIMUM_MANIFOLD, 2)
    assert "on a critical manifold of dimension 2" in found.classification.reason


def test_zero_modes_along_declared_curves_make_a_minimum_manifold():
    problem = gf.Loss(squares, np.ones(4), curves=lambda x: KERNEL)
    found = gf.solve(problem, np.ones(4))
    assert (found.classification.kind, found.classification.nullity) == (gf.Kind.MINIMUM_MANIFOLD, 2)
    # the flow moves across the kernel only: the end is the solution nearest to the start
    nearest = np.ones(4) + np.linalg.pinv(MATRIX) @ (RIGHT - MATRIX @ np.ones(4))
    np.testing.assert_allclose(found.point.parameters, nearest, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_parameters_are_any_pytree():
    found = gf.solve(TREE, TREE.init)
    np.testing.assert_allclose(found.point.parameters["a"], np.ones((2, 2)), atol=1e-14)
    np.testing.assert_allclose(found.point.parameters["b"][0], [-2.0], atol=1e-14)
    assert found.trajectory.states["a"].shape == (len(found.trajectory.times), 2, 2)
    assert found.classification.kind is gf.Kind.MINIMUM
    np.testing.assert_allclose(found.classification.eigenvalues, [2, 2, 2, 2, 6], rtol=1e-12)


def test_parameters_of_another_structure_are_refused():
    with pytest.raises(TypeError, match="flow: parameters must be dict"):
        gf.flow(TREE, {"a": np.zeros((2, 2))})
    with pytest.raises(ValueError, match=r"refine: parameters\['a'\] must be an array float64\[2, 2\], got .*\[3\]"):
        gf.refine(TREE, {"a": np.zeros(3), "b": [np.zeros(1)]})


@pytest.mark.parametrize("verb", ["refine", "classify", "flow"])
def test_float32_parameters_are_refused_and_never_cast(verb):
    with pytest.raises(TypeError, match=f"{verb}: parameters must be float64, got float32"):
        getattr(gf, verb)(BOWL, np.zeros(2, dtype=np.float32))


@pytest.fixture(scope="module")
def kinked():
    return gf.Loss(lambda x: jnp.sum(jnp.abs(x)) + jnp.sum(x**2), [1.0], smoothness=gf.Smoothness.KINKED)


def test_a_loss_with_a_kink_is_neither_refined_nor_classified(kinked):
    point = gf.refine(kinked, [0.3])
    assert bool(point.result == gf.RESULTS.no_hessian)
    np.testing.assert_array_equal(point.parameters, [0.3])
    with pytest.raises(ValueError, match=r"classify: the problem's loss is declared not to be smooth.*Write gf.flow"):
        gf.classify(kinked, [0.3])


def test_a_flow_into_a_kink_ends_there_and_says_so(kinked):
    trajectory = gf.flow(kinked, [1.0], throw=False)
    assert bool(trajectory.result == gf.RESULTS.step_size_underflow)
    assert abs(trajectory.final[0]) <= 1e-3
    # |x| + x² from 1: ẋ = −1 − 2x, zero at t = ln(3)/2
    assert trajectory.times[-1] == pytest.approx(np.log(3) / 2, rel=1e-2)


class OnlyLoss(gf.AbstractProblem):
    """The one thing that must be given."""

    def loss(self, parameters):
        return jnp.sum((parameters - 1.0) ** 4 + parameters**2)


class OwnGradient(gf.AbstractProblem):
    """A closed form of the gradient alone."""

    def loss(self, parameters):
        return jnp.sum(parameters**2)

    def gradient(self, parameters):
        return 7 * parameters


def test_a_problem_needs_a_loss_and_nothing_else():
    found = gf.solve(OnlyLoss(), [0.0, 2.0])
    assert found.classification.kind is gf.Kind.MINIMUM
    with pytest.raises(TypeError, match="parameters must be float64, got float32"):
        gf.flow(OnlyLoss(), np.zeros(2, dtype=np.float32))


def test_the_flow_follows_the_gradient_that_a_problem_gives():
    trajectory = gf.flow(OwnGradient(), [1.0], end_time=0.1, rtol=1e-8, atol=1e-10)
    assert float(trajectory.final[0]) == pytest.approx(np.exp(-0.7), abs=1e-7)


def test_where_the_hessian_is_not_finite_nothing_is_decided():
    problem = gf.Loss(lambda x: jnp.sum(jnp.abs(x) ** 1.5), [1.0])
    verdict = gf.classify(problem, [0.0])
    assert (verdict.kind, verdict.reason) == (gf.Kind.UNDECIDED, "the Hessian is not finite here")
    assert bool(gf.refine(problem, [0.0]).result == gf.RESULTS.no_hessian)


@pytest.mark.slow
def test_a_global_minimum_is_an_attribute_also_where_the_hessian_decides_nothing():
    flat = gf.Loss(lambda x: (x[0] * x[1]) ** 2, [0.0, 0.0], least_loss=0.0)
    verdict = gf.classify(flat, [0.0, 0.0])
    assert (verdict.kind, verdict.global_minimum) == ("degenerate", True)
    assert not gf.classify(flat, [1.0, 1.0]).global_minimum
    assert not gf.classify(gf.Loss(lambda x: x[0] ** 2, [0.0]), [0.0]).global_minimum  # no bound is stated


def test_declared_curves_never_count_more_than_the_zero_modes():
    # at |L| = 1e6 the bound on H t is wider than that on the eigenvalues
    problem = gf.Loss(lambda x: 1e6 + x[0] ** 2 + 1e-12 * x[1] ** 2, [0.0, 0.0], curves=lambda x: np.eye(2))
    verdict = gf.classify(problem, [0.0, 0.0])
    counted, _, named = verdict.reason.partition("; ")
    assert "-" not in counted
    assert named.startswith("column 0 of curves(parameters) is no zero mode")
    assert verdict.nullity <= 1


def wells(x):
    """Rosenbrock's valley with ripples: many minima."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2 + jnp.sum(jnp.sin(3 * x))


@pytest.mark.parametrize("start", [(-1.92397387, -0.8784867), (1.20920904, -0.71456512)])
def test_refine_does_not_jump_into_another_well_than_the_flow_s(start):
    # Newton's first steps contract from here, to a minimum two units away; the flow ends at (-0.10615, -0.00373)
    problem = gf.Loss(wells, [1.0, 0.0])
    assert bool(gf.refine(problem, list(start)).result == gf.RESULTS.far_from_critical_point)


def test_a_large_exact_step_does_not_hide_a_jump_between_narrow_wells():
    problem = gf.Loss(lambda x: 0.5e-9 * x[0] ** 2 + 1e-10 * (1 - jnp.cos(x[1] / 1e-2)), [1.0, 0.0])
    assert bool(gf.refine(problem, [5.0, 0.0145]).result == gf.RESULTS.far_from_critical_point)


@pytest.mark.slow
def test_lists_inside_a_pytree_are_arrays_and_float32_on_the_way_is_refused():
    problem = gf.Loss(lambda p: p["a"] ** 2 + jnp.sum((p["b"] - 1.0) ** 2), {"a": 0.5, "b": [1.0, 2.0]})
    assert gf.solve(problem, {"a": 0.5, "b": [1.0, 2.0]}).classification.kind is gf.Kind.MINIMUM
    with pytest.raises(TypeError, match="computes in float32 on the way"):
        gf.Loss(lambda x: jnp.sum(x.astype(jnp.float32) ** 2).astype(jnp.float64), [3.3])
    with pytest.raises(TypeError):
        gf.Loss(lambda x: jnp.sum(x[0] ** 2), [True, 2.0])


class Valley(gf.AbstractProblem):
    """(ab − 1)²/2, zero on a curve, with the rounding level of a sum of terms of order 100."""

    def loss(self, x):
        return (x[0] * x[1] - 1) ** 2 / 2

    def loss_floor(self, x):
        return jnp.asarray(1e-13)

    @property
    def least_loss(self):
        return 0.0


@pytest.mark.parametrize("seed", range(20))
def test_no_flow_leaves_a_saddle_from_a_global_minimum(seed):
    # next to the curve the curvature along it has the size, and the sign, of what is left of the gradient
    rng = np.random.default_rng(seed)
    a = np.exp(rng.normal())
    start = np.array([a, 1 / a]) + 3e-8 * rng.standard_normal(2)
    problem = Valley()
    point, verdict = gf.refine(problem, start), gf.classify(problem, start)
    assert verdict.reason.endswith("a global minimum")
    assert verdict.kind is not gf.Kind.SADDLE
    assert not bool(point.result == gf.RESULTS.leaving_saddle)
    assert gf.classify(problem, point).kind is not gf.Kind.SADDLE


def test_where_the_loss_is_above_its_bound_a_saddle_is_still_left():
    problem = gf.Loss(lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4 + 0.25, [0.0, 1e-3], least_loss=0)
    assert bool(gf.refine(problem, [1e-5, 1e-3]).result == gf.RESULTS.leaving_saddle)
    assert gf.classify(problem, [0.0, 0.0]).kind is gf.Kind.SADDLE


@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_a_hessian_of_zero_has_no_signs_by_inertia(constant):
    problem = gf.Loss(lambda x: constant + 0 * jnp.sum(x), [1.0, 2.0])
    found = gf.classify(problem, problem.init, options=gf.ClassifyOptions(spectrum="inertia"))
    assert found.kind is gf.Kind.UNDECIDED
    assert found.index == 0
    assert "2 eigenvalues inside the error bound without a known reason" in found.reason
