"""24 values, each for a family of things that a caller may hand over by mistake, and what may become of them."""

import contextlib
import math
import re
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

import gradflow as gf
from gradflow._errors import WrongUse


def _function(*arguments: object) -> str:
    return "what a function returns"


# made anew for every call: a generator is spent after one
VALUES: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "text": lambda: "no such thing",
    "bytes": lambda: b"bytes",
    "missing path": lambda: Path(__file__) / "no such file",
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "minus one": lambda: -1,
    "zero": lambda: 0,
    # beyond all floats, and beyond the digits that Python prints
    "endless integer": lambda: 10**5000,
    "largest float": lambda: 1e308,
    # an int64, and more than fits into memory where it is a size
    "trillion": lambda: 10**12,
    "complex": lambda: 1 + 2j,
    "true": lambda: True,
    "empty list": lambda: [],
    "ragged list": lambda: [[1.0], [2.0, 3.0]],
    "dict": lambda: {"weights": 1.0},
    "generator": lambda: (size for size in (1.5, "two")),
    "function": lambda: _function,
    "class": lambda: gf.TwoLayerNetwork,
    "object": lambda: object(),
    "float32": lambda: np.ones((2, 2), dtype=np.float32),
    "nan array": lambda: np.full(3, np.nan),
    "rank 3": lambda: np.ones((2, 1, 3)),
    # integers that float64 does not hold, and what NumPy makes of things it does not know
    "objects": lambda: np.array([2**60 + 1, None], dtype=object),
}

# which of them are right for a kind of parameter
FLAG = frozenset({"true"})
OPTIONAL = frozenset({"none"})
ANY_NUMBER = frozenset({"minus one", "zero", "largest float", "trillion"})
NOT_NEGATIVE = ANY_NUMBER - {"minus one"}
POSITIVE = NOT_NEGATIVE - {"zero"}
COUNT = frozenset({"trillion"})
COUNT_FROM_0 = COUNT | {"zero"}
NUMBERS = frozenset({"minus one", "zero", "largest float", "trillion", "rank 3", "empty list"})
FILE = frozenset()
ANYTHING = frozenset(VALUES)


@dataclass(frozen=True)
class Call:
    """A call that works, and which of the values are `right` for its parameters (none of them where it is not said).

    `slow` are right values with which it computes for seconds, parameter by parameter: the reduced walk leaves them
    out. Of `dear` calls it tries every third value of each parameter.
    """

    name: str
    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    right: Mapping[str, frozenset[str]]
    dear: bool = False
    slow: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def with_value(self, parameter: str, value: Any) -> Any:
        return self.function(**(dict(self.arguments) | {parameter: value}))

    def cases(self, *, reduced: bool = False) -> Iterator[tuple[str, str]]:
        """Every parameter with every value, or with fewer."""
        step = 3 if reduced and self.dear else 1
        for number, parameter in enumerate(self.arguments):
            for value in list(VALUES)[number % step :: step]:
                if not (reduced and value in self.slow.get(parameter, ())):
                    yield parameter, value


@dataclass(frozen=True)
class Outcome:
    """What became of a call: "refused" by us, "works", or what is wrong with it."""

    call: str
    parameter: str
    value: str
    said: str
    wrong: str | None

    def __str__(self) -> str:
        return f"{self.call}({self.parameter}={self.value}): {self.wrong or 'right'}: {self.said}"


def outcome(call: Call, parameter: str, value: str) -> Outcome:
    """Try a value in place of a parameter."""

    def found(said: str, wrong: str | None) -> Outcome:
        return Outcome(call.name, parameter, value, said, wrong)

    try:
        result = call.with_value(parameter, VALUES[value]())
    except WrongUse as error:
        return found(str(error), unclear(call.name, parameter, str(error)))
    # a run that was followed and failed says so itself, as one with right arguments may
    except gf.GradflowRuntimeError as error:
        return found(str(error), None if value in call.right.get(parameter, ()) else "was not refused")
    except Exception as error:  # whatever comes from inside is what is looked for
        return found(f"{type(error).__name__}: {str(error)[:200]}", "a raw error from inside")
    if value not in call.right.get(parameter, ()):
        return found(f"returned {type(result).__name__}", "was not refused")
    # NaN in, NaN out: where the values of an array are not looked at
    if "nan" not in value and holds_nan(result):
        return found(f"returned {type(result).__name__}", "returns NaN")
    return found("works", None)


# what only Python, NumPy, pydantic or click would say, or their words for what went wrong
SPOKEN_BY_OTHERS = re.compile(
    r"not supported between|__\w+__|unexpected keyword|"
    r"required positional|Input should be|allow_pickle|NoneType|has no attribute|unhashable|Traceback|"
    r"invalid literal|could not convert|not subscriptable|not iterable|values to unpack|JSONDecodeError|"
    r"(?:Key|Type|Value|Index|Attribute|Recursion|OS|Unicode\w*)Error"
)


def unclear(verb: str, parameter: str, message: str) -> str | None:
    """What a message lacks: one line, of a length that can be read, that names the call or the parameter and says what
    was expected or what to write.
    """
    if "\n" in message or len(message) > 700:
        return "more than a line"
    # a verb may pass on what another says: "read_certificate: …" of a path that was given to verify
    names = (verb, verb.rpartition(".")[2], parameter)
    begins = message.partition(":")[0] in gf.__all__
    if not begins and not any(re.search(rf"\b{re.escape(name)}\b", message) for name in names):
        return "names neither the call nor the parameter"
    if SPOKEN_BY_OTHERS.search(message):
        return "speaks as Python does, or another library"
    if not any(word in message for word in ("Write ", "Give ", "must ", "needs ", "expected", "Make ")):
        return "does not say what was expected"
    return None


def holds_nan(result: Any) -> bool:
    """Whether a number in a result is NaN."""
    leaves = jax.tree.leaves(eqx.filter(result, eqx.is_inexact_array_like))
    return any(bool(np.any(np.isnan(np.asarray(leaf)))) for leaf in leaves)


def walked(calls: Iterable[Call], folder: Path, *, reduced: bool) -> Iterator[Outcome]:
    """The outcomes of all calls with all values, in a `folder` that each of them finds empty."""
    with contextlib.chdir(folder), warnings.catch_warnings():
        # a value that is right may be told of something else
        warnings.simplefilter("ignore")
        for call in calls:
            for parameter, value in call.cases(reduced=reduced):
                yield outcome(call, parameter, value)
                for left in folder.iterdir():
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
