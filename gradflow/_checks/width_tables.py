"""Certified widths, and tables of them."""

import csv
import io
import math
import os
import re
from typing import Any

from gradflow._checks.numbers import count
from gradflow._checks.reasons import why
from gradflow._errors import WrongType, WrongUse, WrongValue
from gradflow._files import plain_content

# all k up to 1,000; a line has about 130 characters
_LARGEST_TABLE = 2**26
# of the exact families
_WIDEST = 10**30
# of a center: 80 digits at most are written, of numbers whose sizes are between 1e-60 and 1e60
_NUMBER = re.compile(r"[+-]?\d{1,90}(?:\.\d{0,90})?([Ee][+-]?\d{1,3})?", re.ASCII)
# what an error may quote of a file
_QUOTED = 100
_EXAMPLE = "gf.certify_widths(range(3, 51))"


def widths_below(verb: str, ks: list[int], widths: list[Any] | None, most: int) -> list[tuple[int, int]]:
    """The pairs (k, n) with 2 ≤ n < k: all of them, or those of the widths that are chosen."""
    if widths is None:
        for k in ks:
            if k > most:
                raise WrongValue(f"{verb}: k = {k} has {k - 2} widths. Write widths=[{k // 5}, {k // 2}].")
        return [(k, n) for k in ks for n in range(2, k)]
    for k in ks:
        for n in widths:
            if count(verb, "each width", n, f"widths=[{max(k // 2, 2)}]", least=2) >= k:
                raise WrongValue(
                    f"{verb}: a width must be less than k = {k}, got {n}. Write widths=[{max(k // 2, 2)}]."
                )
    return [(k, int(n)) for k in ks for n in widths]


def widths_file(verb: str, path: Any, header: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a table that `write_certified_widths` wrote, at least one."""
    if not isinstance(path, str | os.PathLike):
        raise WrongType(f'{verb}: path must be the name of a file, got {path!r}. Write path="widths.csv".')
    try:
        text = plain_content(path, _LARGEST_TABLE).decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        if tuple(next(lines, ())) != header:
            raise WrongValue(
                f"{verb}: {path} is not a table of certified widths: its first line must be {','.join(header)}. Write "
                f"gf.write_certified_widths({_EXAMPLE}, path) to make one."
            )
        rows = []
        for line, fields in enumerate(filter(None, lines), start=2):
            # looked at one by one: a file of short lines would fill the memory
            if len(fields) != len(header):
                raise WrongValue(f"{verb}: line {line} of {path} has {len(fields)} fields in place of {len(header)}.")
            rows.append(dict(zip(header, fields, strict=True)))
    except WrongUse:
        raise
    except FileNotFoundError:
        raise WrongValue(
            f"{verb}: there is no file {path}. Write gf.write_certified_widths(found, {str(path)!r})."
        ) from None
    except (OSError, ValueError, csv.Error) as error:
        raise WrongValue(f"{verb}: {path} is not a table of certified widths: {why(error)}.") from error
    if not rows:
        raise WrongValue(f"{verb}: {path} has no rows. Write gf.write_certified_widths({_EXAMPLE}, {str(path)!r}).")
    return rows


def widths_row(verb: str, path: Any, line: int, error: Exception) -> ValueError:
    """A row that cannot be read."""
    return WrongValue(f"{verb}: line {line} of {path} cannot be read ({why(error)}).")


def widths_rows(verb: str, rows: Any, kind: type) -> None:
    """Rows of certified widths whose fields are what they should be."""
    if not isinstance(rows, tuple) or not all(isinstance(row, kind) for row in rows):
        raise WrongType(f"{verb}: rows must be a tuple of {kind.__name__}, got {_short(repr(rows))}. Write {_EXAMPLE}.")
    for number, row in enumerate(rows):
        if wrong := wrong_width(row):
            raise WrongValue(f"{verb}: row {number} of the table: {wrong}. Write {_EXAMPLE}.")


def wrong_width(row: Any) -> str:
    """What a row's fields cannot be, before anything is computed with them; empty if there is nothing."""
    if not (_is(row.k, int) and _is(row.n, int) and 2 <= row.n < row.k <= _WIDEST):
        return f"2 <= n < k <= {_WIDEST:.0e} does not hold for k = {_short(row.k)}, n = {_short(row.n)}"
    for name in ("copy_average_index", "perturbed_index"):
        value = getattr(row, name)
        if value is not None and not (_is(value, int) and abs(value) <= _WIDEST**2):
            return f"{name} must be an integer, got {_short(value)}"
    for name in ("copy_average_gap", "perturbed_gap", "radius"):
        value = getattr(row, name)
        if value is not None and not (_is(value, float) and math.isfinite(value)):
            return f"{name} must be a finite number, got {_short(value)}"
    if row.lower not in (None, "C-A", "P-n-C"):
        return f"unknown family {_short(row.lower)}"
    numbers = isinstance(row.center, tuple) and len(row.center) == 4
    if not (numbers and all(isinstance(number, str) and _is_number(number) for number in row.center)):
        return f"the center must be four numbers of at most 90 digits and of sizes up to 1e99, got {_short(row.center)}"
    return ""


def _is_number(text: str) -> bool:
    found = _NUMBER.fullmatch(text)
    return found is not None and abs(int((found.group(1) or "e0")[1:])) <= 99


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "an integer of many digits" if _is_long(value) else repr(value)
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "..."


def _is_long(value: Any) -> bool:
    """Python refuses to print these."""
    return isinstance(value, int) and value.bit_length() > 4 * _QUOTED
