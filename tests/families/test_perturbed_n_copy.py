"""perturbed_n_copy: the critical points on the branch of the perfect copy."""

import mpmath
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
        assert value == pytest.approx(digits, rel=0, abs=0.501 * 10.0**-given)
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


@pytest.mark.slow
@pytest.mark.parametrize(("n", "output"), [(10, 7.9), (4, 39.1)])
def test_the_output_weight_far_below_k_is_that_of_the_continuation_by_arclength(n, output):
    # reference.md: "P-n-C by arclength", k = 50
    assert gf.perturbed_n_copy(50, n).overlaps.output == pytest.approx(output, abs=0.06)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(8, 4), (20, 10), (50, 25), (200, 150), (50, 2), (12.5, 7.25)])
def test_every_digit_of_the_point_and_its_loss_is_right(k, n):
    coarse, fine = gf.perturbed_n_copy(k, n), gf.perturbed_n_copy(k, n, digits=40)
    for value, exact in zip((*coarse.overlaps, coarse.loss), (*fine.overlaps, fine.loss), strict=True):
        assert isinstance(value, float)
        assert value == float(exact)


def test_forty_digits_are_a_zero_of_the_gradient_by_mpmath_itself():
    # the loss of design.md in four overlaps, differentiated by mpmath
    point = gf.perturbed_n_copy(8, 4, digits=40)
    with mpmath.workdps(60):
        k, n = 8, 4

        def expectation(p, q, c):
            return 2 / mpmath.pi * mpmath.asin(c / mpmath.sqrt((1 + p) * (1 + q)))

        def loss(own, others, unmatched, output):
            p = own**2 + (n - 1) * others**2 + (k - n) * unmatched**2
            c = 2 * own * others + (n - 2) * others**2 + (k - n) * unmatched**2
            students = n * output**2 * (expectation(p, p, p) + (n - 1) * expectation(p, p, c))
            shares = (
                expectation(p, 1, own),
                (n - 1) * expectation(p, 1, others),
                (k - n) * expectation(p, 1, unmatched),
            )
            return students - 2 * output * n * sum(shares) + mpmath.mpf(k) / 3

        place = tuple(mpmath.mpf(str(value)) for value in point.overlaps)
        for i in range(4):
            order = tuple(int(i == j) for j in range(4))
            assert abs(mpmath.diff(loss, place, order)) < 1e-36
        assert abs(loss(*place) - mpmath.mpf(str(point.loss))) < 1e-38


@pytest.mark.slow
def test_at_n_2_there_is_one_point_on_the_lower_sheet():
    # reference.md: "At n = 2 the lower sheet has a ≈ k/2"; the folds lie above n = 2 at k = 50 and 200
    for k in (50, 200):
        point = gf.perturbed_n_copy(k, 2)
        assert point.overlaps.output == pytest.approx(k / 2, rel=1e-5)


def test_a_branch_that_cannot_be_followed_says_so_with_its_last_good_point(monkeypatch):
    monkeypatch.setattr("gradflow.families._perturbed_n_copy._MOST_STEPS", 5)
    with pytest.raises(
        gf.GradflowRuntimeError, match=r"perturbed_n_copy: branch_lost\. The branch of critical"
    ) as caught:
        gf.perturbed_n_copy(33, 3)
    last = caught.value.partial
    assert 3 < last.n < 33
    assert last.loss > 0


@pytest.mark.slow
def test_real_widths_join_the_whole_ones():
    below, between, above = (gf.perturbed_n_copy(8, n) for n in (4, 4.5, 5))
    assert above.loss < between.loss < below.loss
    assert gf.perturbed_n_copy(8, 1 + 1e-13).overlaps.output == pytest.approx(8, rel=1e-12)
    with pytest.raises(ValueError, match=r"perturbed_n_copy: n is 4\.5, and there are no arrays for sizes that are no"):
        _ = between.student
