"""Conditions on the columns of a table: columns that there are, and values that a run can have."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._checks.lists import listed
from gradflow._errors import WrongType, WrongValue
from gradflow._suggestions import did_you_mean, near

# values that a message lists
_LISTED = 8


def column(verb: str, name: str, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """One of a table's columns."""
    if name not in columns:
        meant = [*near(name, columns), "outcome"][0]
        raise WrongValue(
            f"{verb}: there is no column {name!r}, only {', '.join(columns)}{did_you_mean(name, columns)} "
            f"Write {_line(verb, meant, columns[meant])}."
        )
    return columns[name]


def wanted(verb: str, name: str, value: Any, found: np.ndarray) -> list[Any]:
    """The values that a column should have, one or several: words or numbers, as the column holds. "-" is a number that
    does not apply, as tables print it.
    """
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    several = several and getattr(value, "shape", None) != ()
    values = listed(verb, name, value, _line(verb, name, found), empty=True) if several else [value]
    if not values:
        raise WrongValue(f"{verb}: {name} names no value, got {shown(value)}. Write {_line(verb, name, found)}.")
    holds_words = found.dtype.kind == "U"
    try:
        return [_word(each) if holds_words else _number(each) for each in values]
    except (ValueError, TypeError, OverflowError):
        raise WrongType(
            f"{verb}: the column {name} holds {'words' if holds_words else 'numbers'}, got {shown(value)}. "
            f"Write {_line(verb, name, found)}."
        ) from None


def no_run_has(verb: str, name: str, value: Any, found: np.ndarray, known: Sequence[str]) -> None:
    """Refuse a value that no run has, and none can: with what was likely meant, and what there is."""
    every = occurring(found) or list(known)
    if isinstance(value, str):
        words = list(dict.fromkeys([*every, *known]))
        meant, hint = [*near(value, words), *every][0], did_you_mean(value, words)
    else:
        nearest = sorted(every, key=lambda one: abs(one - value))
        # a column that applies to no run, such as the radius of proofs where there are none
        meant, every = nearest[0] if nearest else "-", sorted(nearest[:_LISTED])
        exactly = ": numbers are compared exactly, and for a range there are the columns themselves."
        hint = exactly if found.dtype.kind == "f" else "."
    there = there_are(every) if every or not len(found) else "It applies to no run."
    raise WrongValue(f"{verb}: no run has {name} = {said(value)}{hint} {there} Write {verb}({name}={meant!r}).")


def occurring(found: np.ndarray) -> list[Any]:
    """The values of a column, each once: words, the most frequent first, or numbers."""
    if found.dtype.kind == "U":
        words, counts = np.unique(found, return_counts=True)
        return [str(words[place]) for place in np.argsort(-counts, kind="stable")]
    return list(np.unique(found[~np.isnan(found)] if found.dtype.kind == "f" else found).tolist())


def there_are(values: Sequence[Any]) -> str:
    """What a column has, in a sentence."""
    if not values:
        return "There are no runs."
    listed = ", ".join(map(said, values[:_LISTED]))
    return f"There {'is' if len(values) == 1 else 'are'} {listed}{', …' if len(values) > _LISTED else ''}."


def said(value: Any) -> str:
    """A word or a number as a table has it."""
    if isinstance(value, str):
        return value or "nothing"
    return "-" if value != value else f"{value:.15g}"


def _word(value: Any) -> str:
    """A word, or a member of an enumeration, which prints as one."""
    if not isinstance(value, str) and not hasattr(value, "_enumeration"):
        raise TypeError
    return str(value)


def _number(value: Any) -> float:
    value = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return math.nan if value == "-" else float(value)


def _line(verb: str, name: str, found: np.ndarray) -> str:
    example = (occurring(found) or ["other" if found.dtype.kind == "U" else 4])[0]
    return f"{verb}({name}={example!r})"
