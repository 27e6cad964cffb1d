"""What is true and nearly is not, is proved all the same."""

from fractions import Fraction

import numpy as np
import pytest

import gradflow as gf

pytestmark = pytest.mark.usefixtures("unchecked")

# shared/reference.md: k, n, L(C-A), index, L(P-n-C), index; derived independently (mpmath, NumPy with full Hessians)
TABLE = [
    (6, 2, "0.0724526452036704687", 0, "0.08098401522588331", 1),
    (6, 3, "0.056754527740749987", 0, "0.0643295376090576026", 2),
    (6, 4, "0.0405931773139538556", 0, "0.0440358749162211806", 0),
    (6, 5, "0.0232216806253367165", 0, "0.0222806012685902225", 0),
    (8, 2, "0.10326506500595219", 0, "0.113384732019593863", 1),
    (8, 3, "0.087923261120336463", 0, "0.0990402751579144544", 2),
    (8, 4, "0.0724526452036704687", 0, "0.0811155210088311603", 3),
    (8, 5, "0.056754527740749987", 0, "0.061648800290889339", 0),
    (8, 6, "0.0405931773139538556", 0, "0.0413645484621958121", 0),
    (8, 7, "0.0232216806253367165", 1, "0.0207129768211539868", 0),
    (12, 2, "0.164051076978536637", 0, "0.175786668672923117", 1),
    (12, 3, "0.148906686001264459", 0, "0.163631824356775201", 2),
    (12, 4, "0.133735316951631667", 0, "0.148100508273065372", 3),
    (12, 5, "0.11852679219770815", 0, "0.131148989483045267", 4),
    (12, 6, "0.10326506500595219", 0, "0.113308525160487212", 5),
    (12, 7, "0.087923261120336463", 0, "0.0948825370742648531", 0),
    (12, 8, "0.0724526452036704687", 0, "0.0760870422180968014", 0),
    (12, 9, "0.056754527740749987", 0, "0.0570880389398129425", 0),
    (12, 10, "0.0405931773139538556", 0, "0.038013764374265138", 0),
    (12, 11, "0.0232216806253367165", 1, "0.0189609542052462593", 0),
]
# the same: the first n at which C-A is a saddle; its index there and the width before
C_A_BORDER = [(8, 7), (10, 9), (12, 11), (16, 14), (25, 22), (30, 27)]
# the first n at which P-n-C is a minimum
P_N_C_ONSET = [(5, 4), (6, 4), (8, 5), (10, 6), (12, 7), (16, 8)]


def certified(point, **options):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=point.k, d=point.k + 1), width=point.n)
    return gf.certify(problem, point.student, **options)


def rounds_to(loss, digits):
    """Whether the printed digits are those of every number in the range, a unit in the last place apart."""
    unit = Fraction(1, 10 ** (len(digits) - 2))
    return loss.lower >= Fraction(digits) - unit and loss.upper <= Fraction(digits) + unit


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "average", "average_index", "copy", "copy_index"), TABLE)
def test_the_points_of_the_reference_table_are_certified(k, n, average, average_index, copy, copy_index):
    first, second = certified(gf.copy_average(k=k, n=n)), certified(gf.perturbed_n_copy(k=k, n=n))
    assert (first.index, second.index) == (average_index, copy_index)
    assert rounds_to(first.loss, average)
    assert rounds_to(second.loss, copy)
    assert first.below(second) == (Fraction(average) < Fraction(copy))
    assert second.below(first) == (Fraction(copy) < Fraction(average))


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), C_A_BORDER)
def test_copy_average_is_certified_on_both_sides_of_its_border(k, n):
    """Index m − 1 beyond it, m = k − n + 1 averaged teachers (reference.md's closed form)."""
    assert certified(gf.copy_average(k=k, n=n - 1)).index == 0
    assert certified(gf.copy_average(k=k, n=n)).index == k - n


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), P_N_C_ONSET)
def test_perturbed_n_copy_is_certified_on_both_sides_of_its_onset(k, n):
    assert certified(gf.perturbed_n_copy(k=k, n=n - 1)).index == n - 2
    assert certified(gf.perturbed_n_copy(k=k, n=n)).index == 0


@pytest.mark.slow
def test_a_least_eigenvalue_of_a_hundred_millionth_of_the_largest_is_told_from_zero():
    """C-A at (25, 50), P = 1,300: λ_min = 5.5589552e-6, λ_max = 859.75 (reference.md)."""
    found = certified(gf.copy_average(k=50, n=25), least_eigenvalue=True)
    assert gf.verify(found).holds
    assert found.index == 0
    assert found.gap < 5.5589553e-6
    assert found.gap < found.least_eigenvalue.lower < 5.5589553e-6
    assert 5.5589551e-6 < found.least_eigenvalue.upper < 5.6e-6
    assert rounds_to(found.loss, "0.390099428979")


@pytest.mark.parametrize("size", [1.0, 1e-2, 1e-5])
def test_one_neuron_and_one_input_are_certified(size):
    """P = 2: the copy of a teacher of any size."""
    problem = gf.TeacherStudent(gf.TwoLayerNetwork([[size]], [1.0]), width=1)
    found = gf.certify(problem, gf.TwoLayerNetwork([[size]], [1.0]))
    assert found.index == 0
    assert found.loss.lower <= 0 <= found.loss.upper


def test_a_teacher_that_is_not_orthonormal_has_its_copy_certified():
    rng = np.random.default_rng(2)
    teacher = gf.TwoLayerNetwork(rng.normal(size=(3, 3)), [2.0, -1.0, 0.5])
    turned = gf.TwoLayerNetwork(-np.asarray(teacher.weights)[[2, 0, 1]], -np.asarray(teacher.output)[[2, 0, 1]])
    found = gf.certify(gf.TeacherStudent(teacher, width=3), turned)
    assert (found.index, found.radius < 1e-30) == (0, True)


@pytest.mark.parametrize("free", [("weights",), ("output",), ("output", "weights")])
def test_frozen_leaves_are_left_where_they_are(free):
    point = gf.copy_average(k=4, n=2)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=4, d=5), width=2, free=free)
    found = gf.certify(problem, point.student)
    assert found.index == 0
    np.testing.assert_allclose(
        np.array(found.center, dtype=float), np.asarray(problem.flatten(point.student)), rtol=1e-14, atol=1e-15
    )
    assert gf.verify(found).holds


@pytest.mark.parametrize("apart", [1e-4, 1e-6, 1e-12, 1e-17])
def test_a_copy_of_teachers_that_are_nearly_alike_is_isolated(apart):
    """A curve of critical points passes at 0.7 times their distance, with one neuron twice: it is another point."""
    teacher = gf.TwoLayerNetwork([[1.0, 0.0], [1.0, apart]], [1.0, 1.0])
    found = gf.certify(gf.TeacherStudent(teacher, width=2), teacher)
    assert found.statement is gf.Statement.ISOLATED
    assert found.radius < found.isolation < apart
    assert gf.verify(found).holds


def test_a_curve_that_passes_at_a_distance_is_said_to_be_near():
    """Beside the point itself, which is no critical one."""
    teacher = gf.TwoLayerNetwork([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
    student = gf.TwoLayerNetwork([[1.0, 0.0], [1.0, 3e-7], [0.0, 1.0]], [0.5, 0.5, 1.0])
    found = gf.certify(gf.TeacherStudent(teacher, width=3), student)
    assert found.statement is gf.Statement.NOT_ISOLATED
    assert 1e-7 < found.radius < 1e-6
    assert "passes there, on which neurons 0 and 1 share one weight vector" in str(found)
    assert gf.verify(found).holds
