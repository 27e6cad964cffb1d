"""What the header of a record says: every field with what it may be, in one place.

A header is checked as a whole before anything is made of it, and its digest with it. What is not listed here may stand
in it and means nothing: a newer gradflow may add fields. One that gives a field another meaning, or another word, has
another schema.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradflow._json import bounded_json
from gradflow._result_names import RESULT_NAMES
from gradflow.critical_points.kind import Kind
from gradflow.identification.kind import NeuronKind
from gradflow.sweeps.rules import each, fields, number, or_none, table, text, whole

# of a record's header; raised when a reader of the older one would misread it
SCHEMA = 1

EXTREMES = ("least_eigenvalue", "least_eigenvalue_error", "largest_eigenvalue")
# a header within a header's configuration within a neuron, and room; a million neurons of six fields each
_DEEPEST, _MOST_VALUES = 12, 2**23
# what a place in the grid may be, as it is checked when a run is asked for
_LARGEST_PLACE = 2**32 - 1


class NewerRecord(ValueError):
    """A record that a newer gradflow has written."""


def header_of(content: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """A header as it was given to `header_bytes`, and the digests of the arrays; of an older record that has none, its
    extreme eigenvalues are missing. Raises `NewerRecord`, and `ValueError` for any that does not fit.
    """
    try:
        header = bounded_json(content, deepest=_DEEPEST, most=_MOST_VALUES)
        if not isinstance(header, dict):
            raise ValueError("no table of fields")
        schema = header.get("schema", SCHEMA)
        whole()("schema", schema)
        if schema > SCHEMA:
            raise NewerRecord(f"record schema {schema}, known here {SCHEMA}")
        # older records, from before `compile_seconds`, have none: of those the digests of the arrays alone are known
        digest = header.pop("digest", None)
        if digest != _digest(header) if digest is not None else "compile_seconds" in header:
            raise ValueError("not the one that was written")
        _HEADER("", header)
    except NewerRecord:
        raise
    except ValueError as error:
        raise ValueError(f"its header: {error}") from error
    _require_consistent(header)
    return header, header.pop("arrays")


def header_bytes(header: Mapping[str, Any], arrays: Mapping[str, str]) -> bytes:
    """A header as it stands in its file, with the digests of the arrays and its own."""
    said = {**header, "arrays": dict(arrays)}
    return json.dumps(said | {"digest": _digest(said)}, sort_keys=True, indent=1, allow_nan=False).encode()


def _digest(header: Any) -> str:
    """SHA-256 of the canonical JSON of all other fields."""
    return hashlib.sha256(
        json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    ).hexdigest()


def require_arrays(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Arrays of the sizes that the header's k and n, and one another, allow. Raises `ValueError`."""
    k, n = header["k"], header["n"]
    missing = [name for name in _ALWAYS if name not in arrays]
    if header["classification"] is not None:
        missing += [name for name in _OF_A_CLASS if name not in arrays]
    for names in _TOGETHER:
        if not arrays.keys().isdisjoint(names):
            missing += [name for name in names if name not in arrays]
    if missing:
        raise ValueError(f"it has no {missing[0]}")
    d = arrays["initial_weights"].shape[-1] if arrays["initial_weights"].ndim else 0
    if d < k:
        raise ValueError(f"its initial weights have {d} dimensions, and its teacher {k}")
    steps, known = (arrays[name].size if name in arrays else 0 for name in ("times", "eigenvalues"))
    if known > n * (d + 1):
        raise ValueError(f"it has {known} eigenvalues of {n * (d + 1)} parameters")
    expected = {
        "initial_weights": (n, d),
        "initial_output": (n,),
        "weights": (n, d),
        "output": (n,),
        "times": (steps,),
        "losses": (steps,),
        "gradient_norms": (steps,),
        "eigenvalues": (known,),
        "eigenvalue_error": (known,),
        "path_weights": (steps, n, d),
        "path_output": (steps, n),
    }
    for name, array in arrays.items():
        if name in expected and (array.shape != expected[name] or array.dtype.kind != "f"):
            raise ValueError(f"its {name} are not numbers of shape {expected[name]}")
    classified = header["classification"] is not None
    for name in (*_ALWAYS, *(_OF_A_CLASS[:3] if classified else ())):
        if not np.all(np.isfinite(arrays[name])):
            raise ValueError(f"its {name} are not all finite")
    # not told from zero by an infinite bound, but by a bound
    if classified and not np.all(arrays["eigenvalue_error"] >= 0):
        raise ValueError("its eigenvalue_error are no bounds")
    times = arrays.get("times")
    if times is not None and not (times.size and times[0] == 0 and np.all(times[1:] >= times[:-1])):
        raise ValueError("its times do not begin at 0 and grow")


# arrays that every record has, those of one whose end has a class, and those of which none is without the others
_ALWAYS = ("initial_weights", "initial_output")
_OF_A_CLASS = ("weights", "output", "eigenvalues", "eigenvalue_error")
_TOGETHER = (
    ("weights", "output"),
    ("times", "losses", "gradient_norms"),
    ("eigenvalues", "eigenvalue_error"),
    ("path_weights", "path_output"),
)


def _require_consistent(header: Mapping[str, Any]) -> None:
    """What one field says of another."""
    verdict, named = header["classification"], header["configuration"]
    if (verdict is None) != (named is None):
        raise ValueError("its header has one of classification and configuration, without the other")
    if verdict is None or named is None:
        return
    if header["point"] is None or header["loss"] is None:
        raise ValueError("its header has a classification of no point")
    if len(named["neurons"]) not in (0, header["n"]):
        raise ValueError(f"its header names {len(named['neurons'])} neurons of {header['n']}")
    if any(j >= header["k"] for neuron in named["neurons"] for j in neuron["teachers"]):
        raise ValueError("its header names a teacher that there is not")
    partition = named["partition"]
    if (partition is not None) != (named["name"] == "C-A"):
        raise ValueError("its header has a partition of no C-A, or a C-A without one")
    if partition is not None and (len(partition) > header["n"] or sum(partition) != header["k"]):
        raise ValueError("its header's partition is none of its teachers among its students")


_A_NUMBER = or_none(number())
_RESULT = text(*RESULT_NAMES, "crashed")

_FLOW = fields(
    result=_RESULT,
    time=or_none(number(least=0.0)),
    steps=whole(),
    rejected=whole(),
    gradient_norm=_A_NUMBER,
    later={"seconds": _A_NUMBER},
)
_POINT = fields(
    result=_RESULT,
    gradient_norm=_A_NUMBER,
    gradient_floor=_A_NUMBER,
    newton_step=_A_NUMBER,
    moved=_A_NUMBER,
    loss_floor=_A_NUMBER,
)
CLASSIFICATION = fields(
    kind=text(*(kind.value for kind in Kind)),
    reason=text(),
    index=whole(),
    nullity=whole(),
    later=dict.fromkeys(EXTREMES, _A_NUMBER),
)
_NEURON = fields(
    kind=text(*(kind.value for kind in NeuronKind)),
    teachers=each(whole()),
    cosine=_A_NUMBER,
    norm=_A_NUMBER,
    output=_A_NUMBER,
)
_CONFIGURATION = fields(
    name=text("C-A", "P-n-C", "other"),
    partition=or_none(each(whole(least=1))),
    distance=_A_NUMBER,
    neurons=each(_NEURON),
)
_HEADER = fields(
    experiment=text(like="[0-9a-f]{16}"),
    k=whole(least=1, most=_LARGEST_PLACE),
    n=whole(least=1, most=_LARGEST_PLACE),
    run=whole(most=_LARGEST_PLACE),
    result=_RESULT,
    message=text(),
    loss=_A_NUMBER,
    flow=or_none(_FLOW),
    point=or_none(_POINT),
    classification=or_none(CLASSIFICATION),
    configuration=or_none(_CONFIGURATION),
    seconds=_A_NUMBER,
    versions=table(text()),
    arrays=table(text(like="[0-9a-f]{64}")),
    later={
        "schema": whole(),
        "changes": table(number()),
        "time_limit": _A_NUMBER,
        "machine": fields(host=text()),
        "compile_seconds": number(least=0.0),
    },
)
