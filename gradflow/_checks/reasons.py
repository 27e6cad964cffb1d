"""Why a file cannot be read, in words of the file: never those of Python about the code that reads it."""

import json
import re

from gradflow._errors import WrongUse

_NUMBER = re.compile(
    r"(?:could not convert string to float: |invalid literal for \w+\(\) with base \d+: |"
    r"Invalid literal for Fraction: )(?P<value>.+)",
    re.DOTALL,
)
_SHAPES = re.compile("too many values to unpack|not enough values to unpack|dictionary update sequence")
_MOST_SAID = 200


def why(error: BaseException) -> str:
    """A sentence's part, on one line."""
    if isinstance(error, WrongUse):  # has its words
        return str(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON from line {error.lineno}, column {error.colno} on"
    if isinstance(error, UnicodeError):
        return "it is no text in UTF-8"
    if isinstance(error, KeyError):
        return f"the field {error.args[0]!r} is missing" if error.args else "a field is missing"
    if isinstance(error, TypeError | AttributeError | LookupError | ArithmeticError):
        return "a field is not of the kind that gradflow writes"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    said = " ".join(str(error).split())
    if _SHAPES.match(said):
        return "a field is not of the kind that gradflow writes"
    if "integer string conversion" in said:
        return "a number has too many digits"
    if not said or "pickle" in said:
        return "it is not such as gradflow writes"
    matched = _NUMBER.fullmatch(said)
    said = said if matched is None else f"{matched['value']} is no number"
    return said if len(said) <= _MOST_SAID else f"{said[:_MOST_SAID]}..."
