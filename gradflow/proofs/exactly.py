"""Numbers as text that is read back as the same number."""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

# the 4,000 digits that may be asked for are 13,300 bits, of a number of float64, whose exponents go to 1074; and their
# hexadecimal digits, with those that guard them
_LARGEST_EXPONENT = 20_000
_WRITTEN = re.compile(r"-?[0-9a-f]{1,4000}p-?[0-9]{1,5}")
# of all numbers of a center together: 64 MiB, a hundred thousand of two thousand bits
_MOST_BITS = 2**29
# 25 are written at most
_LONGEST_FLOAT = 40


def written(value: Fraction) -> str:
    """m/2^e as hexadecimal m and decimal e, "-1f3p-160"; these numbers are no others."""
    exponent = value.denominator.bit_length() - 1
    if value.denominator != 1 << exponent:
        raise RuntimeError(f"{value} is no fraction of a power of two: this is a bug in gradflow, please report it")
    return f"{value.numerator:x}p{-exponent}"


def read(text: str) -> Fraction:
    """Back from `written`. Raises `ValueError`."""
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
        raise ValueError("it is no number like '-1f3p-160', of at most 4,000 digits")
    mantissa, exponent = text.split("p")
    if abs(int(exponent)) > _LARGEST_EXPONENT:
        raise ValueError(f"an exponent of {exponent} is beyond {_LARGEST_EXPONENT}")
    return Fraction(int(mantissa, 16)) * Fraction(2) ** int(exponent)


def read_all(texts: list[str]) -> tuple[Fraction, ...]:
    """A list of them. Raises `ValueError`, for more than fit into memory too."""
    found, bits = [], 0
    for text in as_list(texts):
        number = read(text)
        bits += number.numerator.bit_length() + number.denominator.bit_length()
        if bits > _MOST_BITS:
            raise ValueError(f"numbers of more than {_MOST_BITS} bits together")
        found.append(number)
    return tuple(found)


def read_float(text: str) -> float:
    """Back from `float.hex`. Raises `ValueError`."""
    if not isinstance(text, str) or len(text) > _LONGEST_FLOAT:
        raise ValueError("it is no number like '0x1.8p-4'")
    return float.fromhex(text)


def as_list(value: Any) -> list[Any]:
    """A list of JSON. Raises `TypeError` for anything else."""
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, got {type(value).__name__}")
    return value


def written_array(values: np.ndarray) -> Any:
    """Float64 as nested lists of hexadecimal numbers."""
    return _each(values.tolist(), float.hex)


def read_vector(texts: Any) -> np.ndarray:
    """Back from `written_array` of a vector."""
    return np.array([read_float(text) for text in as_list(texts)], dtype=np.float64)


def read_matrix(texts: Any) -> np.ndarray:
    """Back from `written_array` of a matrix."""
    rows = [read_vector(row) for row in as_list(texts)]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows of different lengths")
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1 if rows else 0)


def _each(nested: Any, function: Callable[[Any], Any]) -> Any:
    return [_each(value, function) for value in nested] if isinstance(nested, list) else function(nested)
