"""P-n-C is told from other critical points of its symmetry: by its branch from the perfect copy, which is enclosed."""

import numpy as np
import pytest
from oracles.other_points import symmetric_points
from oracles.statements import unproved_statements

import gradflow as gf
from gradflow._arithmetic import balls
from gradflow.families import PerturbedNCopy
from gradflow.proofs.symmetric.branch import branch_points
from gradflow.proofs.symmetric.equations import residuals, with_slopes
from gradflow.proofs.symmetric.place import SymmetricPlace, lengths
from gradflow.proofs.symmetric.width import CertifiedWidth, check_row

pytestmark = pytest.mark.usefixtures("unchecked")

ARITHMETIC = balls(160)
POINT = (0.7, -0.1, 0.3, 1.3)


@pytest.mark.parametrize(("k", "n"), [(5, 3), (8, 2), (9, 8)])
def test_the_equations_are_the_full_gradient(k, n):
    """By the landscape that proofs use, in the factors that the residuals leave out."""
    with ARITHMETIC.working():
        orbits, point = PerturbedNCopy.orbits_of(k, n), ARITHMETIC.array(np.array(POINT))
        scale = lengths(orbits, ARITHMETIC)
        gradient = scale * SymmetricPlace(orbits, scale * point, 1, ARITHMETIC).gradient
        factors = np.array([n * POINT[3], n * (n - 1) * POINT[3], n * (k - n) * POINT[3], n])
        expected = ARITHMETIC.float64(gradient) * np.pi / 4 / factors
        found = ARITHMETIC.float64(np.array(residuals([*point, ARITHMETIC.number(n)], k)))
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_slopes_are_differences():
    with ARITHMETIC.working():
        point, step = np.array([*POINT, 2.5]), 1e-12
        _, slopes = with_slopes(list(ARITHMETIC.array(point)), 6)
        for i in range(5):
            moved = [
                np.array(residuals(list(ARITHMETIC.array(point + sign * step * np.eye(5)[i])), 6)) for sign in (1, -1)
            ]
            found = ARITHMETIC.float64((moved[0] - moved[1]) / (2 * ARITHMETIC.number(step)))
            np.testing.assert_allclose(found, [float(row[i]) for row in slopes], rtol=1e-3, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "widths"), [(5, (2, 3, 4)), (25, (2,)), (10**6, (200_000,))])
def test_the_branch_leads_to_the_family(k, widths):
    """At k = 25 it folds before n = 2: n turns at 2.140, and γ is the parameter from there."""
    with ARITHMETIC.working():
        found = branch_points(k, widths, ARITHMETIC)
        assert set(found) == set(widths)
        for n, point in found.items():
            exact = gf.perturbed_n_copy(k, n, digits=30).overlaps
            for ball, value in zip(point, exact, strict=True):
                assert abs(float(ball) - float(value)) <= 1e-15 * max(1, abs(float(value)))
                assert float(ball.rad()) < 1e-25


def others(k, n):
    """Critical points that are not P-n-C, in float64."""
    found = symmetric_points(k, n, 100, np.random.default_rng(1))
    true = np.array([float(value) for value in gf.perturbed_n_copy(k, n).overlaps])
    return [point for point in found if np.max(np.abs(point - true)) > 1e-6]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(5, 3), (6, 2)])
def test_another_critical_point_of_the_symmetry_is_not_taken_for_it(k, n):
    found = others(k, n)
    assert len(found) >= 2
    for point in found[:4]:
        row = CertifiedWidth(k, n, 0, 0, "C-A", tuple(f"{x:.17g}" for x in point), 1e-9, 1e-9, 1e-9)
        assert "branch" in unproved_statements(row)


@pytest.mark.slow
def test_a_table_with_another_critical_point_is_caught(tmp_path):
    """All else in its row is true."""
    found = gf.certify_widths(5)
    (row,) = (row for row in found.rows if row.n == 3)
    for point in others(5, 3):
        center = tuple(f"{x:.17g}" for x in point)
        proved = check_row(row._replace(center=center)).proved
        if proved.perturbed is None or proved.lower is None:
            continue
        false = row._replace(
            center=center,
            perturbed_index=proved.perturbed.index,
            lower=proved.lower,
            perturbed_gap=proved.perturbed.gap / 2,
            radius=proved.perturbed.reach / 2,
        )
        table = gf.CertifiedWidths(tuple(false if one is row else one for one in found.rows))
        assert gf.verify_widths(table).failed == ((5, 3, "branch"),)
        break
    else:
        pytest.fail("no other critical point was found")


def test_rows_that_stand_twice_are_named_and_an_order_is_no_matter():
    found = gf.certify_widths(4)
    assert gf.verify_widths(gf.CertifiedWidths(found.rows[::-1])).holds
    twice = gf.verify_widths(gf.CertifiedWidths((*found.rows, found.rows[0])))
    assert twice.failed == ((4, 2, "a second row"),)
    assert "there are no rows" in str(gf.verify_widths(gf.CertifiedWidths(())))


def test_where_rows_are_not_as_the_theorem_says_is_said():
    found = gf.certify_widths(4)
    assert not found.exceptions
    false = gf.CertifiedWidths((found.rows[0]._replace(copy_average_index=1, perturbed_index=3), found.rows[1]))
    assert false.exceptions == (
        "k = 4, n = 2: C-A has index 1",
        "k = 4, n = 2: P-n-C has index 3",
        "k = 4, n = 2: neither is a minimum",
    )
    assert "Not as the theorem says: k = 4, n = 2: C-A has index 1" in str(false)
