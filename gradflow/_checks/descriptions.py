"""How a value that was given stands in a message: on one line, of a length that can be read, whatever it is."""

import math
import os
import reprlib
from typing import Any

# of an integer that is longer only the number of its digits is said; Python itself refuses to print 4,300
_MOST_DIGITS = 40
# of anything else; texts are often paths, which are no use cut short
_LONGEST, _LONGEST_TEXT = 100, 300


class _Shown(reprlib.Repr):
    """`repr`, cut short, and safe for objects whose own `repr` fails."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring, self.maxother = _LONGEST_TEXT, _LONGEST
        self.maxlong = _MOST_DIGITS

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, type):
            return f"the class {x.__name__}"
        if isinstance(x, os.PathLike):
            return self.repr1(os.fspath(x), level)
        # arrays of whatever library, JAX's traced ones too
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            return f"an array {x.dtype}{list(x.shape)}" if getattr(x, "ndim", 0) else str(x)
        return super().repr1(x, level)

    def repr_int(self, x: Any, level: int) -> str:
        size = x.bit_length() * math.log10(2)
        return f"an integer of {math.ceil(size)} digits" if size > _MOST_DIGITS else repr(x)


_SHOWN = _Shown()


def shown(value: Any) -> str:
    """A value in a few words."""
    text = " ".join(_SHOWN.repr(value).split())
    return text if len(text) <= _LONGEST_TEXT + 2 else f"{text[:_LONGEST]}…"
