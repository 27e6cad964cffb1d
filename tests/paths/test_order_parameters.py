"""order_parameters: the overlaps along a path, on which alone the loss depends."""

from dataclasses import replace

import numpy as np
import pytest

import gradflow as gf

# reference.md: P-n-C at k = 8, n = 4
ALPHA, BETA, GAMMA, OUTPUT = 0.558351623538, -0.0644706654381, 0.0899049241039, 2.27239380307


def resting(problem, student):
    """The path of a start on a critical point."""
    return gf.flow(problem, student, throw=False)


def loss_of(found):
    """L from the overlaps alone, with the angles of Saad & Solla: E[σ(u)σ(v)] = (2/π) asin(c/√((1+p)(1+q)))."""
    k = len(found.T)

    def angles(c, p, q):
        return 2 / np.pi * np.arcsin(c / np.sqrt((1 + p)[..., :, None] * (1 + q)[..., None, :]))

    norms, teachers = np.diagonal(found.Q, axis1=1, axis2=2), np.broadcast_to(np.diag(found.T), (len(found.times), k))
    among = np.einsum("ti,tij,tj->t", found.output, angles(found.Q, norms, norms), found.output)
    across = np.einsum("ti,tij->t", found.output, angles(found.R, norms, teachers))
    return among - 2 * across + np.sum(angles(found.T, np.diag(found.T), np.diag(found.T)))


def test_the_loss_is_a_function_of_the_order_parameters(solution):
    found = gf.order_parameters(solution.trajectory)
    np.testing.assert_allclose(loss_of(found), solution.trajectory.losses, rtol=0, atol=1e-12)


def test_the_order_parameters_of_a_perturbed_copy_are_the_digits_of_the_reference(problem):
    found = gf.order_parameters(resting(problem, gf.perturbed_n_copy(8, 4).student))
    expected = np.full((4, 8), GAMMA)
    expected[:, :4] = BETA + (ALPHA - BETA) * np.eye(4)
    np.testing.assert_allclose(found.R[0], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.output[0], OUTPUT, rtol=0, atol=1e-11)
    norm = ALPHA**2 + 3 * BETA**2 + 4 * GAMMA**2
    overlap = 2 * ALPHA * BETA + 2 * BETA**2 + 4 * GAMMA**2
    np.testing.assert_allclose(found.Q[0], overlap + (norm - overlap) * np.eye(4), rtol=0, atol=1e-11)
    np.testing.assert_array_equal(found.T, np.eye(8))


def test_the_order_parameters_of_a_copy_average_are_its_closed_form(problem):
    found = gf.order_parameters(resting(problem, gf.copy_average(8, 4, (1, 2, 2, 3)).student))
    # w = Σ_j v_j / √(H(2H − 1)), so that ‖w‖² = 1/(2H − 1), and averages of different teachers are orthogonal
    np.testing.assert_allclose(found.Q[0], np.diag([1, 1 / 3, 1 / 3, 1 / 5]), rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.R[0].sum(axis=1), [1, 2 / 6**0.5, 2 / 6**0.5, 3 / 15**0.5], rtol=1e-15)


def test_a_record_that_keeps_its_path_has_those_of_the_trajectory(solution, recorded):
    ours, theirs = gf.order_parameters(recorded(solution, trajectories=True)), gf.order_parameters(solution)
    assert ours.R.shape == (len(ours.times), 4, 8)
    for name in ("times", "Q", "R", "T", "output"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_a_teacher_that_is_not_orthonormal_has_overlaps_of_its_own(solution):
    vectors = np.random.default_rng(0).standard_normal((8, 9))
    other = gf.TeacherStudent(gf.TwoLayerNetwork(vectors, np.ones(8)), 4)
    # the same path seen from another teacher
    found = gf.order_parameters(replace(solution.trajectory, problem=other))
    np.testing.assert_allclose(found.T, vectors @ vectors.T, rtol=0, atol=1e-14)
    start = np.asarray(solution.trajectory.states.weights)[0]
    np.testing.assert_allclose(found.R[0], [[w @ v for v in vectors] for w in start], rtol=0, atol=1e-14)


def test_they_print_where_they_begin_and_end(solution):
    lines = str(gf.order_parameters(solution)).splitlines()
    assert lines[0].startswith("order_parameters: n = 4, k = 8, ")
    assert len(lines) == 3 + 4


@pytest.mark.parametrize("verb", [gf.order_parameters, gf.passed_points])
def test_a_record_without_its_path_says_how_to_keep_it(verb, solution, recorded):
    without = recorded(solution, trajectories=False)
    with pytest.raises(
        ValueError, match=r"the record of k = 8, n = 4, run 0 has no weights along its path.*trajectories=True"
    ):
        verb(without)


@pytest.mark.parametrize("verb", [gf.order_parameters, gf.passed_points])
def test_what_has_no_student_s_path_is_refused(as_a_user_calls, verb, problem, solution):
    elsewhere = replace(solution.trajectory, problem=gf.Loss(lambda x: x[0] ** 2, [1.0]))
    for wrong in (problem, elsewhere, 3):
        with pytest.raises(TypeError, match=rf"path must be the trajectory of a TeacherStudent .*gf.{verb.__name__}\("):
            verb(wrong)


def cells(found):
    """The table's rows: student, Q, Q, a, a, R, teachers."""
    return [line.split(maxsplit=6) for line in str(found).splitlines()[3:]]


def test_the_table_shows_every_student_in_the_sign_and_with_the_teachers_of_identify(problem, solution):
    for seed in range(3):
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], 4)
        student = gf.flip(solution.student, signs)
        named = gf.identify(problem, student).neurons
        rows = cells(gf.order_parameters(resting(problem, student)))
        for row, neuron in zip(rows, named, strict=True):
            assert row[6] == ", ".join(map(str, neuron.teachers))
            assert float(row[4]) == pytest.approx(neuron.output, abs=1e-6)
            nearest = max(neuron.teachers, key=lambda j: neuron.alignments[j])
            overlap = neuron.alignments[nearest] * neuron.norm * np.sqrt(neuron.in_span)
            assert float(row[5]) == pytest.approx(overlap, abs=1e-6)


def test_a_long_teacher_is_not_nearer_than_the_one_that_is_copied():
    teacher = gf.TwoLayerNetwork([[1, 0], [6, 8]], [1, 1])
    problem = gf.TeacherStudent(teacher, 2)
    found = gf.order_parameters(resting(problem, teacher))
    # R = (1, 6; 6, 100): the first student overlaps more with the second teacher, and copies the first
    assert [row[6] for row in cells(found)] == ["0", "1"]
    assert [neuron.teachers for neuron in found.neurons] == [
        neuron.teachers for neuron in gf.identify(problem, teacher).neurons
    ]
