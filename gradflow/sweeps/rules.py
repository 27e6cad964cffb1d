"""What plain data from a file must be: rules that are put together to what a whole file may say.

A rule takes the name of a value and the value, and raises `ValueError` with that name.
"""

import math
import re
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

# beyond it a float64 no longer tells integers apart
LARGEST = 2**53

# of a character: what has one cannot be printed
_HALF = re.compile("[\ud800-\udfff]")

Rule = Callable[[str, Any], None]


def _refuse(name: str, value: Any, expected: str) -> None:
    raise ValueError(f"{name} is {reprlib.repr(value)}, not {expected}")


def whole(least: int = 0, most: int = LARGEST) -> Rule:
    def check(name: str, value: Any) -> None:
        # a bool is an int
        if type(value) is not int or not least <= value <= most:
            _refuse(name, value, f"an integer from {least} to {most}")

    return check


def number(least: float = -math.inf) -> Rule:
    def check(name: str, value: Any) -> None:
        fits = math.isfinite(value) if type(value) is float else type(value) is int and abs(value) <= LARGEST
        if not fits or value < least:
            _refuse(name, value, "a finite number" + ("" if least == -math.inf else f" of at least {least:g}"))

    return check


def text(*words: str, like: str = "") -> Rule:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, str) or (words and value not in words):
            _refuse(name, value, "one of " + ", ".join(map(repr, words)) if words else "a text")
        if like and re.fullmatch(like, value) is None:
            _refuse(name, value, f"like {like}")
        if not value.isascii() and _HALF.search(value):
            _refuse(name, value, "a text")

    return check


def truth(name: str, value: Any) -> None:
    if type(value) is not bool:
        _refuse(name, value, "true or false")


def or_none(rule: Rule) -> Rule:
    def check(name: str, value: Any) -> None:
        if value is not None:
            rule(name, value)

    return check


def each(rule: Rule) -> Rule:
    """A list, each entry by the rule."""

    def check(name: str, value: Any) -> None:
        if not isinstance(value, list):
            _refuse(name, value, "a list")
        for entry in value:
            rule(name, entry)

    return check


def table(rule: Rule) -> Rule:
    """Names, each with a value by the rule."""

    def check(name: str, value: Any) -> None:
        if not isinstance(value, dict):
            _refuse(name, value, "a table of names and values")
        for key, entry in value.items():
            text()(f"{name}: name", key)
            rule(f"{name}.{key}", entry)

    return check


def fields(later: Mapping[str, Rule] | None = None, **rules: Rule) -> Rule:
    """These fields, each by its rule, and any others; those of `later` may be missing: older versions did not write
    them.
    """

    def check(name: str, value: Any) -> None:
        if not isinstance(value, dict):
            _refuse(name or "it", value, "a table of fields")
        missing = sorted(rules.keys() - value.keys())
        if missing:
            raise ValueError(f"{name or 'it'} has no {missing[0]}")
        for key, rule in (*rules.items(), *(later or {}).items()):
            if key in value:
                rule(f"{name}.{key}" if name else key, value[key])

    return check
