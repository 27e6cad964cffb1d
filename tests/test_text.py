"""Tables keep to a line and lose nothing; no number prints as minus zero."""

import ast
import re
from pathlib import Path

import pytest

import gradflow
from gradflow._text import LINE, between, folded, table, told

COUNTS = tuple(f"column {i}" for i in range(14))
SOURCES = sorted(Path(gradflow.__file__).parent.rglob("*.py"))


def words(text):
    return sorted(re.findall(r"[^\s-]+", text))


def test_a_table_that_fits_is_shown_as_it_is():
    assert table(("n", "runs", "failed"), [(1, 3, 0), (2, 3, 0)]) == (
        "n  runs  failed\n-  ----  ------\n1     3       0\n2     3       0"
    )


def test_a_wide_table_leaves_out_what_is_zero_or_empty_in_every_row_and_says_so():
    rows = [(n, *[0] * 6, 5, *[""] * 3, "x", 0, "-") for n in (1, 2)]
    lines = table(COUNTS, rows).splitlines()
    assert lines[0].split("  ") == ["column 0", "column 7", "column 11"]
    assert lines[-2] == f"0 in every row: {', '.join(COUNTS[i] for i in (1, 2, 3, 4, 5, 6, 12))}"
    assert lines[-1] == f"empty in every row: {', '.join(COUNTS[i] for i in (8, 9, 10, 13))}"


def test_a_key_is_never_left_out():
    assert table(COUNTS, [[0] * 14]).splitlines() == [
        "column 0",
        "--------",
        "       0",
        f"0 in every row: {', '.join(COUNTS[1:])}",
    ]


@pytest.mark.parametrize("columns", [2, 6, 14])
@pytest.mark.parametrize(
    "cell", ["a reason of several words that is longer than its neighbours", "0.0724526452036704687"]
)
def test_no_line_is_longer_than_a_line_and_every_cell_is_there(columns, cell):
    header = [f"column {i}" for i in range(columns)]
    rows = [[f"key{row}", *[f"{cell}{row}{i}" for i in range(1, columns)]] for row in range(2)]
    shown = table(header, rows)
    assert max(map(len, shown.splitlines())) <= LINE
    for row in rows:
        assert set(words(row[0])) <= set(words(shown))
        for one in row[1:]:
            assert set(words(one)) <= set(words(shown))


def test_each_table_that_goes_on_below_repeats_its_keys():
    shown = table(("k", "n", *COUNTS), [(8, 4, *[1.23456789012] * 14)], keys=2)
    tables = shown.split("\n\n")
    assert len(tables) > 1
    assert {part.split()[0] for part in tables} == {"k"}
    assert {part.split()[1] for part in tables} == {"n"}


def test_a_number_longer_than_a_line_is_not_broken():
    number = "0." + "1" * 150
    assert number in table(("", "value"), [("x", number)])


@pytest.mark.parametrize(
    ("lower", "upper", "shown"),
    [
        ("0.07245264520367046818", "0.07245264520367046819", "0.0724526452036704681[8, 9]"),
        ("9648.20665726479", "9648.2066572648", "9648.206657264[79, 80]"),
        ("-0.00176851", "-0.00176848", "-0.001768[51, 48]"),
        ("1.234567E-42", "1.234589E-42", "1.2345[67, 89]E-42"),
        # nothing shared, or next to nothing: both in full
        ("-5.72942E-42", "6.26752E-42", "[-5.72942E-42, 6.26752E-42]"),
        ("9.99999", "10.0001", "[9.99999, 10.0001]"),
        ("1.23456E-42", "1.23459E-41", "[1.23456E-42, 1.23459E-41]"),
        ("0.0718", "0.0731", "[0.0718, 0.0731]"),
        ("0.25", "0.25", "0.25"),
    ],
)
def test_the_digits_that_two_numbers_share_stand_once(lower, upper, shown):
    assert between(lower, upper) == shown


def test_what_rounding_does_not_tell_from_zero_is_zero():
    assert [told(value, 1e-15, "z.4f") for value in (-1e-16, 1e-15, -1e-6, 0.5)] == ["0", "0", "0.0000", "0.5000"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(SOURCES[0].parent)))
def test_no_format_of_decimals_can_print_minus_zero(file):
    """A fixed number of decimals rounds a small negative number to -0.00 unless its format has a z."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            form = "".join(part.value for part in node.format_spec.values if isinstance(part, ast.Constant))
            signed = "seconds" not in ast.unparse(node.value)
            assert not (signed and re.search(r"(?<!z)\.\d*f$", form)), f"line {node.lineno}: {form}"


def test_a_sentence_is_folded_and_nothing_of_it_is_lost():
    text = "gamma1 = 0.408 [0.394, 0.420]: " + "the shares scatter more than a curve allows " * 4
    assert max(map(len, folded(text).splitlines())) <= LINE
    assert folded(text).split() == text.split()


def test_a_stranger_s_text_moves_no_cursor():
    shown = table(("what", "says"), [("run", "fine\x1b[2J\x1b[H\nminimum\r\x07")])
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 3
    assert folded("one\x1b[31m\ntwo").startswith("one [31m two")
