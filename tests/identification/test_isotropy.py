"""isotropy: the symmetries that leave a student where it is, named, counted and not overlooked."""

import math
from itertools import permutations, product

import numpy as np
import pytest

import gradflow as gf
from gradflow.identification import isotropy_of

K, D = 8, 9


def found(network, k=K, tolerance=1e-9):
    weights = np.asarray(network.weights)
    return isotropy_of(weights, np.asarray(network.output), np.eye(k, weights.shape[1]), tolerance)


def moved(network, seed, k=K):
    """The same point modulo symmetry: students permuted and flipped, teachers permuted, the rest rotated."""
    rng = np.random.default_rng(seed)
    weights, output = np.asarray(network.weights), np.asarray(network.output)
    order, signs = rng.permutation(len(output)), rng.choice([-1.0, 1.0], len(output))
    d = weights.shape[1]
    turn = np.eye(d)
    if d > k:
        turn[k:, k:] = np.linalg.qr(rng.standard_normal((d - k, d - k)))[0]
    turn = turn[:, np.append(rng.permutation(k), np.arange(k, d))]
    return gf.TwoLayerNetwork(signs[:, None] * weights[order] @ turn, signs * output[order])


def counted(weights, output, k):
    """By enumeration: all permutations and signs of students and permutations of teachers, in the teachers' span."""
    rows = np.column_stack([weights, output])
    count = 0
    for teachers in permutations(range(k)):
        columns = [*teachers, *range(k, rows.shape[1])]
        for order in permutations(range(len(rows))):
            for signs in product((1.0, -1.0), repeat=len(rows)):
                count += np.allclose(np.array(signs)[:, None] * rows[list(order)][:, columns], rows, rtol=0, atol=1e-9)
    return count


NAMED = [
    (gf.copy_average(K, 4), "ΔS_3 × S_5 × O(1)", 6 * 120),
    (gf.copy_average(K, 4, (2, 2, 2, 2)), "(S_2 ≀ ΔS_4) × O(1)", 16 * 24),
    (gf.copy_average(K, 4, (1, 1, 3, 3)), "ΔS_2 × (S_3 ≀ ΔS_2) × O(1)", 2 * 36 * 2),
    (gf.copy_average(K, 4, (1, 2, 2, 3), d=11), "(S_2 ≀ ΔS_2) × S_3 × O(3)", 8 * 6),
    (gf.copy_average(K, 1), "S_8 × O(1)", math.factorial(8)),
    (gf.perturbed_n_copy(K, 4), "ΔS_4 × S_4 × O(1)", 24 * 24),
    (gf.perturbed_n_copy(K, 7), "ΔS_7 × O(1)", 5040),
    (gf.perturbed_n_copy(K, 8, d=K), "ΔS_8", 40320),
    (gf.perturbed_n_copy(50, 25), "ΔS_25 × S_25 × O(1)", math.factorial(25) ** 2),
]


@pytest.mark.parametrize(("point", "label", "order"), NAMED, ids=[f"{p.k}-{p.n}-{label}" for p, label, _ in NAMED])
def test_a_named_point_has_its_group_wherever_symmetry_has_moved_it(point, label, order):
    for network in (point.student, moved(point.student, 1, point.k), moved(point.student, 2, point.k)):
        group = found(network, point.k)
        assert (group.label, group.order, group.complete) == (label, order, True)


def test_the_orbits_are_those_of_students_and_teachers_that_are_alike():
    group = found(gf.copy_average(K, 4, (1, 1, 2, 4)).student)
    assert group.student_orbits == ((0, 1), (2,), (3,))
    assert group.teacher_orbits == ((0, 1), (2, 3), (4, 5, 6, 7))
    assert (group.dead, group.duplicates, group.rotations) == ((), (), 1)


def test_dead_and_duplicated_students_are_said_to_be():
    dead = found(moved(gf.copy_average(K, 4, (1, 1, 6), rest="dead").student, 0))
    assert (dead.label, dead.order, len(dead.dead)) == ("ΔS_2 × S_6 × Z_2(dead student) × O(1)", 2 * 720 * 2, 1)
    twins = found(moved(gf.copy_average(K, 4, (1, 1, 6), rest="duplicate").student, 0))
    assert twins.label == "ΔS_2 × S_6 × S_2(students) × O(1)"
    assert [len(group) for group in twins.duplicates] == [2]
    uneven = gf.copy_average(K, 4, (1, 1, 6), rest="duplicate").student
    uneven = found(gf.TwoLayerNetwork(uneven.weights, [1.0, 1.0, 2.0, 4.0]))
    # students that share an average unevenly are no longer interchangeable, but duplicates they are
    assert (uneven.label, uneven.duplicates) == ("ΔS_2 × S_6 × O(1)", ((2, 3),))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("d", [8, 9, 12])
def test_a_random_student_has_no_symmetry_but_what_is_orthogonal_to_it(seed, d):
    rng = np.random.default_rng(seed)
    group = found(gf.TwoLayerNetwork(rng.standard_normal((3, d)), rng.standard_normal(3)))
    # three students use up three of the d − k dimensions
    assert (group.label, group.order, group.complete) == ("O(1)" if d == 12 else "trivial", 1, True)


HAND_MADE = {
    "two students, each with teachers of its own": ([[1, 2, 0, 0], [0, 0, 1, 2]], [1, 1]),
    "two students to a teacher": ([[1, 0], [0.5, 0], [0, 1], [0, 0.5]], [1, 1, 1, 1]),
    "a copy of the sum": ([[1, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]], [2, 1, 1]),
    "cyclic": ([[3, 1, 0, 0], [0, 3, 1, 0], [0, 0, 3, 1], [1, 0, 0, 3]], [1, 1, 1, 1]),
    "one silent": ([[0, 0], [2, 1]], [1.7, 0]),
    "one silent between two teachers": ([[0, 0], [1, -1]], [1.7, 0]),
    "a grid": ([[1, 2, 3, 5], [2, 1, 3, 5], [1, 2, 5, 3], [2, 1, 5, 3]], [1, 1, 1, 1]),
}


@pytest.mark.parametrize("name", HAND_MADE)
def test_the_order_is_that_of_an_enumeration_or_at_least_it_says_so(name):
    weights, output = (np.array(part, dtype=float) for part in HAND_MADE[name])
    group = found(gf.TwoLayerNetwork(weights, output), weights.shape[1])
    exact = counted(weights, output, weights.shape[1])
    if group.complete:
        assert group.order == exact
    else:
        assert group.order < exact
        assert group.label.startswith("at least")
    assert group.complete == (name not in ("cyclic", "one silent between two teachers"))


@pytest.mark.parametrize("seed", range(40))
def test_small_whole_numbers_have_the_order_of_an_enumeration(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    weights = rng.integers(0, 2 + seed % 2, (n, k)) * rng.choice([-1.0, 1.0] if seed % 3 == 0 else [1.0], (n, k))
    output = rng.choice([0.0, 1.0, 2.0, -1.0] if seed % 4 == 0 else [1.0, 2.0], n)
    group = found(gf.TwoLayerNetwork(weights, output), k)
    assert (group.complete, group.order) == (True, counted(weights, output, k))


def test_students_outside_the_teachers_span_are_told_by_their_angles_there():
    # three at 120° to each other and equal overlaps: a rotation makes up for every permutation
    outside = np.array([[1, 0], [-0.5, np.sqrt(0.75)], [-0.5, -np.sqrt(0.75)]])
    weights = np.column_stack([np.ones((3, 2)), outside])
    even = found(gf.TwoLayerNetwork(weights, np.ones(3)), 2)
    assert (even.label, even.duplicates) == ("S_2 × S_3(students)", ())
    weights[0, 2] = 1.1
    uneven = found(gf.TwoLayerNetwork(weights, np.ones(3)), 2)
    assert (uneven.label, uneven.student_orbits) == ("S_2 × S_2(students)", ((0,), (1, 2)))


def test_a_point_1e_6_from_a_symmetric_one_is_symmetric_at_1e_5_only():
    exact = gf.copy_average(K, 4).student
    weights = exact.weights + 1e-6 * np.random.default_rng(0).standard_normal(exact.weights.shape)
    near = gf.TwoLayerNetwork(weights, exact.output)
    assert found(near, tolerance=1e-5).label == "ΔS_3 × S_5 × O(1)"
    assert found(near, tolerance=1e-9).label == "trivial"


def test_the_end_of_a_flow_has_the_isotropy_of_its_point(problem, solution):
    group = gf.isotropy(problem, solution.point)
    assert (group.label, group.complete) == ("ΔS_3 × S_5 × O(1)", True)
    lines = str(group).splitlines()
    assert lines[0].startswith("isotropy: ΔS_3 × S_5 × O(1); order 720 without rotations")
    assert sorted(len(orbit.split(",")) for orbit in lines[1].split(" {")[1:]) == [3, 5]
    assert gf.isotropy(problem, solution.trajectory, tolerance=1e-4).label == group.label


def test_a_rotated_teacher_changes_nothing(problem):
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((D, D)))[0]
    teacher = gf.TwoLayerNetwork(np.asarray(problem.teacher.weights) @ rotation, np.ones(K))
    exact = gf.perturbed_n_copy(K, 4).student
    student = gf.TwoLayerNetwork(np.asarray(exact.weights) @ rotation, exact.output)
    rotated = gf.TeacherStudent(teacher, 4)
    assert gf.isotropy(rotated, student, tolerance=1e-9).label == "ΔS_4 × S_4 × O(1)"


def test_other_teachers_and_other_problems_are_refused(as_a_user_calls, problem):
    teacher = gf.TwoLayerNetwork(2 * np.eye(2), np.ones(2))
    with pytest.raises(ValueError, match=r"isotropy: the teacher must have orthonormal rows .* Write gf.isotropy\("):
        gf.isotropy(gf.TeacherStudent(teacher, 2), teacher)
    with pytest.raises(TypeError, match="isotropy: problem must be TeacherStudent"):
        gf.isotropy(gf.Loss(lambda x: x[0] ** 2, [1.0]), [0.0])
    with pytest.raises(ValueError, match="isotropy: tolerance must be a finite number that is not negative"):
        gf.isotropy(problem, gf.copy_average(K, 4), tolerance=-1.0)
