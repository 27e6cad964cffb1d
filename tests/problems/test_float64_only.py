"""Parameters that are not float64 are refused by every method of a problem, with the line to write, or are numbers that
float64 holds and are converted exactly.
"""

from decimal import Decimal
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongType

METHODS = (
    "loss",
    "gradient",
    "value_and_gradient",
    "hessian",
    "hessian_operator",
    "hessian_error",
    "gradient_floor",
    "loss_floor",
    "structural_zero_modes",
    "flatten",
)


def _bowl():
    return gf.Loss(lambda x: jnp.sum(x**2) / 2, [1.0, 2.0])


def _as(dtype, parameters):
    return jax.tree.map(lambda leaf: leaf.astype(dtype), parameters)


def _refused(problem, wrong, right):
    for method in METHODS:
        with pytest.raises(WrongType, match=rf"^{method}: .*float64.* Write .*") as refusal:
            getattr(problem, method)(wrong)
        assert "\n" not in str(refusal.value)
    for first, second in ((wrong, right), (right, wrong)):
        with pytest.raises(WrongType, match=r"^hvp: .*float64"):
            problem.hvp(first, second)
    with pytest.raises(WrongType, match=r"^unflatten: .*float64"):
        problem.unflatten(problem.flatten(right), wrong)


@pytest.mark.parametrize("dtype", ["float32", "float16", "complex128"])
def test_a_network_of_another_type_is_refused_by_every_method(as_a_user_calls, dtype):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2), 2)
    student = problem.init(jax.random.key(0))
    _refused(problem, _as(dtype, student), student)
    _refused(_bowl(), jnp.ones(2, dtype), jnp.ones(2))


def test_numbers_of_many_digits_are_refused_by_every_method_and_rounded_by_the_line_to_write(as_a_user_calls):
    point = gf.copy_average(8, 4)
    given = gf.certify(point.problem, point).given
    rounded = _as("float64", given)
    _refused(point.problem, given, rounded)
    assert float(point.problem.loss(rounded)) == pytest.approx(float(point.loss), rel=1e-12)
    with pytest.raises(WrongType, match=r"flow: parameters\.own must .*, got mpf.* Write parameters\.own\.astype"):
        gf.flow(point.problem, given)


def test_an_output_of_another_type_than_the_weights_is_named(as_a_user_calls):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2), 2)
    student = problem.init(jax.random.key(0))
    mixed = jax.tree.unflatten(jax.tree.structure(student), [student.weights, student.output.astype("float32")])
    with pytest.raises(WrongType, match=r"loss: student\.output must be float64, got float32"):
        problem.loss(mixed)


@pytest.mark.slow
@pytest.mark.parametrize("start", [[1, 2], (1, 2), np.array([1, 2]), np.array([1, 2], dtype=object), jnp.array([1, 2])])
def test_whole_numbers_are_one_start_wherever_they_are_given(start):
    problem, exact = _bowl(), jnp.array([1.0, 2.0])
    assert np.array_equal(gf.Loss(lambda x: jnp.sum(x**2), start).init, exact)
    for verb in (gf.flow, gf.solve):
        assert np.array_equal(parameters_at_start(verb(problem, start)), exact)
    for verb in (gf.refine, gf.classify):
        assert str(verb(problem, start)) == str(verb(problem, exact))
    for method in METHODS:
        if method not in ("flatten", "hessian_operator"):
            given, expected = getattr(problem, method)(start), getattr(problem, method)(exact)
            assert jax.tree.all(jax.tree.map(np.array_equal, given, expected))


def parameters_at_start(found):
    return getattr(found, "trajectory", found).state(0)


@pytest.mark.parametrize(
    "start", [[True, False], np.array([True, False]), np.ones(2, "float32"), np.ones(2, complex), np.array(["a", "b"])]
)
def test_what_float64_does_not_hold_is_refused_by_every_verb(as_a_user_calls, start):
    problem = _bowl()
    verbs = (gf.flow, gf.refine, gf.classify, gf.solve, lambda problem, start: gf.solve_many(problem, [start]))
    for verb in verbs:
        with pytest.raises(WrongType, match=r"must be (float64|an array of numbers)"):
            verb(problem, start)
    with pytest.raises(WrongType, match=r"Loss: init.* must be (float64|an array of numbers)"):
        gf.Loss(lambda x: jnp.sum(x**2), start)


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (np.ma.array([1.0, 2.0], mask=[False, True]), r"without a mask\. Write parameters\.filled\(0\.0\)"),
        ([Decimal(1), 2.0], r"got Decimal\('1'\)\. Write float\(Decimal\('1'\)\) if"),
        (np.array([Fraction(1, 3), 2], dtype=object), r"Write parameters\.astype\('float64'\) if it is to be rounded"),
    ],
)
def test_numbers_that_would_be_rounded_or_left_out_are_refused_with_the_line_that_does_so(as_a_user_calls, start, line):
    with pytest.raises(WrongType, match=rf"flow: parameters.* {line}"):
        gf.flow(_bowl(), start)
