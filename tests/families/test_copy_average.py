"""copy_average: exact critical points in closed form."""

import mpmath
import numpy as np
import pytest

import gradflow as gf
from gradflow.families import average_weight


# reference.md, "One student, H teachers": L*(H) = H/3 − (2H²/π) asin(1/(2H)), derived in mpmath
@pytest.mark.parametrize(
    ("size", "loss"),
    [
        (1, 0.0),
        (2, 0.0232216806253367164990651200),
        (3, 0.0405931773139538555561472159),
        (5, 0.0724526452036704687458586378),
        (26, 0.3900994289794284896972612535),
        (100, 1.50221208434292),
    ],
)
def test_one_student_has_the_closed_form_loss_norm_and_output(size, loss):
    found = gf.copy_average(size, 1)
    assert found.loss == pytest.approx(loss, rel=1e-13, abs=1e-15)
    assert np.linalg.norm(found.student.weights) == pytest.approx(1 / np.sqrt(2 * size - 1), rel=1e-14)
    assert found.student.output[0] == size


def test_the_loss_of_an_average_grows_with_the_slope_of_the_reference():
    # 1/3 − 1/π; the next term is −1/(24πH)
    assert gf.copy_average(1000, 1).loss - gf.copy_average(999, 1).loss == pytest.approx(0.0150234471495427, abs=2e-8)


def test_the_loss_of_an_average_is_concave_so_that_one_large_average_is_optimal():
    losses = np.array([gf.copy_average(size, 1).loss for size in range(1, 41)])
    assert np.all(np.diff(losses, 2) < 0)
    partitions = [(1, 1, 4), (1, 2, 3), (2, 2, 2)]
    found = [gf.copy_average(6, 3, partition).loss for partition in partitions]
    assert found == sorted(found)
    assert gf.copy_average(6, 3).partition == (1, 1, 4)


def test_the_loss_is_the_sum_over_the_parts():
    # L*(2) + L*(3) and L*(5) of the table above
    assert gf.copy_average(6, 3, (1, 2, 3)).loss == pytest.approx(
        0.0232216806253367165 + 0.0405931773139538556, rel=1e-14
    )
    assert gf.copy_average(8, 4).loss == pytest.approx(0.0724526452036704687, rel=1e-14)


# every partition of 6, and the index where reference.md gives one ("Other partitions at k = 6", and its large table)
PARTITIONS = {
    (6,): 0,
    (1, 5): 0,
    (2, 4): 1,
    (3, 3): 4,
    (1, 1, 4): 0,
    (1, 2, 3): 1,
    (2, 2, 2): 3,
    (1, 1, 1, 3): 0,
    (1, 1, 2, 2): 2,
    (1, 1, 1, 1, 2): 0,
    (1, 1, 1, 1, 1, 1): 0,
}


@pytest.mark.slow
@pytest.mark.parametrize(("partition", "index"), PARTITIONS.items())
def test_every_partition_is_a_critical_point_with_the_index_of_the_reference(partition, index):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(6, 7), len(partition), padded_width=6)
    exact = gf.copy_average(6, len(partition), partition)
    verdict = gf.classify(problem, exact)
    assert verdict.gradient_norm <= 2 * verdict.gradient_floor
    assert (verdict.index, verdict.nullity) == (index, 0)
    assert exact.loss == pytest.approx(float(problem.loss(exact.student)), abs=1e-14)


def test_a_partition_may_come_in_any_order_and_is_sorted():
    assert gf.copy_average(6, 3, [4, 1, 1]).partition == (1, 1, 4)


def test_each_teacher_is_taken_once():
    weights = np.asarray(gf.copy_average(8, 4, (1, 2, 2, 3)).student.weights)
    assert weights.shape == (4, 9)
    np.testing.assert_array_equal(np.count_nonzero(weights, axis=0), [1] * 8 + [0])
    np.testing.assert_allclose(weights[3, 5:8], average_weight(3), rtol=1e-15)
    assert gf.copy_average(8, 4, d=20).student.weights.shape == (4, 20)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"k": 8, "n": 9}, ValueError, "copy_average: the family exists for n <= k, got n = 9, k = 8"),
        ({"k": 8, "n": 0}, ValueError, "copy_average: n must be at least 1, got 0. Write copy_average"),
        ({"k": 0, "n": 1}, ValueError, "copy_average: k must be at least 1, got 0"),
        ({"k": "8", "n": 4}, TypeError, "copy_average: k must be a number, got '8'. Write copy_average"),
        ({"k": 8, "n": float("nan")}, ValueError, "copy_average: n must be a finite number, got nan"),
        ({"k": 8.5, "n": 4, "partition": (1, 1, 1, 5)}, ValueError, r"copy_average: k is 8.5, and there are no arrays"),
        ({"k": 8, "n": 4, "partition": (1, 7)}, ValueError, r'Write partition=\(1, 7\), rest="dead" for students'),
        ({"k": 8, "n": 4, "partition": (1, 7), "rest": "idle"}, ValueError, "rest must be one of 'dead', 'duplicate'"),
        (
            {"k": 8, "n": 4, "digits": 8},
            ValueError,
            "digits must be at least 15, what float64 has, got 8. Write digits=30",
        ),
        ({"k": 8, "n": 4, "digits": 20.0}, TypeError, "digits must be an integer, got 20.0"),
        ({"k": 8, "n": 4, "d": 7}, ValueError, r"8 orthonormal teachers need .* at least 8, got d = 7"),
        ({"k": 8, "n": 3, "partition": (1, 1, 5)}, ValueError, r"\(3 parts, sum 7\). Write partition=\(1, 1, 6\)"),
        ({"k": 8, "n": 3, "partition": (3, 5)}, ValueError, r"must have n = 3 parts that sum to k = 8, got \(3, 5\)"),
        ({"k": 8, "n": 3, "partition": (0, 3, 5)}, ValueError, "a part of the partition must be at least 1, got 0"),
        ({"k": 8, "n": 3, "partition": (1, 3.5, 3.5)}, TypeError, "a part of the partition must be an integer"),
    ],
)
def test_what_is_no_member_of_the_family_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        gf.copy_average(**arguments)


# reference.md: "Copy-average points of all partitions together", labelled: optimal ones n·k!/(k−n+1)!
def test_the_number_of_points_counts_deals_of_teachers():
    assert gf.copy_average(8, 4).number_of_points() == 1_344
    assert gf.copy_average(8, 4).number_of_points(permutations=False) == 56
    assert gf.copy_average(8, 4).number_of_points(signs=True) == 1_344 * 16
    partitions = [(1, 1, 1, 5), (1, 1, 2, 4), (1, 1, 3, 3), (1, 2, 2, 3), (2, 2, 2, 2)]
    assert sum(gf.copy_average(8, 4, partition).number_of_points() for partition in partitions) == 40_824


def test_unused_students_multiply_the_points_by_where_they_stand():
    # {ab}{c} at k = 3: three deals; two buckets on three students, the third dead
    assert gf.copy_average(3, 3, (1, 2), rest="dead").number_of_points() == 3 * 6
    # the average doubled: which of three students is the copy
    assert gf.copy_average(3, 3, (1, 2), rest="duplicate").number_of_points() == 3 * 3


# reference.md, "Degenerate points" at k = 6, d = 7
@pytest.mark.parametrize(("rest", "index", "nullity"), [("dead", 0, 8), ("duplicate", 3, 5)])
def test_points_that_use_fewer_students_have_the_zero_modes_of_the_reference(rest, index, nullity):
    with pytest.warns(gf.PrecisionWarning, match="float64 leaves fewer than four digits of an eigenvalue at k = 6"):
        spectrum = gf.copy_average(6, 4, (1, 1, 4), rest=rest).spectrum
    assert (spectrum.index, spectrum.undecided, spectrum.size) == (index, nullity, 4 * 8)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(6, 7), 4, padded_width=6)
    student = gf.copy_average(6, 4, (1, 1, 4), rest=rest).student
    np.testing.assert_allclose(spectrum.repeated(), np.linalg.eigvalsh(problem.hessian(student)), atol=1e-13)
    assert float(problem.loss(student)) == pytest.approx(0.056754527740749987, abs=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize(("partition", "index"), [(p, i) for p, i in PARTITIONS.items() if len(p) < 6])
def test_the_spectrum_of_every_partition_is_the_dense_one(partition, index):
    point = gf.copy_average(6, len(partition), partition)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(6, 7), len(partition), padded_width=6)
    assert (point.spectrum.index, point.spectrum.undecided) == (index, 0)
    expected = np.linalg.eigvalsh(problem.hessian(point.student))
    kept = np.linalg.norm(problem.hessian(point.student), axis=0) > 0
    assert kept.sum() in (len(expected), point.spectrum.size)
    np.testing.assert_allclose(point.spectrum.repeated(), expected[-point.spectrum.size :], atol=1e-12)


def test_digits_give_the_loss_of_the_reference_in_all_of_them():
    # reference.md: L*(2) = 0.0232216806253367164990651200, L*(26) = 0.3900994289794284896972612535
    assert str(gf.copy_average(2, 1, digits=25).loss) == "0.02322168062533671649906512"
    assert str(gf.copy_average(50, 25, digits=28).loss) == "0.3900994289794284896972612535"
    # reference.md: λ_min at k = 50, n = 25 to the digits given
    assert float(gf.copy_average(50, 25).spectrum.eigenvalues[0]) == pytest.approx(5.5589552e-6, rel=1e-8)
    assert float(gf.copy_average(50, 25).spectrum.eigenvalues[-1]) == pytest.approx(859.7509333, rel=1e-9)


def test_where_float64_would_not_do_more_digits_are_taken_and_said():
    with pytest.warns(gf.PrecisionWarning, match="at k = 1000000000, n = 300000000: computed in 86"):
        spectrum = gf.copy_average(10**9, 3 * 10**8).spectrum
    assert (spectrum.index, spectrum.undecided) == (0, 0)
    assert spectrum.eigenvalues.dtype == np.float64
    assert 0 < spectrum.eigenvalues[0] < 1e-27


def test_sizes_may_be_real_and_arrays_are_then_refused():
    point = gf.copy_average(8.5, 4.25)
    assert point.sizes == (3.25, 1, 5.25)
    size = mpmath.mpf(5.25)
    loss = size / 3 - 2 * size**2 / mpmath.pi * mpmath.asin(1 / (2 * size))
    assert point.loss == pytest.approx(float(loss), rel=1e-15)
    with pytest.raises(ValueError, match=r"copy_average: n is 4\.25, and there are no arrays for sizes that are no"):
        _ = point.student


def test_a_student_beyond_memory_is_refused_with_its_size():
    with pytest.raises(MemoryError, match=r"the student of 300000000 neurons .* needs 2400000004\.8 GB, and .* GB of"):
        _ = gf.copy_average(10**9, 3 * 10**8).student


@pytest.mark.parametrize("digits", [None, 30])
def test_the_perfect_copys_loss_is_zero_and_not_what_rounding_leaves(digits):
    for k in (2, 4, 8, 50):
        for exact in (gf.copy_average(k, k, digits=digits), gf.perturbed_n_copy(k, k, digits=digits)):
            assert exact.loss == 0
            assert str(exact).endswith("loss 0.0")
