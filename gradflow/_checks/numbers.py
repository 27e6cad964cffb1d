"""Numbers and words: within their bounds."""

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._errors import WrongType, WrongValue

# of an int64: what counts beyond it fits into no array and no loop
LARGEST_COUNT = 2**63 - 1
_LARGEST = Fraction(np.finfo(np.float64).max)


def count(verb: str, name: str, value: Any, example: str, *, least: int = 1, most: int = LARGEST_COUNT) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise WrongType(f"{verb}: {name} must be an integer, got {shown(value)}. Write {example}.")
    if value < least:
        raise WrongValue(f"{verb}: {name} must be at least {least}, got {shown(value)}. Write {example}.")
    if value > most:
        raise WrongValue(f"{verb}: {name} must be at most {most}, got {shown(value)}. Write {example}.")
    return int(value)


def place(verb: str, name: str, value: Any, length: int) -> int:
    """Where something stands among so many; −1 is the last."""
    if length == 0:
        raise WrongValue(f"{verb}: {name} must be the number of one of several, and there are none.")
    return count(verb, name, value, f"{name}=0", least=-length, most=length - 1)


def flag(verb: str, name: str, value: Any) -> bool:
    """Yes or no; a number or a text that happens to be true is a slip."""
    if not isinstance(value, bool | np.bool_):
        raise WrongType(f"{verb}: {name} must be True or False, got {shown(value)}. Write {name}=True.")
    return bool(value)


def tolerance(
    verb: str, name: str, value: Any, *, zero: bool = False, floor: float = 0.0, line: str | None = None
) -> float:
    """A positive finite number, or zero where that has a meaning; not below `floor`."""
    advice = f" Write {line or f'{name}=1e-3'}."
    number = _float(verb, name, value, advice)
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        expected = "a finite number that is not negative" if zero else "a positive finite number"
        raise WrongValue(f"{verb}: {name} must be {expected}, got {shown(value)}.{advice}")
    if number < floor:
        raise WrongValue(
            f"{verb}: {name} = {value} lies below rounding; float64 resolves no less than {floor:.1e}. "
            f"Write {name}={floor:.0e} or more."
        )
    return number


def number(verb: str, name: str, value: Any) -> float:
    """Any finite number."""
    found = _float(verb, name, value, f" Write {name}=1.0.")
    if not math.isfinite(found):
        raise WrongValue(f"{verb}: {name} must be a finite number, got {shown(value)}. Write {name}=1.0.")
    return found


def exact_number(verb: str, name: str, value: Any, line: str) -> Fraction:
    """A finite number as a fraction."""
    if isinstance(value, np.integer | np.floating):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | Decimal):
        raise WrongType(f"{verb}: {name} must be a number, got {shown(value)}. Write {line}.")
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise WrongValue(f"{verb}: {name} must be a finite number, got {shown(value)}. Write {line}.")
    return Fraction(value)


def ascending(verb: str, name: str, lower: Fraction, upper: Fraction, line: str) -> None:
    """Two ends of an interval, which may be one."""
    if lower > upper:
        raise WrongValue(f"{verb}: {name} must ascend, got {shown(lower)} and {shown(upper)}. Write {line}.")


def within_float64(verb: str, name: str, values: Iterable[Fraction], instead: str) -> None:
    """Numbers that can be rounded to float64; `instead` has them all."""
    if any(abs(value) > _LARGEST for value in values):
        raise WrongValue(f"{verb}: {name} must lie within float64, up to {float(_LARGEST):.2e}. Write {instead}.")


def text(verb: str, name: str, value: Any, line: str) -> str:
    """A text, such as a label."""
    if not isinstance(value, str):
        raise WrongType(f"{verb}: {name} must be a text, got {shown(value)}. Write {line}.")
    return str(value)


def choice(verb: str, name: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(repr(word) for word in choices)
        kind = WrongValue if isinstance(value, str) else WrongType
        raise kind(f"{verb}: {name} must be one of {listed}, got {shown(value)}. Write {name}={choices[0]!r}.")
    return str(value)


def _float(verb: str, name: str, value: Any, advice: str) -> float:
    """A real number; an integer beyond all floats is infinite."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise WrongType(f"{verb}: {name} must be a number, got {shown(value)}.{advice}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
