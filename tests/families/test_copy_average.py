"""copy_average: exact critical points in closed form."""

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
