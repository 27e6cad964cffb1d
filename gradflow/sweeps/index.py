"""Columns of all records of a store, to list and filter a hundred thousand runs without opening their files.

The index is a file beside the records, made from them: it is brought up to date whenever it is read, and may be thrown
away at any time.
"""

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from gradflow import _checks
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store

# raised whenever a column is added or changes its meaning: an older file is made anew
_VERSION = 1

_WORDS = ("result", "outcome", "kind", "configuration", "reason", "host")
_NUMBERS = (
    "index",
    "nullity",
    "loss",
    "gradient_norm",
    "gradient_floor",
    "least_eigenvalue",
    "least_eigenvalue_error",
    "largest_eigenvalue",
    "time",
    "steps",
    "seconds",
)
_PLACES = ("k", "n", "run")
COLUMNS = (*_PLACES, *_WORDS, *_NUMBERS)


class Index:
    """One row a run, ordered by (k, n, run): arrays by column name in `columns`. Where a number does not apply (the
    index of a run that failed) it is NaN, where a word does not it is empty.
    """

    def __init__(self, columns: Mapping[str, np.ndarray]):
        self.columns = dict(columns)

    def __len__(self) -> int:
        return len(self.columns["run"])

    def where(self, **conditions: Any) -> "Index":
        """The rows in which each named column is the given value, or one of the given ones: where(n=(3, 4),
        outcome="other").
        """
        chosen = self.mask(**conditions)
        return Index({name: column[chosen] for name, column in self.columns.items()})

    def mask(self, **conditions: Any) -> Bool[np.ndarray, " run"]:
        """Which rows fulfil all conditions."""
        chosen = np.ones(len(self), dtype=bool)
        for name, wanted in conditions.items():
            column = _checks.column("where", name, self.columns)
            several = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
            chosen &= np.isin(column, np.array(several))
        return chosen


def row_of(record: Record) -> dict[str, Any]:
    """A record's row."""
    summary, flow = record.summary(), record.header["flow"] or {}
    return summary | {
        "configuration": label_of(record),
        "host": record.header.get("machine", {}).get("host", ""),
        "time": flow.get("time"),
        "steps": flow.get("steps"),
        "seconds": record.header["seconds"],
    }


def label_of(record: Record) -> str:
    """ "C-A(1, 1, 1, 5)", "P-n-C", "other", or "" for a run that failed."""
    named = record.header["configuration"]
    if not named:
        return ""
    return f"{named['name']}({', '.join(map(str, named['partition']))})" if named["partition"] else str(named["name"])


def index_of(store: Store) -> Index:
    """The index of a store, brought up to date: records that are new or have changed since are read, the rest are not.
    A damaged record is set aside with a warning; a folder that cannot be written keeps its old index.
    """
    stamps, kept = _stamps(store), _read(store)
    stay = [] if kept is None else [row for row, (name, stamp) in enumerate(_names(kept)) if stamps.get(name) == stamp]
    if kept is None or not len(stay) == len(stamps) == len(kept["name"]):
        known = set() if kept is None else set(kept["name"][stay].tolist())
        made = _made(store, {name: stamp for name, stamp in stamps.items() if name not in known})
        joined = {name: made[name] if kept is None else np.concatenate([kept[name][stay], made[name]]) for name in made}
        order = np.lexsort([joined[name] for name in reversed(_PLACES)])
        kept = {name: column[order] for name, column in joined.items()}
        _write(store, kept)
    # when a record was written, in seconds since 1970: what was copied has another time than its run
    return Index({name: kept[name] for name in COLUMNS} | {"written": kept["stamp"] / 1e9})


def _names(kept: Mapping[str, np.ndarray]) -> Iterable[tuple[str, int]]:
    return zip(kept["name"].tolist(), kept["stamp"].tolist(), strict=True)


def _made(store: Store, fresh: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Columns of the records with these names."""
    records = {name: store.read_header(name) for name in fresh}
    found = {name: record for name, record in records.items() if record is not None}
    return columns_of([row_of(record) for record in found.values()]) | {
        "name": np.array(list(found), dtype=str),
        "stamp": np.array([fresh[name] for name in found], dtype=np.int64),
    }


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    columns: dict[str, np.ndarray] = {}
    for name in COLUMNS:
        values = [row[name] for row in rows]
        if name in _PLACES:
            columns[name] = np.array(values, dtype=np.int64)
        elif name in _WORDS:
            columns[name] = np.array(["" if value is None else value for value in values], dtype=str)
        else:
            columns[name] = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return columns


def _stamps(store: Store) -> dict[str, int]:
    """Every record's name, and when it was written: a record that is done again has another time."""
    try:
        with os.scandir(store.folder / "records") as entries:
            return {entry.name: entry.stat().st_mtime_ns for entry in entries if store.is_record(entry.name)}
    except FileNotFoundError:  # a store in which no run has been done yet
        return {}


def _read(store: Store) -> dict[str, np.ndarray] | None:
    """The file's columns; None if there is none, or none that is whole, of this version and of this experiment."""
    try:
        with np.load(io.BytesIO((store.folder / "index.npz").read_bytes())) as file:
            columns = {name: file[name] for name in file.files}
        ours = int(columns["version"]) == _VERSION and str(columns["experiment"]) == store.identity
        return columns if ours and {*COLUMNS, "name", "stamp"} < columns.keys() else None
    # all that zipfile, zlib and NumPy were seen to raise for damaged files
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, LookupError, EOFError, AttributeError):
        return None


def _write(store: Store, columns: Mapping[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, version=np.array(_VERSION), experiment=np.array(store.identity), **columns)
    store.write_index(buffer.getvalue())
