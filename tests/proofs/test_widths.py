"""Indices and losses of both families, proved width by width."""

from pathlib import Path

import pytest
from oracles.reference import FIRST
from oracles.statements import unproved_statements

import gradflow as gf
from gradflow.proofs.symmetric.widths import ranges

pytestmark = pytest.mark.usefixtures("unchecked")

TABLE = Path(__file__).parents[2] / "theorem" / "indices_k100.csv"


@pytest.fixture(scope="module")
def eight():
    return gf.certify_widths(8)


@pytest.mark.slow
@pytest.mark.parametrize("k", [6, 8])
def test_the_widths_of_minima_and_of_the_lower_loss_are_the_known_ones(k):
    minimum, below, saddle = FIRST[k]
    found = gf.certify_widths(k)
    assert not found.missing()
    assert found.perturbed_minima(k) == tuple(range(minimum, k))
    assert found.lower(k, "P-n-C") == tuple(range(below, k))
    assert found.copy_average_minima(k) == tuple(range(2, saddle or k))


@pytest.mark.parametrize("k", [25, 50])
def test_beside_every_boundary_both_sides_are_proved(k):
    minimum, below, saddle = FIRST[k]
    rows = {row.n: row for row in gf.certify_widths(k, {n for first in FIRST[k] for n in (first - 1, first)}).rows}
    assert all(row.proved for row in rows.values())
    assert (rows[minimum - 1].perturbed_index, rows[minimum].perturbed_index) == (minimum - 2, 0)
    assert (rows[below - 1].lower, rows[below].lower) == ("C-A", "P-n-C")
    assert (rows[saddle - 1].copy_average_index, rows[saddle].copy_average_index) == (0, k - saddle)


@pytest.mark.slow
def test_the_boundaries_of_a_million_teachers_are_proved_between_whole_widths():
    """gf.boundaries found 9648.2, 766229.3 and 999102.5; the closed form has the last one."""
    k = 10**6
    rows = gf.certify_widths(k, [9648, 9649, 766_229, 766_230, 999_102, 999_103]).rows
    assert [row.perturbed_index for row in rows] == [9647, 0, 0, 0, 0, 0]
    assert [row.lower for row in rows] == ["C-A", "C-A", "C-A", "P-n-C", "P-n-C", "P-n-C"]
    assert [row.copy_average_index for row in rows] == [0, 0, 0, 0, 0, 897]


def test_what_is_not_near_a_critical_point_has_no_statements_about_p_n_c(eight):
    row = next(row for row in eight.rows if row.n == 4)
    assert unproved_statements(row) == ()
    away = row._replace(center=("0.5", "0.1", "0.1", "1.0"))
    assert {"perturbed_index", "lower", "perturbed_gap", "radius"} <= set(unproved_statements(away))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("copy_average_index", "1"),
        ("perturbed_index", "4"),
        ("lower", "P-n-C"),
        ("own", "0.57"),
        ("copy_average_gap", "7e-4"),
        ("perturbed_gap", "1e-2"),
        ("radius", "1e-2"),
        ("radius", "1e-30"),
        ("perturbed_index", ""),
    ],
)
def test_an_edited_table_is_caught_and_row_and_statement_named(eight, tmp_path, column, value):
    file = gf.write_certified_widths(eight, tmp_path / "widths.csv")
    header, *lines = file.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("8,4,"))
    fields = lines[at].split(",")
    fields[header.split(",").index(column)] = value
    lines[at] = ",".join(fields)
    file.write_text("\n".join([header, *lines]) + "\n")
    found = gf.verify_widths(file)
    assert not found.holds
    assert {(k, n) for k, n, _ in found.failed} == {(8, 4)}
    # a center that is moved carries its own statements with it
    assert ("perturbed_index" if column == "own" else column) in {name for _, _, name in found.failed}
    assert "k = 8, n = 4" in str(found)


def test_a_table_is_the_same_after_its_file(eight, tmp_path):
    again = gf.read_certified_widths(gf.write_certified_widths(eight, tmp_path / "widths.csv"))
    assert again.rows == eight.rows
    assert gf.verify_widths(again).holds


def test_a_table_with_a_byte_order_mark_is_read(eight, tmp_path):
    path = gf.write_certified_widths(eight, tmp_path / "widths.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert gf.read_certified_widths(path).rows == eight.rows


def test_a_table_that_cannot_be_read_is_refused_with_its_line(eight, tmp_path):
    file = gf.write_certified_widths(eight, tmp_path / "widths.csv")
    text = file.read_text()
    file.write_text(text.replace("8,4,", "8,9,"))
    with pytest.raises(ValueError, match="line 4"):
        gf.read_certified_widths(file)
    file.write_text(text.replace("radius", "reach"))
    with pytest.raises(ValueError, match="its first line"):
        gf.verify_widths(file)


@pytest.mark.parametrize(("k", "widths"), [(8, [8]), (8, [1]), (2, None), (10**6, None)])
def test_widths_that_are_none_are_refused(k, widths):
    with pytest.raises(ValueError, match="certify_widths"):
        gf.certify_widths(k, widths)


def test_the_table_of_the_theorem_is_complete_and_says_what_is_known():
    found = gf.read_certified_widths(TABLE)
    assert len(found.rows) == 4851
    assert not found.missing(100)
    for k, (minimum, below, saddle) in FIRST.items():
        assert found.perturbed_minima(k) == tuple(range(minimum, k))
        assert found.lower(k, "P-n-C") == tuple(range(below or k, k))
        assert found.copy_average_minima(k) == tuple(range(2, saddle or k))
    # reference.md: a saddle of index m - 1 = k - n
    assert "Where C-A is no minimum, at 423 pairs, its index is m - 1 = k - n." in str(found)
    assert "C-A has the lower loss at 1638 of them, P-n-C at 776." in str(found)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(3, 2), (40, 3), (71, 44), (100, 2), (100, 99)])
def test_rows_of_the_table_of_the_theorem_are_proved_again(k, n):
    found = gf.read_certified_widths(TABLE)
    (row,) = (row for row in found.rows if (row.k, row.n) == (k, n))
    assert unproved_statements(row) == ()


def test_ranges_of_widths_are_named():
    assert ranges([7, 3, 4, 5]) == "3-5, 7"
    assert ranges([]) == "none"
