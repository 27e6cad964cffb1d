"""An enclosure of the least eigenvalue, against digits derived in mpmath and the exact families' spectra."""

import dataclasses
from fractions import Fraction

import pytest

import gradflow as gf


@pytest.mark.parametrize("family", [gf.copy_average, gf.perturbed_n_copy])
def test_it_contains_the_exact_one(family):
    point = family(k=8, n=4, digits=30)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)
    found = gf.certify(problem, family(k=8, n=4), least_eigenvalue=True)
    exact = Fraction(str(point.spectrum.eigenvalues[0]))
    assert found.least_eigenvalue.lower <= exact <= found.least_eigenvalue.upper
    assert found.least_eigenvalue.width < 1e-8
    assert gf.verify(found).holds


def test_one_that_is_edited_is_not_proved_again():
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)
    found = gf.certify(problem, gf.copy_average(k=8, n=4), least_eigenvalue=True)
    moved = gf.Enclosure(found.least_eigenvalue.lower + Fraction(1, 10**6), found.least_eigenvalue.upper + 1)
    assert gf.verify(dataclasses.replace(found, least_eigenvalue=moved)).failed == ("least eigenvalue",)


@pytest.mark.parametrize(
    ("family", "n", "least"),
    # λ_min at k = 50, n = 25 (derived)
    [(gf.copy_average, 25, 5.5589552e-6), (gf.perturbed_n_copy, 25, 1.278e-4)],
)
def test_by_symmetry_it_contains_the_derived_digits(family, n, least):
    point = family(k=50, n=n)
    found = gf.certify(point.problem, point, least_eigenvalue=True)
    assert float(found.least_eigenvalue.lower) == pytest.approx(least, rel=1e-3)
    assert found.least_eigenvalue.width < Fraction(1, 10**15)
    assert gf.verify(found).holds
