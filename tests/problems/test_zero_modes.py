"""Structural zero modes: at degenerate points they explain every zero eigenvalue, and rotations are among them.

Index and nullity are those of the last table of shared/reference.md (derived there with a dense Hessian).
"""

from functools import cache
from typing import NamedTuple

import jax
import mpmath
import numpy as np
import pytest
from oracles import derivatives as exact

import gradflow as gf

D = 7
AVERAGE = gf.copy_average(6, 3, (1, 1, 4), d=D).student
GENERIC = np.array([0.3, -0.8, 0.5, 0.2, 0.1, -0.4, 0.9])


def with_neurons(network, weights, output):
    return gf.TwoLayerNetwork(np.vstack([network.weights, weights]), np.concatenate([network.output, output]))


def split(first):
    """C-A(1, 1, 4) with its average neuron in two, of output weights `first` and 4 − `first`."""
    weights, output = np.asarray(AVERAGE.weights), np.asarray(AVERAGE.output)
    return gf.TwoLayerNetwork(weights[[0, 1, 2, 2]], [*output[:2], first, 4 - first])


def split_copy():
    teacher = gf.orthonormal_teacher(3, D)
    return gf.TwoLayerNetwork(np.asarray(teacher.weights)[[0, 1, 2, 2]], [1.0, 1.0, 0.4, 0.6])


# student, k, index, nullity
POINTS = {
    "all weights zero": (gf.TwoLayerNetwork(np.zeros((4, 9)), np.zeros(4)), 8, 4, 32),
    "a dead neuron, a = 0, w = 0": (with_neurons(AVERAGE, np.zeros((1, D)), [0.0]), 6, 0, D + 1),
    "a neuron with w = 0, a = 1.7": (with_neurons(AVERAGE, np.zeros((1, D)), [1.7]), 6, 3, 1),
    "the average neuron duplicated, 1.5 + 2.5": (split(1.5), 6, 3, 5),
    "the average neuron duplicated, −1.5 + 5.5": (split(-1.5), 6, 0, 5),
    "the perfect copy and a = 0": (with_neurons(gf.orthonormal_teacher(3, D), GENERIC[None], [0.0]), 3, 0, D),
    "the perfect copy with one neuron split": (split_copy(), 3, 0, D + 1),
}
names = pytest.mark.parametrize("name", POINTS)


class Modes(NamedTuple):
    """A point with its Hessian and those of its structural columns T that have HT = 0 to rounding."""

    problem: gf.TeacherStudent
    student: gf.TwoLayerNetwork
    hessian: np.ndarray
    curves: np.ndarray
    kernel: np.ndarray


def modes(problem, student):
    hessian, bound = np.asarray(problem.hessian(student)), float(np.max(problem.hessian_error(student)))
    parts = problem.structural_zero_modes(student)
    null = [part[:, np.linalg.norm(hessian @ part, axis=0) <= bound] for part in parts]
    return Modes(problem, student, hessian, *null)


@cache
def at(name):
    student, k, _, _ = POINTS[name]
    return modes(gf.TeacherStudent(gf.orthonormal_teacher(k, student.input_dimension), width=4), student)


def rank(columns):
    return np.linalg.matrix_rank(columns, tol=1e-8) if columns.size else 0


@pytest.mark.slow
@names
def test_index_and_nullity_are_those_of_the_reference(name):
    _, _, index, nullity = POINTS[name]
    eigenvalues = np.linalg.eigvalsh(at(name).hessian)
    assert np.sum(eigenvalues < -1e-6) == index
    assert np.sum(np.abs(eigenvalues) <= 1e-12) == nullity


@pytest.mark.slow
@names
def test_the_modes_explain_every_zero_eigenvalue_and_no_other(name):
    _, _, _, nullity = POINTS[name]
    columns = np.concatenate([at(name).curves, at(name).kernel], axis=1)
    assert rank(columns) == nullity
    np.testing.assert_allclose(np.linalg.norm(columns, axis=0), 1, rtol=1e-14)


@names
def test_along_a_null_curve_the_gradient_stays_zero(name):
    problem, student, _, curves, _ = at(name)
    for column in curves.T:
        # all curves here are straight: split output weights, free weights of a neuron that does nothing
        moved = problem.unflatten(problem.flatten(student) + 0.1 * column, student)
        assert np.max(np.abs(problem.flatten(problem.gradient(moved)))) <= 2 * float(problem.gradient_floor(moved))


# the remaining zero modes are no curves: at the duplicates, for one, the gradient is 4e-4 or more at distance 0.1
@pytest.mark.parametrize(
    ("name", "count"),
    list(zip(POINTS, (0, 1, 1, 1, 1, D, 1), strict=True)),
)
def test_only_curves_of_critical_points_are_called_curves(name, count):
    assert rank(at(name).curves) == count


# of d − k = 3 dimensions outside the teacher the student uses r: r(d − k − r) + r(r − 1)/2 rotations move it
@pytest.mark.slow
@pytest.mark.parametrize(
    ("outside", "count"),
    [
        ([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], 0),
        ([[0.0, 0.5, 0.0], [0.0, -1.0, 0.0]], 2),
        ([[0.0, 0.5, 0.2], [0.7, -1.0, 0.0]], 3),
    ],
    ids=["inside the span", "in one dimension", "in two dimensions"],
)
def test_rotations_that_fix_the_teacher_are_modes_once_the_student_leaves_its_span(outside, count):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2, 5), width=2)
    student = gf.TwoLayerNetwork(np.hstack([[[0.9, 0.1], [-0.2, 0.8]], outside]), [1.2, 0.7])
    curves = problem.structural_zero_modes(student).curves
    assert curves.shape == (12, count)
    assert rank(curves) == count
    # the loss is constant along each, at this point that is not even critical
    assert np.all(np.abs(curves.T @ problem.flatten(problem.gradient(student))) <= problem.gradient_floor(student))


def test_there_is_no_rotation_with_one_dimension_outside_the_teacher():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(6, D), width=4)
    assert problem.structural_zero_modes(problem.init(jax.random.key(0))).curves.shape == (4 * (D + 1), 0)


@pytest.mark.slow
def test_rotations_are_zero_modes_at_a_critical_point_outside_the_span():
    # w orthogonal to all teachers and a = 0 is critical; three dimensions outside, one used: two rotations
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2, 5), width=2)
    student = gf.TwoLayerNetwork([[0.0, 0.0, 0.6, 0.8, 0.0], [0.0, 0.0, 0.3, 0.4, 0.0]], [0.0, 0.0])
    assert np.all(np.asarray(problem.flatten(problem.gradient(student))) == 0)
    assert rank(modes(problem, student).curves) == 2


def test_frozen_leaves_have_no_rows_in_the_modes():
    student = POINTS["the average neuron duplicated, 1.5 + 2.5"][0]
    problem = gf.TeacherStudent(gf.orthonormal_teacher(6, D), width=4, free=("weights",))
    parts = problem.structural_zero_modes(student)
    assert parts.curves.shape[0] == parts.kernel.shape[0] == 4 * D
    assert np.max(np.abs(np.asarray(problem.hessian(student)) @ parts.kernel)) <= 1e-12


# w in general position, and the axes, in four dimensions; output weights are sums of few powers of two, so that those
# of a split neuron add up exactly
E, U, ZERO = np.eye(4), np.array([0.3, -0.8, 0.5, 0.2]), np.zeros(4)
GENERAL = np.random.default_rng(0).normal(size=(3, 4))
ALONE = ([E[0]], [1.0])
DOUBLED, PARALLEL, SILENT, CANCELLING = (
    ([E[0], E[0], E[1]], [1.0, 0.5, 2.0]),
    ([E[0], E[0] / 2, E[1]], [1.0, 0.5, 2.0]),
    ([E[0], E[1]], [1.0, 0.0]),
    ([E[0], -E[0]], [1.0, 1.0]),
)
# teacher, student, how many zero modes there are and how many of them curves: critical points, all but the last two
# of loss zero
EXACT = {
    "a dead neuron, a = 0": (ALONE, ([E[0], U], [1, 0]), 4, 4),
    "a dead neuron on the teacher": (ALONE, ([E[0], E[0]], [1, 0]), 5, 5),
    "a dead neuron, w = 0, a = 0": (ALONE, ([E[0], ZERO], [1, 0]), 5, 5),
    "a dead neuron, w = 0, a = 2": (ALONE, ([E[0], ZERO], [1, 2]), 1, 1),
    "split in two": (ALONE, ([E[0], E[0]], [0.375, 0.625]), 5, 1),
    "split in two of opposite weights": (ALONE, ([E[0], -E[0]], [0.375, -0.625]), 5, 1),
    "split in two of opposite signs": (ALONE, ([E[0], E[0]], [-0.5, 1.5]), 5, 1),
    "split in three": (ALONE, ([E[0], E[0], -E[0]], [0.5, 0.75, 0.25]), 10, 2),
    "two neurons that cancel": (ALONE, ([E[0], U, U], [1, 0.75, -0.75]), 5, 5),
    "three neurons that cancel": (ALONE, ([E[0], U, -U, U], [1, 0.75, 0.5, -0.25]), 10, 6),
    "two neurons with w = 0": (ALONE, ([E[0], ZERO, ZERO], [1, 0.75, 0.5]), 6, 2),
    "two dead neurons, a = 0": (ALONE, ([E[0], U, -2 * U], [1, 0, 0]), 8, 8),
    "3 of 4, one dead": ((GENERAL, [1.5, -0.5, 2]), ([*GENERAL, U], [1.5, -0.5, 2, 0]), 4, 4),
    "3 of 4, one split": ((GENERAL, [1.5, -0.5, 2]), ([*GENERAL, GENERAL[2]], [1.5, -0.5, 0.5, 1.5]), 5, 1),
    "doubled teachers, one neuron for both": (DOUBLED, ([E[0], E[1]], [1.5, 2]), 0, 0),
    "doubled teachers, a neuron each": (DOUBLED, DOUBLED, 5, 1),
    "parallel teachers": (PARALLEL, PARALLEL, 0, 0),
    "parallel teachers and a dead neuron": (PARALLEL, ([*PARALLEL[0], U], [1, 0.5, 2, 0]), 4, 4),
    "a copy of a silent teacher": (SILENT, SILENT, 4, 4),
    "teachers that cancel, neurons that cancel": (CANCELLING, ([U, U], [1, -1]), 5, 5),
    "a silent teacher, a = 0 beside the other": (SILENT, ([[0, 0.5, 0.25, 1]], [0]), 3, 2),
    "beyond two teachers, a = 0": (([E[0], E[1]], [1, 1]), ([[0, 0, 0.25, 1]], [0]), 3, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
def test_at_exact_critical_points_the_modes_are_the_kernel_of_the_hessian_in_50_digits(name):
    (teacher, student, nullity, curves) = EXACT[name]
    (v, b), (w, a) = ([np.asarray(part, dtype=float) for part in network] for network in (teacher, student))
    assert max(abs(entry) for part in exact.gradient(w, a, v, b)[:2] for entry in np.ravel(part)) < 1e-45
    hessian = exact.hessian(w, a, v, b)
    eigenvalues = mpmath.eigsy(mpmath.matrix(hessian.tolist()), eigvals_only=True)
    # 50 digits leave 1e-49 of what is zero; the least of the others is 4e-6
    assert sum(abs(value) < 1e-40 for value in eigenvalues) == nullity
    assert not any(1e-40 < abs(value) < 1e-6 for value in eigenvalues)
    found = modes(gf.TeacherStudent(gf.TwoLayerNetwork(v, b), len(w)), gf.TwoLayerNetwork(w, a))
    columns = np.concatenate([found.curves, found.kernel], axis=1)
    assert rank(columns) == nullity
    assert rank(found.curves) == curves
    assert np.max(np.abs(hessian.astype(float) @ columns), initial=0.0) <= 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("free", [("weights", "output"), ("weights",), ("output",)])
def test_the_orbit_under_rotations_that_fix_the_teacher_has_tangents_anywhere(free):
    teacher = gf.TwoLayerNetwork(np.eye(3, 6), [1.0, 0.5, 0.0])  # of output weight zero: it fixes nothing
    problem = gf.TeacherStudent(teacher, 2, free=free)
    student = problem.init(jax.random.key(0))
    tangents = problem.orbit_tangents(student)
    # two neurons in the four dimensions that the teachers leave: what moves them of the six rotations
    assert tangents.shape == (len(problem.flatten(student)), 5 if "weights" in free else 0)
    assert rank(tangents) == tangents.shape[1]
    slopes = tangents.T @ np.asarray(problem.flatten(problem.gradient(student)))
    assert np.all(np.abs(slopes) <= problem.gradient_floor(student))


def test_teachers_that_are_linearly_dependent_to_rounding_are_told_from_those_that_are_nearly():
    near = gf.TwoLayerNetwork([[1.0, 0, 0, 0], [1.0, 1e-9, 0, 0]], [1.0, 1.0])
    student = gf.TwoLayerNetwork([[0.5, 0.4, 0.3, 0.2]], [1.0])
    assert gf.TeacherStudent(near, 1).orbit_tangents(student).shape == (5, 1)
    same = gf.TwoLayerNetwork([[1.0, 0, 0, 0], [-2.0, 0, 0, 0]], [1.0, 1.0])
    assert gf.TeacherStudent(same, 1).orbit_tangents(student).shape == (5, 2)
