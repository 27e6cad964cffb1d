"""Laws of the initial weights: their fields, and the stored student that one of them starts from."""

import io
import json
import zipfile
import zlib
from typing import Any

import numpy as np

from gradflow._checks.files import named
from gradflow._checks.networks import network_shapes
from gradflow._checks.reasons import why
from gradflow._errors import WrongType, WrongValue
from gradflow._files import plain_content

# bytes of a record with the weights along its path; more than a machine can read
_LARGEST_RECORD = 2**33


def known_elsewhere(verb: str, init: Any, *, known: bool) -> None:
    """A law of initial weights that another process can make again."""
    if not known:
        raise WrongValue(
            f"{verb}: worker processes know gradflow's own initialisers only, got {init.label}. Write processes=1."
        )


def plain_fields(verb: str, law: str, fields: dict[str, Any]) -> None:
    """The fields of a law identify it in a store: they must be plain data (those that are laws are left out here)."""
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise WrongType(
            f"{verb}: the fields of {law} identify the experiment and must be numbers, strings, lists of them or other "
            f"laws ({error}). Write the law with such fields."
        ) from error


def record(verb: str, value: Any, line: str) -> str:
    """The path of a record, without a needless "./"."""
    return str(named(verb, "record", value, line))


def stored_student(verb: str, path: str, line: str) -> tuple[np.ndarray, np.ndarray]:
    """The final `weights` and `output` in a record: float64, finite, of shapes that fit."""
    try:
        with np.load(io.BytesIO(plain_content(path, _LARGEST_RECORD)), allow_pickle=False) as arrays:
            weights, output = arrays["weights"], arrays["output"]
    except FileNotFoundError as error:
        raise WrongValue(
            f"{verb}: there is no file {path!r}. Write {line} with a record of a sweep's store."
        ) from error
    except KeyError as error:
        raise WrongValue(
            f"{verb}: {path!r} has no arrays `weights` and `output`: it is no record of a run, or that of one that "
            f"crashed. Write {line} with the record of a run that ended."
        ) from error
    # what NumPy, zipfile and zlib raise for files that are damaged or something else
    except (OSError, EOFError, TypeError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise WrongValue(
            f"{verb}: {path!r} cannot be read as a record ({why(error)}). Write {line} with a "
            "record of a sweep's store."
        ) from error
    for name, array in (("weights", weights), ("output", output)):
        if array.dtype != np.float64 or not np.all(np.isfinite(array)):
            from gradflow._checks.arrays import finite, float64  # with JAX, which stores are read without

            finite(verb, name, float64(verb, name, array))
    network_shapes(weights, output)
    return weights, output


def same_student(verb: str, path: str, found: str, expected: Any) -> None:
    """A record holds the student that it held when the law was made."""
    if found != expected:
        raise WrongValue(
            f"{verb}: {path!r} holds another student than the one asked for: the SHA-256 of its arrays is {found}, "
            f"expected {expected!r}. Restore the file from a copy, or leave digest out for the student that it holds "
            "now, which is another experiment with a store of its own."
        )


def room_for(verb: str, path: str, stored: tuple[int, ...], asked: tuple[int, int]) -> None:
    """A student can grow, not shrink, and stays in its input dimension."""
    (neurons, dimension), (width, input_dimension) = stored, asked
    if input_dimension != dimension:
        raise WrongValue(
            f"{verb}: the student in {path!r} has input dimension {dimension}, asked for {input_dimension}. Write "
            f"d={dimension}, or a record of {input_dimension} dimensions."
        )
    if width < neurons:
        raise WrongValue(
            f"{verb}: the student in {path!r} has {neurons} neurons and cannot shrink to {width}. Write widths from "
            f"{neurons} on, or a record of at most {width} neurons."
        )


def known_here(label: str) -> None:
    """A law that is known by its description only cannot draw."""
    raise WrongValue(
        f"the initialiser {label} is not gradflow's, so that its weights cannot be drawn from a store's description. "
        "Write init=... with the law itself."
    )
