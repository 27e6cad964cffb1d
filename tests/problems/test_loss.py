"""Loss: any function of any parameters, differentiated automatically, with the user's floor and curves; wrong use."""

import copy
import math
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongUse
from gradflow.problems.base import parameters_of


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def bowl(x):
    return jnp.sum(x**2) / 2


def test_loss_gradient_and_hessian_of_rosenbrock_s_function():
    # by hand at (−1, 2), where y − x² = 1
    problem = gf.Loss(rosenbrock, [-1.0, 2.0])
    assert float(problem.loss(problem.init)) == 4 + 100
    np.testing.assert_allclose(problem.gradient(problem.init), [-4 + 400, 200], rtol=1e-15)
    np.testing.assert_allclose(problem.hessian(problem.init), [[2 - 400 * 2 + 1200, 400], [400, 200]], rtol=1e-15)
    np.testing.assert_allclose(problem.hvp(problem.init, jnp.array([1.0, -1.0])), [402 - 400, 400 - 200], rtol=1e-15)


def test_init_may_be_a_list_of_integers_and_is_converted_exactly():
    problem = gf.Loss(bowl, [1, -2])
    assert problem.init.dtype == np.float64
    np.testing.assert_array_equal(problem.init, [1.0, -2.0])


def test_parameters_may_be_any_pytree_and_vectors_list_its_leaves_in_order():
    problem = gf.Loss(lambda tree: bowl(tree["a"]) + 3 * tree["b"] ** 2, {"b": 2, "a": np.array([1.0, 2.0])})
    assert list(problem.flatten(problem.init)) == [1.0, 2.0, 2.0]
    gradient = problem.gradient(problem.init)
    np.testing.assert_array_equal(gradient["a"], [1.0, 2.0])
    assert float(gradient["b"]) == 12
    np.testing.assert_array_equal(problem.hessian(problem.init), np.diag([1.0, 1.0, 6.0]))
    back = problem.unflatten(jnp.array([4.0, 5.0, 6.0]), problem.init)
    assert jax.tree.structure(back) == jax.tree.structure(problem.init)
    assert float(back["b"]) == 6


def test_parameters_are_checked_and_converted():
    problem = gf.Loss(bowl, [1.0, 2.0])
    np.testing.assert_array_equal(problem.check("flow", [3, 4]), [3.0, 4.0])


def test_the_gradient_floor_is_the_user_s_if_given():
    problem = gf.Loss(rosenbrock, [-1.0, 2.0], gradient_floor=1e-9)
    assert float(problem.gradient_floor(problem.init)) == 1e-9


def test_the_hessian_error_is_the_user_s_if_given():
    problem = gf.Loss(rosenbrock, [-1.0, 2.0], hessian_error=1e-3)
    np.testing.assert_array_equal(problem.hessian_error(problem.init), [1e-3, 1e-3])
    assert gf.classify(problem, [1.0, 1.0]).eigenvalue_error[0] >= 1e-3


def test_the_floors_of_loss_gradient_and_hessian_are_roundings_of_their_terms():
    # at (−1, 2) L = 104, |H||θ| = (802 + 800, 400 + 400), Σ_j |H_ij| = (802 + 400, 600): some ε each, and no more than
    # a few dozen
    problem = gf.Loss(rosenbrock, [-1.0, 2.0])
    for found, terms in (
        (problem.loss_floor(problem.init), 104.0),
        (problem.gradient_rounding(problem.init), np.array([1602.0, 800.0])),
        (problem.hessian_error(problem.init), np.array([1202.0, 600.0])),
    ):
        assert np.all(np.asarray(found) >= 2.0**-52 * terms / 4)
        assert np.all(np.asarray(found) <= 2.0**-52 * terms * 50)


def test_no_zero_mode_is_known_unless_curves_are_given():
    modes = gf.Loss(bowl, [1.0, 2.0]).structural_zero_modes(jnp.ones(2))
    assert modes.curves.shape == modes.kernel.shape == (2, 0)


def test_curves_become_unit_tangents_and_zero_columns_are_dropped():
    problem = gf.Loss(lambda x: (x[0] - x[1]) ** 2, [3.0, 3.0], curves=lambda x: np.array([[2.0, 0.0], [2.0, 0.0]]))
    modes = problem.structural_zero_modes(problem.init)
    np.testing.assert_allclose(modes.curves, [[math.sqrt(0.5)], [math.sqrt(0.5)]], rtol=1e-15)
    assert np.max(np.abs(problem.hessian(problem.init) @ modes.curves)) <= 1e-15


def test_curves_may_depend_on_the_parameters():
    # L = (‖x‖² − 1)² is constant along circles
    problem = gf.Loss(lambda x: (jnp.sum(x**2) - 1) ** 2, [0.6, 0.8], curves=lambda x: np.array([[-x[1]], [x[0]]]))
    modes = problem.structural_zero_modes(problem.init)
    np.testing.assert_allclose(modes.curves[:, 0], [-0.8, 0.6], rtol=1e-15)
    assert np.max(np.abs(problem.hessian(problem.init) @ modes.curves)) <= 1e-15


@pytest.mark.parametrize("shape", [(2,), (1, 2), (3, 1)])
def test_curves_that_are_not_columns_are_refused(shape):
    problem = gf.Loss(bowl, [1.0, 2.0], curves=lambda x: np.ones(shape))
    with pytest.raises(ValueError, match=r"curves\(parameters\) must return tangents as columns of shape \(2, m\)"):
        problem.structural_zero_modes(problem.init)


def test_a_loss_is_smooth_and_has_no_lower_bound_unless_declared(as_a_user_calls):
    assert gf.Loss(bowl, [1.0]).smoothness == gf.Smoothness.SMOOTH
    assert gf.Loss(bowl, [1.0]).least_loss == -math.inf
    declared = gf.Loss(bowl, [1.0], least_loss=0, smoothness=gf.Smoothness.KINKED)
    assert declared.smoothness == gf.Smoothness.KINKED
    assert declared.least_loss == 0


def test_every_verb_takes_parameters_or_what_carries_them():
    class Carrier:
        student = (1.0, 2.0)

    assert parameters_of(Carrier()) == (1.0, 2.0)
    assert parameters_of([1.0]) == [1.0]


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: x,
        lambda x: (x[0], x[1]),
        lambda x: x[:1],
        lambda x: x[0].astype("float32"),
        lambda x: x[0] > 0,
        lambda x: 1,
        lambda x: 1j,
        lambda x: True,
        lambda x: np.float32(1),
        lambda x: np.ones(1),
        lambda x: (1.0,),
        lambda x: "loss",
        lambda x: None,
        lambda x: print,
    ],
)
def test_a_function_that_returns_no_float64_number_is_refused(as_a_user_calls, fn):
    with pytest.raises(TypeError, match=r"Loss: fn must return one float64 number, got .* Sum or average inside fn"):
        gf.Loss(fn, [1.0, 2.0])


@pytest.mark.parametrize(
    ("init", "error", "message"),
    [
        (np.ones(2, "float32"), TypeError, "init must be float64, got float32; .*import gradflow before making arrays"),
        (np.ones(2, "complex128"), TypeError, "init must be float64, got complex128"),
        ([math.nan, 1.0], ValueError, r"init must be finite, got nan at index \(0,\)"),
        (None, TypeError, r"init must hold at least one number, got None\. Write init=\[0\.0, 1\.0\]"),
    ],
)
def test_an_impossible_init_is_refused(as_a_user_calls, init, error, message):
    with pytest.raises(error, match=f"Loss: {message}"):
        gf.Loss(bowl, init)


@pytest.mark.parametrize(
    ("floor", "error"), [(-1e-9, ValueError), (0.0, ValueError), (math.nan, ValueError), ("small", TypeError)]
)
def test_a_gradient_floor_that_is_no_positive_number_is_refused(as_a_user_calls, floor, error):
    with pytest.raises(error, match="Loss: gradient_floor must be a"):
        gf.Loss(bowl, [1.0], gradient_floor=floor)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ([1.0, 2.0, 3.0], ValueError, r"parameters must be .*float64\[2\].*, got .*float64\[3\]"),
        ({"a": np.ones(2)}, TypeError, "parameters must be .*, got dict"),
        ([math.inf, 0.0], ValueError, "parameters must be finite, got inf"),
        (np.ones(2, "float32"), TypeError, "parameters must be float64, got float32"),
    ],
)
def test_parameters_of_another_structure_are_refused(as_a_user_calls, parameters, error, message):
    with pytest.raises(error, match=f"flow: {message}"):
        gf.Loss(bowl, [1.0, 2.0]).check("flow", parameters)


@jax.custom_vjp
def once_differentiable(x):
    return jnp.sum(x**2)


once_differentiable.defvjp(lambda x: (once_differentiable(x), x), lambda x, cotangent: (2 * cotangent * x,))


def test_a_function_without_a_gradient_is_refused(as_a_user_calls):
    def looping(x):
        return jax.lax.while_loop(lambda total: total > 1, lambda total: total / 2, jnp.sum(x**2))

    def called_back(x):
        return jax.pure_callback(lambda y: np.sum(y**2), jax.ShapeDtypeStruct((), np.float64), x)

    for fn in (looping, called_back):
        with pytest.raises(
            TypeError, match=r"Loss: fn must have a gradient by jax\.grad, and has none .*Error.* Write"
        ):
            gf.Loss(fn, [1.0, 2.0])


def test_a_function_without_a_hessian_is_refused_unless_it_needs_none(as_a_user_calls):
    with pytest.raises(TypeError, match=r"Loss: fn must have a Hessian .* Write jax\.custom_jvp .*Smoothness\.KINKED"):
        gf.Loss(once_differentiable, [1.0, 2.0])
    problem = gf.Loss(once_differentiable, [1.0, 2.0], smoothness=gf.Smoothness.KINKED)
    assert gf.flow(problem, problem.init).result == "successful"


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        (lambda x: 1 / 0, r"must return tangents as columns, and fails \(ZeroDivisionError"),
        (lambda x: np.full((2, 1), np.nan), r"must be finite, got nan at index \(0, 0\)"),
        (lambda x: None, "must be an array of numbers"),
    ],
)
def test_curves_that_fail_or_are_no_numbers_are_refused(as_a_user_calls, curves, message):
    problem = gf.Loss(bowl, [1.0, 2.0], curves=curves)
    with pytest.raises(WrongUse, match=rf"Loss: curves\(parameters\) {message}"):
        problem.structural_zero_modes(problem.init)


def test_a_problem_in_place_of_its_parameters_is_refused():
    problem = gf.Loss(bowl, [1.0, 2.0])
    with pytest.raises(
        TypeError, match=r"flow: parameters must hold numbers, got a problem\. Write gf\.flow\(problem, "
    ):
        gf.flow(problem, problem)


def test_rates_may_be_a_list_as_parameters_may(as_a_user_calls):
    problem = gf.Loss(bowl, [1.0, 2.0])
    listed, given = (
        gf.flow(problem, [1.0, 2.0], rates=rates, end_time=1.0) for rates in ([1, 3], np.array([1.0, 3.0]))
    )
    assert np.array_equal(listed.state(-1), given.state(-1))
    with pytest.raises(ValueError, match=r"each rate must be a positive number .* Write rates=jax\.tree\.map"):
        gf.flow(problem, [1.0, 2.0], rates=[-1.0, 2.0])


def test_one_rate_is_that_of_every_leaf():
    problem = gf.Loss(two_leaves, {"a": [1.0, 2.0], "b": 3.0})
    for rates in (2.0, np.float64(2.0), {"a": 2.0, "b": 2.0}):
        end = gf.flow(problem, problem.init, rates=rates, end_time=1.0, rtol=1e-9, atol=1e-12).final
        np.testing.assert_allclose([*end["a"], end["b"]], np.exp(-4.0) * np.arange(1, 4), rtol=1e-6)


def test_a_loss_that_is_infinite_is_not_printed_as_zero():
    point = gf.refine(gf.Loss(bowl, [1.0, 2.0]), [1e200, 1.0])
    assert "loss inf," in str(point)


@pytest.mark.parametrize("constant", [1.0, np.float64(1.0), np.array(1.0)])
def test_a_function_that_returns_a_number_is_a_constant(constant):
    problem = gf.Loss(lambda x: constant, [1.0, 2.0])
    assert np.array_equal(problem.gradient(problem.init), [0.0, 0.0])
    for solution in (gf.solve(problem, problem.init), *gf.solve_many(problem, [problem.init])):
        assert solution.trajectory.result == "stationary_start"
        assert solution.point.loss == 1.0
        assert solution.classification.kind is gf.Kind.UNDECIDED


class Well:
    """An object that may change."""

    def __init__(self):
        self.centre = 1.0

    def loss(self, x):
        return jnp.sum((x - self.centre) ** 2)


@pytest.mark.slow
def test_a_loss_has_captured_what_its_function_read_when_it_was_made():
    well, array = Well(), np.ones(2)
    losses = (well.loss, lambda x: jnp.sum((x - well.centre) ** 2), lambda x: jnp.sum((x - array) ** 2))
    before = [gf.Loss(fn, [0.0, 0.0]) for fn in losses]
    ends = [gf.solve(problem, problem.init).student for problem in before]
    well.centre, array[:] = 3.0, 3.0
    after = [gf.Loss(fn, [0.0, 0.0]) for fn in losses]
    for first, second, end in zip(before, after, ends, strict=True):
        np.testing.assert_allclose(end, [1.0, 1.0], rtol=1e-12)
        np.testing.assert_allclose(gf.solve(second, second.init).student, [3.0, 3.0], rtol=1e-12)
        np.testing.assert_allclose(gf.solve(first, first.init).student, [1.0, 1.0], rtol=1e-12)
        assert [float(problem.loss(problem.init)) for problem in (first, second)] == [2.0, 18.0]
        assert first != second
        assert first.loss != second.loss


def test_losses_that_captured_the_same_are_equal_and_compiled_once(traces):
    well, array = Well(), np.ones(2)

    def loss(x):
        return jnp.sum((x - well.centre) ** 2) + jnp.sum((x - array) ** 4)

    one, same = gf.Loss(loss, [0.0, 0.0]), gf.Loss(loss, [0.0, 0.0])
    assert one == same
    assert hash(one) == hash(same)
    gf.solve(one, one.init)
    begun = traces("begin")
    gf.solve(one, one.init)
    gf.solve(same, same.init)
    gf.solve_many(same, [same.init, one.init])
    assert traces("begin") == begun > 0


def test_a_loss_is_copied_with_what_it_captured_and_pickled_with_its_function():
    well = Well()
    problem = gf.Loss(well.loss, [0.0, 0.0])
    well.centre = 3.0
    assert float(copy.deepcopy(problem).loss(jnp.ones(2))) == 0.0
    assert problem.fn == well.loss
    again = pickle.loads(pickle.dumps(gf.Loss(bowl, [1.0, 2.0])))
    assert again == gf.Loss(bowl, [1.0, 2.0])


def two_leaves(p):
    return jnp.sum(p["a"] ** 2) + jnp.sum(jnp.asarray(p["b"]) ** 2)


@pytest.mark.parametrize("numbers", [np.arange(3), np.arange(3, dtype=np.uint8), jnp.arange(3), np.int64(3)])
def test_an_integer_array_within_the_parameters_is_refused_and_never_trained(numbers):
    refused = r"Loss: init\['b'\] is an array of u?int.*Write init\['b'\].astype\('float64'\)"
    with pytest.raises(TypeError, match=refused):
        gf.Loss(two_leaves, {"a": [1.0, 2.0], "b": numbers})
    problem = gf.Loss(two_leaves, {"a": [1.0, 2.0], "b": np.asarray(numbers, dtype=float)})
    with pytest.raises(TypeError, match=r"flow: parameters\['b'\] is an array of u?int"):
        gf.flow(problem, {"a": [1.0, 2.0], "b": numbers})


def test_numbers_that_someone_wrote_down_are_converted_exactly():
    for init in (np.array([1, 2]), [1, 2]):
        assert gf.Loss(bowl, init).init.dtype == np.float64
    problem = gf.Loss(two_leaves, {"a": [1, 2], "b": 3})
    assert [leaf.dtype for leaf in jax.tree.leaves(problem.init)] == [np.float64] * 2


def test_an_empty_leaf_beside_others_is_a_parameter_of_width_zero():
    problem = gf.Loss(two_leaves, {"a": [1.0, 2.0], "b": np.zeros(0)})
    solution = gf.solve(problem, problem.init)
    assert solution.classification.kind is gf.Kind.MINIMUM
    assert solution.student["b"].shape == (0,)


@pytest.mark.parametrize(
    ("init", "given"),
    [
        ({"a": np.zeros(0), "b": np.zeros((0, 2))}, r"nothing in init\['a'\], init\['b'\]"),
        ({}, "{}"),
        (np.zeros(0), "nothing in init"),
    ],
)
def test_parameters_without_a_number_are_refused_by_name(init, given):
    with pytest.raises(TypeError, match=rf"Loss: init must hold at least one number, got {given}\. Write init="):
        gf.Loss(two_leaves, init)
