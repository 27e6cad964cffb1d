"""Several things: a list, a range, a generator, but no text, and no end of them."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from gradflow._checks.descriptions import shown
from gradflow._errors import TooLarge, WrongType, WrongValue

# a list of more would take the memory, or for ever, before anything is done
MOST_THINGS = 1_000_000


def listed(verb: str, name: str, value: Any, example: str, *, empty: bool = False) -> list[Any]:
    """The things in the order in which they come, at least one unless `empty` says otherwise."""
    if isinstance(value, str | bytes | Mapping | type) or not isinstance(value, Iterable):
        raise WrongType(f"{verb}: {name} must be several, got {shown(value)}. Write {example}.")
    if getattr(value, "shape", None) == ():
        raise WrongType(f"{verb}: {name} must be several, got a single number. Write {example}.")
    found = list(islice(value, MOST_THINGS + 1))
    if len(found) > MOST_THINGS:
        raise TooLarge(f"{verb}: {name} names more than {MOST_THINGS:,} things. Write {example}.")
    if not found and not empty:
        raise WrongValue(f"{verb}: {name} is empty. Write {example}.")
    return found
