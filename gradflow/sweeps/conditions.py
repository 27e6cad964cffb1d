"""Which rows of an index fulfil a condition; a value that no run has is refused or told, never passed over."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool

from gradflow import _checks
from gradflow._result_names import RESULT_NAMES
from gradflow.critical_points import Kind
from gradflow.proofs import Statement
from gradflow.sweeps.grid import Asked

OUTCOMES = ("C-A", "P-n-C", "other", Kind.CHANNEL.value, Kind.MINIMUM_AT_INFINITY.value, "failed")
# what a run may be, whether or not one of these is: none of them is a slip
_WORDS = {
    "outcome": OUTCOMES,
    "kind": (*(kind.value for kind in Kind), "failed"),
    "result": (*RESULT_NAMES, "crashed", "failed"),
    "configuration": ("P-n-C", "other", ""),
    "certified": (*(statement.value for statement in Statement), ""),
}
_COUNTS = ("index", "nullity", "certified_index")


def fulfilled(
    name: str, value: Any, columns: Mapping[str, np.ndarray], planned: Callable[[], Asked]
) -> Bool[np.ndarray, " run"]:
    """The rows in which a column is the value, or one of the values. `planned` are the runs that were asked for."""
    column = _checks.column("where", name, columns)
    wanted = _checks.wanted("where", name, value, column)
    chosen = np.zeros(len(column), dtype=bool)
    for one in wanted:
        # where a number does not apply it is NaN, which equals nothing
        rows = np.isnan(column) if one != one and column.dtype.kind == "f" else column == one
        if not np.any(rows) and not _may_be(name, one, column, planned):
            _checks.no_run_has("where", name, one, column, _known(name))
        chosen |= rows
    if not np.any(chosen):
        said = " or ".join(map(_checks.said, wanted))
        there = _checks.there_are(_checks.occurring(column))
        warnings.warn(f"where: no run has {name} = {said}. {there}", stacklevel=4)
    return chosen


def _may_be(name: str, value: Any, column: np.ndarray, planned: Callable[[], Asked]) -> bool:
    """Whether a run may have a value, though none has it here."""
    if isinstance(value, str):
        return value in _known(name) or not (len(column) or _known(name))
    if value != value:  # NaN, where a number may not apply
        return column.dtype.kind == "f"
    if not len(column):
        return True
    if name in _COUNTS:
        return bool(value >= 0 and value % 1 == 0)
    return planned().has(name, value)


def _known(name: str) -> tuple[str, ...]:
    return _WORDS.get(name, ())
