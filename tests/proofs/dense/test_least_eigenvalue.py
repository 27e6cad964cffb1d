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
