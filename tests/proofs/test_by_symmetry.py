"""What is certified by symmetry holds in the full space."""

import dataclasses
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import gradflow as gf
from gradflow._arithmetic import balls
from gradflow.proofs.symmetric.orbits import whole_orbits
from gradflow.proofs.symmetric.place import SymmetricPlace, given_vector

pytestmark = pytest.mark.usefixtures("unchecked")

# derived (reference.md): k, n; loss, index, least eigenvalue of C-A, then of P-n-C
REFERENCE = (
    (6, 2, "0.0724526452036704687", 0, 7.721e-04, "0.08098401522588331", 1, -2.426e-02),
    (6, 4, "0.0405931773139538556", 0, 2.148e-03, "0.0440358749162211806", 0, 6.724e-05),
    (8, 4, "0.0724526452036704687", 0, 6.565e-04, "0.0811155210088311603", 3, -1.768e-03),
    (8, 7, "0.0232216806253367165", 1, -2.145e-02, "0.0207129768211539868", 0, 4.069e-03),
    (12, 6, "0.10326506500595219", 0, 2.480e-04, "0.113308525160487212", 5, -1.545e-04),
    (12, 10, "0.0405931773139538556", 0, 1.148e-03, "0.038013764374265138", 0, 2.681e-03),
    (50, 21, "0.450261262151", 0, 3.729e-06, "0.471762258276", 20, -9.397e-06),
    (50, 22, "0.435222564357", 0, 4.102e-06, "0.455528076670", 0, 1.443e-05),
    (50, 25, "0.390099428979", 0, 5.559e-06, "0.406575879955", 0, 1.278e-04),
    (50, 45, "0.087923261120", 5, -3.949e-04, "0.080281170358", 0, 1.744e-03),
)
# reference.md: index of copy-average points of partitions of 6
PARTITIONS = (((2, 4), 1), ((3, 3), 4), ((2, 2, 2), 3), ((1, 2, 3), 1), ((1, 1, 2, 2), 2))


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: f"k={row[0]},n={row[1]}")
def test_index_and_loss_of_both_families_are_the_known_ones(row):
    k, n, *families = row
    for family, (loss, index, least) in zip(
        (gf.copy_average, gf.perturbed_n_copy), (families[:3], families[3:]), strict=True
    ):
        point = family(k, n)
        found = gf.certify(point.problem, point)
        assert found.proved
        assert found.index == index
        assert found.digits >= 30
        digits = len(loss) - 2
        assert abs(float(found.loss.lower) - float(loss)) <= max(10.0**-digits, 1e-16)
        assert found.loss.upper - found.loss.lower < 1e-30
        assert 0 < found.gap <= abs(least) * 1.001
        assert gf.verify(found).holds


@pytest.mark.parametrize(("partition", "index"), PARTITIONS)
def test_the_index_of_other_partitions_is_the_known_one(partition, index):
    point = gf.copy_average(6, len(partition), partition)
    assert gf.certify(point.problem, point).index == index


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "d"), [(3, 2, 3), (4, 2, 6), (5, 3, 6)])
def test_the_parts_are_all_of_the_dense_hessian(k, n, d):
    """NumPy's eigenvalues of the full matrix, each as often as the parts say; so index and gap are those."""
    for family in (gf.copy_average, gf.perturbed_n_copy):
        point = family(k, n, d=d)
        full = gf.TeacherStudent(gf.orthonormal_teacher(k, d), width=n)
        dense = np.linalg.eigvalsh(full.hessian(point.student))
        orbits, arithmetic = whole_orbits(point.problem.orbits), balls(128)
        with arithmetic.working():
            place = SymmetricPlace(orbits, given_vector(orbits, point.network, arithmetic), d - k, arithmetic)
            parts = [
                np.repeat(np.linalg.eigvalsh(arithmetic.float64(part.matrix)), part.dimension) for part in place.parts()
            ]
        np.testing.assert_allclose(np.sort(np.concatenate(parts)), dense, atol=1e-13)
        found = gf.certify(point.problem, point)
        assert found.index == np.sum(dense < 0)
        assert found.gap <= np.abs(dense).min() * (1 + 1e-9)


def test_a_point_certified_by_symmetry_is_certified_dense_as_well():
    point = gf.perturbed_n_copy(5, 3)
    full = gf.TeacherStudent(gf.orthonormal_teacher(5, 6), width=3)
    found, dense = gf.certify(point.problem, point), gf.certify(full, point.student)
    assert dense.index == found.index
    assert found.loss.lower <= dense.loss.upper
    assert dense.loss.lower <= found.loss.upper


@pytest.mark.parametrize("n", [200_000, 700_000])
def test_a_million_teachers_take_no_more_than_eight(n):
    """The loss by mpmath: L*(m) = m/3 - (2m^2/pi) asin(1/(2m))."""
    average, perturbed = gf.copy_average(10**6, n), gf.perturbed_n_copy(10**6, n)
    found, other = gf.certify(average.problem, average), gf.certify(perturbed.problem, perturbed)
    assert found.index == other.index == 0
    assert min(found.digits, other.digits) >= 30
    with mpmath.workdps(120):
        m = mpmath.mpf(10**6 - n + 1)
        loss = m / 3 - 2 * m * m / mpmath.pi * mpmath.asin(1 / (2 * m))
        assert mpmath.mpf(found.loss.lower.numerator) / found.loss.lower.denominator <= loss
        assert loss <= mpmath.mpf(found.loss.upper.numerator) / found.loss.upper.denominator
    # reference.md: P-n-C falls below C-A at n/k = 0.766
    assert found.below(other)


def test_units_without_others_and_students_of_every_teacher_are_certified():
    for point, index in (
        (gf.perturbed_n_copy(6, 1), 0),
        (gf.copy_average(6, 1), 0),
        (gf.perturbed_n_copy(6, 6), 0),
        (gf.copy_average(6, 6), 0),
        (gf.copy_average(3, 2), 0),
        (gf.perturbed_n_copy(3, 2), 1),
    ):
        found = gf.certify(point.problem, point)
        assert found.index == index
        assert gf.verify(found).holds


def test_a_network_in_float64_is_certified_within_its_rounding():
    point = gf.perturbed_n_copy(20, 10)
    found = gf.certify(point.problem, point.network)
    assert found.index == 0
    assert found.digits >= 30
    assert 1e-18 < found.radius < 1e-14 < found.isolation
    exact = gf.perturbed_n_copy(20, 10, digits=40)
    lengths = [mpmath.sqrt(10), mpmath.sqrt(90), mpmath.sqrt(100), mpmath.sqrt(10)]
    with mpmath.workdps(40):
        away = max(abs(c / s - x) for c, s, x in zip(found.center, lengths, exact.overlaps, strict=True))
        assert away < 1e-14


@pytest.mark.parametrize("moved", [1e-4, 1e-2, 0.3, 3.0])
def test_a_point_that_is_not_critical_is_not_proved(moved):
    point = gf.perturbed_n_copy(8, 5)
    network = gf.SymmetricNetwork(point.network.own + moved, point.network.others, point.network.output)
    found = gf.certify(point.problem, network)
    assert not found.proved
    assert found.step
    assert found.reason
    assert not gf.verify(found).statements


def test_infinite_numbers_and_points_at_infinity_are_not_proved():
    point = gf.perturbed_n_copy(8, 5)
    for value in (np.nan, np.inf, 1e25):
        network = gf.SymmetricNetwork(np.full((1, 2), value), np.full((1, 2), value), point.network.output)
        assert not gf.certify(point.problem, network).proved


def test_flat_directions_are_not_proved():
    for rest in ("dead", "duplicate"):
        point = gf.copy_average(6, 4, (1, 1, 4), rest=rest)
        assert not gf.certify(point.problem, point).proved


def test_widths_that_are_no_integers_have_no_full_space():
    """Also next to P-n-C's onset of stability, 4.813 at k = 8, where an index would depend on rounding."""
    for n in (2.5, 4.813):
        point = gf.perturbed_n_copy(8, n)
        found = gf.certify(point.problem, point)
        assert not found.proved
        assert found.step == "sizes"


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"index": 4}, "index"),
        ({"gap": 1e-3}, "gap"),
        ({"gap": -1.0}, "gap"),
        ({"radius": 1e-45}, "radius"),
        ({"isolation": 2e-5}, "isolation"),
        ({"error": 1e-45}, "critical point"),
        ({"loss": gf.Enclosure(Fraction(0), Fraction(0))}, "loss"),
        ({"middle": (Fraction(0),) * 4}, "critical point"),
        ({"middle": (Fraction(0),) * 3}, "center"),
    ],
)
def test_an_edited_certificate_is_caught_and_the_statement_named(changes, failed):
    point = gf.perturbed_n_copy(8, 4)
    found = dataclasses.replace(gf.certify(point.problem, point), **changes)
    assert failed in gf.verify(found).failed


def test_a_certificate_of_another_problem_is_caught():
    point, other = gf.perturbed_n_copy(8, 4), gf.perturbed_n_copy(9, 4)
    found = dataclasses.replace(gf.certify(point.problem, point), problem=other.problem)
    assert "critical point" in gf.verify(found).failed


def test_a_certificate_is_the_same_after_its_file(tmp_path):
    point = gf.perturbed_n_copy(10**6, 200_000, digits=40)
    for given in (point, point.network, gf.perturbed_n_copy(10**6, 200_000).network):
        found = gf.certify(point.problem, given)
        again = gf.read_certificate(gf.write_certificate(found, tmp_path / "point.json"))
        assert again.middle == found.middle
        assert again.loss == found.loss
        assert again.excess == 1
        assert np.all(again.given.own == found.given.own)
        assert gf.verify(again).holds


@pytest.mark.parametrize(("k", "n"), [(8, 4), (10**6, 200_000)])
def test_the_least_eigenvalue_is_enclosed(k, n):
    for point in (gf.copy_average(k, n, digits=30), gf.perturbed_n_copy(k, n, digits=30)):
        found = gf.certify(point.problem, point, least_eigenvalue=True)
        least = Fraction(str(point.spectrum.eigenvalues[0]))
        assert found.least_eigenvalue.lower < least < found.least_eigenvalue.upper
        assert found.least_eigenvalue.width < 1e-10 * abs(least)
        assert gf.verify(found).holds
        upper = found.least_eigenvalue.upper
        moved = gf.Enclosure(upper, upper + abs(upper))
        assert "least eigenvalue" in gf.verify(dataclasses.replace(found, least_eigenvalue=moved)).failed


@pytest.mark.slow
def test_sizes_beyond_all_floats_are_certified_as_well():
    """k = 1e30: the least eigenvalue is below 1e-90, multiplicities need more digits than float64 has."""
    average, perturbed = gf.copy_average(10**30, 10**29), gf.perturbed_n_copy(10**12, 10**11)
    found = gf.certify(average.problem, average)
    assert found.index == 0
    assert 0 < found.gap < 1e-90
    assert gf.certify(perturbed.problem, perturbed).index == 0
