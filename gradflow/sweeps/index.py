"""Columns of all records of a store, to list and filter a hundred thousand runs without opening their files.

The index is a file beside the records, made from them: it is brought up to date whenever it is read, and may be thrown
away at any time.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from gradflow._digest import digest_of
from gradflow._files import plain_content
from gradflow.identification.labels import label_of
from gradflow.sweeps.archive import Archive, bytes_of, packed
from gradflow.sweeps.certified import NUMBERS, WORDS, Certified, columns_of_none
from gradflow.sweeps.conditions import fulfilled
from gradflow.sweeps.grid import Asked
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import CERTIFICATES, Store

# raised whenever a column is added or changes its meaning: an older file is made anew
_VERSION = 3

_WORDS = ("result", "outcome", "kind", "configuration", "reason", "host", *WORDS)
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
    *NUMBERS,
)
_PLACES = ("k", "n", "run")
COLUMNS = (*_PLACES, *_WORDS, *_NUMBERS)


# beside the columns: the file's name of every record, and when it and its certificate were written
_STAMPS = ("stamp", "certificate_stamp")
_KEPT = (*COLUMNS, "name", *_STAMPS)
# of a reason, in a table whose rows are all as wide as the widest: a record has the rest
_LONGEST_REASON = 1000
# bytes of a file: so many, and so many for every run
_ALONE, _A_RUN = 2**20, 2**15

# when a record and its certificate were written, in nanoseconds; of what has no time
Stamps = tuple[int, int]
_UNKNOWN = -1


def _nothing_asked() -> Asked:
    return Asked((), ())


class Index:
    """One row a run, ordered by (k, n, run): arrays by column name in `columns`. Where a number does not apply (the
    index of a run that failed) it is NaN, where a word does not it is empty. `planned` says which runs were asked for.
    """

    def __init__(self, columns: Mapping[str, np.ndarray], planned: Callable[[], Asked] = _nothing_asked):
        self.columns, self.planned = dict(columns), planned

    def __len__(self) -> int:
        return len(self.columns["run"])

    def where(self, **conditions: Any) -> "Index":
        """The rows in which each named column is the given value, or one of the given ones: where(n=(3, 4),
        outcome="other").

        Raises `ValueError` for a column that there is not, and for a value that no run has, with those that occur.
        Where runs may have it and just none does (a class that is empty, a width that was asked for and is not run
        yet) it warns, and there are no rows of it.
        """
        chosen = self.mask(**conditions)
        return Index({name: column[chosen] for name, column in self.columns.items()}, self.planned)

    def mask(self, **conditions: Any) -> Bool[np.ndarray, " run"]:
        """Which rows fulfil all conditions."""
        chosen = np.ones(len(self), dtype=bool)
        for name, wanted in conditions.items():
            chosen &= fulfilled(name, wanted, self.columns, self.planned)
        return chosen


def row_of(record: Record, certified: Certified | None = None) -> dict[str, Any]:
    """A record's row, with what is proved of its end."""
    summary, flow = record.summary(), record.header["flow"] or {}
    return summary | {
        "reason": summary["reason"][:_LONGEST_REASON],
        "configuration": _label(record),
        "host": record.header.get("machine", {}).get("host", ""),
        "time": flow.get("time"),
        "steps": flow.get("steps"),
        "seconds": record.header["seconds"],
        **(columns_of_none() if certified is None else certified.columns()),
    }


def _label(record: Record) -> str:
    """ "C-A(1, 1, 1, 5)", "P-n-C", "other", or "" for a run that failed."""
    named = record.header["configuration"]
    return label_of(named["name"], named["partition"]) if named else ""


def index_of(store: Store) -> Index:
    """The index of a store, brought up to date: records that are new or have changed since, or whose certificates have,
    are read, the rest are not.
    A damaged record is set aside with a warning; a folder that cannot be written keeps its old index.
    """
    stamps = _stamps(store)
    kept = _read(store, len(stamps))
    stay = [] if kept is None else [row for row, (name, stamp) in enumerate(_names(kept)) if stamps.get(name) == stamp]
    if kept is None or not len(stay) == len(stamps) == len(kept["name"]):
        known = set() if kept is None else set(kept["name"][stay].tolist())
        made = _made(store, {name: stamp for name, stamp in stamps.items() if name not in known})
        joined = {name: made[name] if kept is None else np.concatenate([kept[name][stay], made[name]]) for name in made}
        order = np.lexsort([joined[name] for name in reversed(_PLACES)])
        kept = {name: column[order] for name, column in joined.items()}
        _write(store, kept)
    # when a record was written, in seconds since 1970: what was copied has another time than its run
    return Index({name: kept[name] for name in COLUMNS} | {"written": kept["stamp"] / 1e9}, store.asked)


def _names(kept: Mapping[str, np.ndarray]) -> Iterable[tuple[str, Stamps]]:
    stamps = zip(kept["stamp"].tolist(), kept["certificate_stamp"].tolist(), strict=True)
    return zip(kept["name"].tolist(), stamps, strict=True)


def _made(store: Store, fresh: Mapping[str, Stamps]) -> dict[str, np.ndarray]:
    """Columns of the records with these names."""
    records = {name: store.read_header(name) for name in fresh}
    found = {name: record for name, record in records.items() if record is not None}
    certified = {name: _certified(store, record) for name, record in found.items() if fresh[name][1]}
    return columns_of([row_of(record, certified.get(name)) for name, record in found.items()]) | {
        "name": np.array(list(found), dtype=str),
        "stamp": np.array([fresh[name][0] for name in found], dtype=np.int64),
        "certificate_stamp": np.array([fresh[name][1] for name in found], dtype=np.int64),
    }


def _certified(store: Store, header: Record) -> Certified | None:
    """Of the whole record: the certificate must be that of its end."""
    record = store.read(header.address)
    return None if record is None else store.certificate(record)


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


def _stamps(store: Store) -> dict[str, Stamps]:
    """Of every record by its name: when it was written, and its certificate (0 if there is none). One that is done
    again has another time.
    """
    proofs = {
        f"{entry.name.removesuffix('.json')}.npz": _stamp(entry) for entry in _entries(store.folder / CERTIFICATES)
    }
    return {
        entry.name: (_stamp(entry), proofs.get(entry.name, 0))
        for entry in _entries(store.folder / "records")
        if store.is_record(entry.name)
    }


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # of a store in which none has been made yet; that of records was listed when it was opened
        return []


def _stamp(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_mtime_ns
    except OSError:  # a link to nothing, or to itself: named where it is read
        return _UNKNOWN


def _read(store: Store, runs: int) -> dict[str, np.ndarray] | None:
    """The file's columns; None if there is none, or none that is whole, of this version and of this experiment."""
    try:
        archive = Archive(plain_content(store.folder / "index.npz", _ALONE + _A_RUN * runs))
        said = {name: archive.array(name) for name in ("version", "experiment", "digest")}
        if said["version"].tolist() != _VERSION or said["experiment"].tolist() != store.identity:
            return None
        columns = {name: archive.array(name) for name in _KEPT}
    except (OSError, ValueError):
        return None
    whole = all(column.ndim == 1 and column.dtype.kind == _kind(name) for name, column in columns.items())
    whole = whole and len({len(column) for column in columns.values()}) == 1
    return columns if whole and said["digest"].tolist() == digest_of(*columns.values()) else None


def _kind(name: str) -> str:
    """Of a column: integers, words or numbers, as NumPy calls them."""
    return "i" if name in (*_PLACES, *_STAMPS) else "f" if name in _NUMBERS else "U"


def _write(store: Store, columns: Mapping[str, np.ndarray]) -> None:
    kept = {name: columns[name] for name in _KEPT}
    said = {"version": _VERSION, "experiment": store.identity, "digest": digest_of(*kept.values())}
    members = {name: np.array(value) for name, value in said.items()} | kept
    store.write_index(packed({f"{name}.npy": bytes_of(array) for name, array in members.items()}))
