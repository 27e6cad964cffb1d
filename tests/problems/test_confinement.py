"""In many input dimensions the flow stays in the span of the teacher and of its start, and is followed there."""

import jax
import numpy as np
import pytest

import gradflow as gf
from gradflow.dynamics.course import course
from gradflow.problems.confinement import span_basis

RNG = np.random.default_rng(5)
ORTHONORMAL = gf.orthonormal_teacher(3, 40)
TURNED = gf.TwoLayerNetwork(np.linalg.qr(RNG.standard_normal((40, 3)))[0].T, np.ones(3))
GENERAL = gf.TwoLayerNetwork(RNG.standard_normal((3, 40)) / 6, [1.0, -0.5, 2.0])


class Everywhere(gf.TeacherStudent):
    """The same problem, followed in all of its dimensions."""

    def confined(self, parameters):
        return None


def posed(problem, student):
    options = {"method": None, "rates": None, "rtol": None, "atol": None, "gradient_tolerance": 1e-8}
    return course("flow", problem, student, **options, max_steps=10)


@pytest.mark.slow
@pytest.mark.parametrize("teacher", [ORTHONORMAL, TURNED, GENERAL], ids=["on axes", "orthonormal", "general"])
def test_the_path_is_that_in_all_dimensions(teacher):
    problem, whole = gf.TeacherStudent(teacher, 2), Everywhere(teacher, 2)
    start = problem.init(jax.random.key(0))
    assert posed(problem, start).position.size == 2 * (5 + 1)
    assert posed(whole, start).position.size == 2 * (40 + 1)
    assert posed(problem, start).followed.problem.summed.on_axes == (teacher is not GENERAL)
    one, other = (gf.flow(p, start, rtol=1e-8, atol=1e-10, end_time=3.0) for p in (problem, whole))
    np.testing.assert_array_equal(one.state(0).weights, start.weights)
    np.testing.assert_allclose(one.final.weights, other.final.weights, atol=1e-7)
    np.testing.assert_allclose(one.final.output, other.final.output, atol=1e-7)
    assert one.final.weights.shape == (2, 40)


@pytest.mark.slow
def test_every_stage_works_on_the_end_in_all_dimensions():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(3, 30), 2)
    solution = gf.solve(problem, problem.init(jax.random.key(0)))
    assert solution.point.student.weights.shape == (2, 30)
    assert solution.classification.kind is gf.Kind.MINIMUM
    assert solution.configuration.name == "C-A"


def test_a_start_within_the_span_s_dimensions_or_with_rates_is_followed_where_it_is():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(3, 5), 2)
    assert problem.confined(problem.init(jax.random.key(0))) is None
    wide = gf.TeacherStudent(ORTHONORMAL, 2)
    start = wide.init(jax.random.key(0))
    options = {"method": None, "rtol": None, "atol": None, "gradient_tolerance": 1e-8, "max_steps": 10}
    assert course("flow", wide, start, rates=(1.0, 2.0), **options).position.size == 82


def test_the_basis_is_orthonormal_and_spans_teacher_and_start():
    for teacher in (np.eye(3, 40), np.asarray(GENERAL.weights)):
        weights = RNG.standard_normal((2, 40))
        weights[1] = weights[0]  # a start may be degenerate
        basis = span_basis(teacher, weights, 8)
        np.testing.assert_allclose(basis @ basis.T, np.eye(8), atol=1e-14)
        for rows in (teacher, weights):
            np.testing.assert_allclose(rows @ basis.T @ basis, rows, atol=1e-13)
