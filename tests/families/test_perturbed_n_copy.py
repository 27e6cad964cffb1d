"""perturbed_n_copy: the critical points on the branch of the perfect copy."""

import numpy as np
import pytest

import gradflow as gf


# reference.md, "Optimal copy-average (C-A) and perturbed n-copy (P-n-C) points": α, β, γ, a, and the digits given
@pytest.mark.parametrize(
    ("k", "n", "overlaps", "places"),
    [
        (8, 4, (0.558351623538, -0.0644706654381, 0.0899049241039, 2.27239380307), (12, 13, 13, 11)),
        (50, 25, (0.711394573244, -0.009554877701, 0.019210611632, 1.809204632321), (12, 12, 12, 12)),
        (20, 10, (0.62809847, -0.02655105, 0.03861896, 2.1691024), (8, 8, 8, 7)),
    ],
)
def test_the_four_overlaps_are_those_of_the_reference(k, n, overlaps, places):
    found = gf.perturbed_n_copy(k, n)
    for value, digits, given in zip(found.overlaps, overlaps, places, strict=True):
        # half a unit of the digits given, and what float64 leaves of them: at k = 50 the softest of the four directions
        # has a curvature of 0.0166 where the gradient sums terms of size 1e2, whose rounding is 2e-14
        assert value == pytest.approx(digits, rel=0, abs=0.501 * 10.0**-given + 2e-14 / 0.0166)
    assert found.student.weights.shape == (n, k + 1)
    assert found.student.weights[0, 0] == found.overlaps.own
    assert found.student.weights[0, 1] == found.overlaps.others
    assert found.student.weights[0, n] == found.overlaps.unmatched
    assert found.student.output[n - 1] == found.overlaps.output


# the same table: L(P-n-C) at k = 50
@pytest.mark.parametrize(
    ("n", "loss"), [(21, 0.471762258276), (22, 0.455528076670), (25, 0.406575879954870), (44, 0.096412340517)]
)
def test_the_loss_at_50_teachers_is_that_of_the_reference(n, loss):
    assert gf.perturbed_n_copy(50, n).loss == pytest.approx(loss, abs=6e-13)


def test_the_norm_at_half_of_50_teachers_is_the_published_one():
    found = gf.perturbed_n_copy(50, 25).student
    np.testing.assert_allclose(np.linalg.norm(found.weights, axis=1), 0.719374, atol=5e-7)


@pytest.mark.parametrize(("n", "output"), [(10, 7.9), (4, 39.1)])
def test_the_output_weight_far_below_k_is_that_of_the_continuation_by_arclength(n, output):
    # reference.md: "P-n-C by arclength", k = 50
    assert gf.perturbed_n_copy(50, n).overlaps.output == pytest.approx(output, abs=0.06)


@pytest.mark.parametrize("k", [6, 8, 12])
def test_the_gradient_is_at_its_floor_for_every_n(k):
    teacher = gf.orthonormal_teacher(k, k + 1)
    for n in range(1, k + 1):
        problem = gf.TeacherStudent(teacher, n, padded_width=k)
        point = gf.refine(problem, gf.perturbed_n_copy(k, n))
        assert point.gradient_norm <= 2 * point.gradient_floor
        assert point.moved <= 1e-11


def test_one_student_is_the_average_and_k_students_are_the_perfect_copy():
    assert gf.distance(gf.perturbed_n_copy(8, 1).student, gf.copy_average(8, 1).student) <= 1e-15
    assert gf.distance(gf.perturbed_n_copy(8, 8).student, gf.orthonormal_teacher(8, 9)) == 0
    assert gf.perturbed_n_copy(8, 8).loss == pytest.approx(0, abs=1e-14)


def test_the_loss_is_that_of_the_problem():
    found = gf.perturbed_n_copy(8, 4)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 4)
    assert found.loss == pytest.approx(float(problem.loss(found.student)), abs=1e-14)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"k": 8, "n": 9}, ValueError, "perturbed_n_copy: the family exists for n <= k, got n = 9, k = 8"),
        ({"k": 8, "n": 0}, ValueError, "perturbed_n_copy: n must be at least 1, got 0"),
        (
            {"k": 8, "n": [4, 5]},
            TypeError,
            r"perturbed_n_copy: n must be a number, got \[4, 5\]. Write perturbed_n_copy",
        ),
        ({"k": float("inf"), "n": 2}, ValueError, "perturbed_n_copy: k must be a finite number, got inf"),
        ({"k": 8.5, "n": 4, "d": 9}, ValueError, "perturbed_n_copy: k is 8.5, and there are no arrays for sizes that"),
        ({"k": 8, "n": 4, "digits": 14}, ValueError, "digits must be at least 15, what float64 has, got 14"),
        ({"k": 8, "n": 4, "d": 7}, ValueError, r"8 orthonormal teachers need .* at least 8, got d = 7"),
    ],
)
def test_what_is_no_member_of_the_family_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        gf.perturbed_n_copy(**arguments)
