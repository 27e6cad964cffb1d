"""Numbers and words: within their bounds."""

import math
from typing import Any

import numpy as np

from gradflow._errors import WrongType, WrongValue


def count(verb: str, name: str, value: Any, example: str, *, least: int = 1, most: int | None = None) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise WrongType(f"{verb}: {name} must be an integer, got {value!r}. Write {example}.")
    if value < least:
        raise WrongValue(f"{verb}: {name} must be at least {least}, got {value}. Write {example}.")
    if most is not None and value > most:
        raise WrongValue(f"{verb}: {name} must be at most {most}, got {value}. Write {example}.")
    return int(value)


def tolerance(
    verb: str, name: str, value: Any, *, zero: bool = False, floor: float = 0.0, line: str | None = None
) -> float:
    """A positive finite number, or zero where that has a meaning; not below `floor`."""
    advice = "" if line is None else f" Write {line}."
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise WrongType(f"{verb}: {name} must be a number, got {value!r}.{advice}")
    number = float(value)
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        expected = "a finite number that is not negative" if zero else "a positive finite number"
        raise WrongValue(f"{verb}: {name} must be {expected}, got {value}.{advice}")
    if number < floor:
        raise WrongValue(
            f"{verb}: {name} = {value} lies below rounding; float64 resolves no less than {floor:.1e}. "
            f"Write {name}={floor:.0e} or more."
        )
    return number


def number(verb: str, name: str, value: Any) -> float:
    """Any finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise WrongType(f"{verb}: {name} must be a number, got {value!r}. Write {name}=1.0.")
    if not math.isfinite(value):
        raise WrongValue(f"{verb}: {name} must be a finite number, got {value}. Write {name}=1.0.")
    return float(value)


def choice(verb: str, name: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in choices:
        listed = ", ".join(repr(word) for word in choices)
        raise WrongValue(f"{verb}: {name} must be one of {listed}, got {value!r}. Write {name}={choices[0]!r}.")
    return str(value)
