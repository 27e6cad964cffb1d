"""JSON that may be a stranger's: its size, its depth and its numbers are bounded before it is parsed."""

import itertools
import json
import math
import re
from collections import Counter
from typing import Any

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
# float64 has 25 characters, integers that are meant have fewer digits; longer ones take time that grows like the square
_LONGEST_NUMBER = 40


def bounded_json(content: bytes, *, deepest: int, most: int) -> Any:
    """What JSON says, if it has at most so many values, nested no deeper. Numbers are finite, no field stands twice.

    Raises `ValueError` with what is wrong.
    """
    outside = _STRING.sub(b"", content)
    brackets = outside.translate(None, _ALL_BUT_BRACKETS)
    # every value but the first follows a comma or opens with its container
    if outside.count(b",") + len(brackets) > most:
        raise ValueError(f"it has more than {most} values")
    depth = max(itertools.accumulate(map(_STEPS.__getitem__, brackets)), default=0)
    if depth > deepest:
        raise ValueError(f"it is nested {depth} deep, where {deepest} is the most")
    try:
        return json.loads(
            content.decode("utf-8"),
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON from line {error.lineno}, column {error.colno} on") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is no text in UTF-8") from error


def _integer(text: str) -> int:
    return int(_short(text))


def _float(text: str) -> float:
    found = float(_short(text))
    if not math.isfinite(found):
        raise ValueError(f"the number {text} is beyond all of float64")
    return found


def _short(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} characters, where {_LONGEST_NUMBER} are the most")
    return text


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the field {twice[:_LONGEST_NUMBER]!r} stands twice")
    return found
