"""family_tables: both families at every width."""

import numpy as np
import pytest
from oracles.reference import FIRST

import gradflow as gf
from gradflow._arithmetic import extended
from gradflow.families._boundaries import copy_average_margin

pytestmark = pytest.mark.usefixtures("unchecked")

# reference.md, "Optimal copy-average (C-A) and perturbed n-copy (P-n-C) points": index and λ_min of C-A, then of P-n-C
ROWS = {
    (6, 2): (0, "7.721e-04", 1, "-2.426e-02"),
    (6, 3): (0, "1.266e-03", 2, "-9.357e-03"),
    (6, 4): (0, "2.148e-03", 0, "6.724e-05"),
    (6, 5): (0, "1.881e-03", 0, "4.046e-03"),
    (8, 4): (0, "6.565e-04", 3, "-1.768e-03"),
    (8, 5): (0, "1.029e-03", 0, "3.405e-04"),
    (8, 7): (1, "-2.145e-02", 0, "4.069e-03"),
    (12, 3): (0, "1.012e-04", 2, "-6.983e-02"),
    (12, 6): (0, "2.480e-04", 5, "-1.545e-04"),
    (12, 7): (0, "3.498e-04", 0, "3.608e-04"),
    (12, 10): (0, "1.148e-03", 0, "2.681e-03"),
    (12, 11): (1, "-5.043e-02", 0, "3.539e-03"),
    (50, 21): (0, "3.729e-06", 20, "-9.397e-06"),
    (50, 22): (0, "4.102e-06", 0, "1.443e-05"),
    (50, 25): (0, "5.559e-06", 0, "1.278e-04"),
    (50, 44): (0, "9.909e-05", 0, "1.667e-03"),
    (50, 45): (5, "-3.949e-04", 0, "1.744e-03"),
}


@pytest.fixture(scope="module")
def tables(unchecked):
    """Every k from 3 to 60: 1,653 points of each family."""
    return {table.k: table for table in gf.family_tables(range(3, 61))}


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), ROWS)
def test_index_and_least_eigenvalue_are_those_of_the_reference(tables, k, n):
    average, perturbed = tables[k].copy_average.row(n - 2), tables[k].perturbed_n_copy.row(n - 2)
    found = (average.negative, average.least_eigenvalue, perturbed.negative, perturbed.least_eigenvalue)
    for value, expected in zip(found, ROWS[k, n], strict=True):
        # in the digits given, to half a unit of the last one
        assert value == expected if isinstance(expected, int) else value == pytest.approx(float(expected), rel=5.1e-4)


def first(holds, widths):
    return int(widths[np.argmax(holds)]) if np.any(holds) else None


@pytest.mark.slow
@pytest.mark.parametrize("k", FIRST)
def test_the_first_widths_are_those_of_the_reference(tables, k):
    table = tables[k]
    found = (
        first(table.perturbed_n_copy.indices == 0, table.widths),
        first(table.perturbed_n_copy.losses < table.copy_average.losses, table.widths),
        first(table.copy_average.indices > 0, table.widths),
    )
    assert found == FIRST[k]


@pytest.mark.slow
def test_no_eigenvalue_is_undecided_and_multiplicities_add_up(tables):
    for k, table in tables.items():
        for family in (table.copy_average, table.perturbed_n_copy):
            assert not np.any(family.undecided)
            np.testing.assert_array_equal(np.sum(family.multiplicities, axis=1), table.widths * (k + 2))


@pytest.mark.slow
def test_copy_average_is_a_minimum_where_the_closed_form_says_so_and_nowhere_else(tables):
    # index 0 iff n − 1 < N*(m), else m − 1: no other block turns first (all 2 ≤ n < k ≤ 500 in benchmarks/families.py)
    arithmetic = extended(30)
    for k, table in tables.items():
        for n, index in zip(table.widths, table.copy_average.indices, strict=True):
            m = k - int(n) + 1
            stable = int(n) - 1 < copy_average_margin(arithmetic.number(m), arithmetic)
            assert index == (0 if stable else m - 1)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(12, 2), (60, 2), (60, 3), (60, 25), (60, 59)])
def test_a_row_is_the_point_itself(tables, k, n):
    table = tables[k]
    for family, point in (
        (table.copy_average, gf.copy_average(k, n, digits=30)),
        (table.perturbed_n_copy, gf.perturbed_n_copy(k, n, digits=30)),
    ):
        assert float(family.losses[n - 2]) == pytest.approx(float(point.loss), abs=1e-11)
        present = family.multiplicities[n - 2] > 0
        values, errors = family.eigenvalues[n - 2][present], family.errors[n - 2][present]
        order = np.argsort(values)
        exact = np.array([float(value) for value in point.spectrum.eigenvalues])
        assert np.all(np.abs(values[order] - exact) <= errors[order])
        assert sum(point.spectrum.multiplicities) == np.sum(family.multiplicities[n - 2])


def test_a_table_prints_a_line_a_width():
    lines = str(gf.family_table(6)).splitlines()
    assert lines[0] == "family_table: k = 6, d = 7"
    assert lines[-1].split() == [
        "5", "0.023221680625", "0", "1.881e-03", "0.022280601269", "0", "4.046e-03", "P-n-C",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: gf.family_table(2), ValueError, "family_table: k must be at least 3, got 2. Write family_table"),
        (lambda: gf.family_table(8.5), TypeError, "family_table: k must be an integer, got 8.5"),
        (lambda: list(gf.family_tables([])), ValueError, "family_tables: ks is empty. Write family_tables"),
        (lambda: list(gf.family_tables(8)), TypeError, "family_tables: ks must be several, got 8"),
    ],
)
def test_what_is_no_teacher_width_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()
