"""What a word that nobody knows was likely meant to be."""

from collections.abc import Iterable

# a part of a name counts from here on: "tol" in "gradient_tolerance"
_SHORTEST = 3
_MOST = 3


def near(word: str, known: Iterable[str]) -> list[str]:
    """The known words that look like it, the nearest first: a slip in one of them, or a part of it."""
    import difflib

    lowered = {name.lower(): name for name in known}
    word = word.lower()
    found = difflib.get_close_matches(word, lowered, n=_MOST)
    if len(word) >= _SHORTEST:
        found += [name for name in lowered if (word in name or (len(name) >= _SHORTEST and name in word))]
    return [lowered[name] for name in dict.fromkeys(found)][:_MOST]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ ": did you mean 'rtol' or 'atol'?", or a full stop if nothing is near."""
    found = [repr(name) for name in near(word, known)]
    if not found:
        return "."
    return f": did you mean {', '.join(found[:-1])}{' or ' if found[1:] else ''}{found[-1]}?"
