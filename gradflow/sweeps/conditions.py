"""Which rows of an index fulfil a condition; a value that no run has is refused or told, never passed over."""

import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool

from gradflow import _checks
from gradflow._results import NAMES
from gradflow.critical_points import Kind
from gradflow.proofs import Statement
from gradflow.sweeps.address import Address

OUTCOMES = ("C-A", "P-n-C", "other", Kind.CHANNEL.value, "failed")
# what a run may be, whether or not one of these is: none of them is a slip
_WORDS = {
    "outcome": OUTCOMES,
    "kind": (*(kind.value for kind in Kind), "failed"),
    "result": (*NAMES, "crashed", "failed"),
    "configuration": ("P-n-C", "other", ""),
    "certified": (*(statement.value for statement in Statement), ""),
}
_COUNTS = ("index", "nullity", "certified_index")


def fulfilled(
    name: str, value: Any, columns: Mapping[str, np.ndarray], planned: Callable[[], Collection[Address]]
) -> Bool[np.ndarray, " run"]:
    """The rows in which a column is the value, or one of the values. `planned` are the runs that were asked for."""
    column = _checks.column("where", name, columns)
    chosen = np.zeros(len(column), dtype=bool)
    for one in _checks.wanted("where", name, value, column):
        # where a number does not apply it is NaN, which equals nothing
        rows = np.isnan(column) if one != one and column.dtype.kind == "f" else column == one
        if not np.any(rows):
            _missed(name, one, column, planned)
        chosen |= rows
    return chosen


def _missed(name: str, value: Any, column: np.ndarray, planned: Callable[[], Collection[Address]]) -> None:
    """No run has the value: told if one may, else refused."""
    known = _WORDS.get(name, ())
    if isinstance(value, str):
        possible = value in known or not (len(column) or known)
    elif value != value or name in _COUNTS:
        possible = value != value or (value >= 0 and value == int(value))
    else:
        possible = not len(column) or value in {getattr(address, name, None) for address in planned()}
    if not possible:
        _checks.no_run_has("where", name, value, column, known)
    there = _checks.there_are(_checks.occurring(column))
    warnings.warn(f"where: no run has {name} = {_checks.said(value)}. {there}", stacklevel=5)
