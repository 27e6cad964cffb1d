"""Numbers as text that is read back as the same number."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

# the product of a few numbers of float64, whose exponents go to 1074; a wrong one would fill the memory
_LARGEST_EXPONENT = 100_000


def written(value: Fraction) -> str:
    """m/2^e as hexadecimal m and decimal e, "-1f3p-160"; these numbers are no others."""
    exponent = value.denominator.bit_length() - 1
    if value.denominator != 1 << exponent:
        raise RuntimeError(f"{value} is no fraction of a power of two: this is a bug in gradflow, please report it")
    return f"{value.numerator:x}p{-exponent}"


def read(text: str) -> Fraction:
    """Back from `written`. Raises `ValueError`."""
    mantissa, exponent = text.split("p")
    if abs(int(exponent)) > _LARGEST_EXPONENT:
        raise ValueError(f"an exponent of {exponent} is beyond {_LARGEST_EXPONENT}")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def written_array(values: np.ndarray) -> Any:
    """Float64 as nested lists of hexadecimal numbers."""
    return _each(values.tolist(), float.hex)


def read_array(texts: Any) -> np.ndarray:
    """Back from `written_array`."""
    return np.array(_each(texts, float.fromhex))


def _each(nested: Any, function: Callable[[Any], Any]) -> Any:
    return [_each(value, function) for value in nested] if isinstance(nested, list) else function(nested)
