"""Why a file cannot be read is said of the file, and never in Python's words."""

import json
from pathlib import Path

import pytest

from gradflow._checks import why
from gradflow._errors import WrongType


def _raised(action):
    try:
        action()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda: {}["experiment"], "the field 'experiment' is missing"),
        (lambda: float("x"), "'x' is no number"),
        (lambda: int("4.5"), "'4.5' is no number"),
        (lambda: json.loads('{"k": 8,\n x}'), "it is no JSON from line 2, column 2 on"),
        (lambda: b"\xff".decode("utf-8"), "it is no text in UTF-8"),
        (lambda: [][0], "a field is not of the kind that gradflow writes"),
        (lambda: json.loads("null")["k"], "a field is not of the kind that gradflow writes"),
        (lambda: json.loads("null").k, "a field is not of the kind that gradflow writes"),
        (lambda: sorted([1, "x"]), "a field is not of the kind that gradflow writes"),
        (lambda: (lambda a: a)(b=1), "a field is not of the kind that gradflow writes"),
        (lambda: dict([json.loads("[1, 2, 3]")]), "a field is not of the kind that gradflow writes"),
        (lambda: {[]: 1}, "a field is not of the kind that gradflow writes"),
        (lambda: 1 // 0, "a field is not of the kind that gradflow writes"),
        (lambda: int("1" * 5000), "a number has too many digits"),
        (lambda: Path("/nowhere/file").read_text(), "No such file or directory"),
    ],
)
def test_an_error_of_python_is_a_sentence_about_the_file(action, said):
    assert why(_raised(action)) == said


def test_what_gradflow_says_itself_is_kept():
    assert why(WrongType("k must be an integer")) == "k must be an integer"
    assert why(ValueError("it has a class and no loss")) == "it has a class and no loss"


def test_what_is_long_is_cut_to_one_line():
    said = why(ValueError("x\n" * 1000))
    assert "\n" not in said
    assert len(said) < 250
