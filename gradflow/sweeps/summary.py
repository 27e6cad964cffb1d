"""A sweep in one small text file: what became of every run, without weights and spectra. For a paper's appendix."""

import csv
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._writing import written_whole
from gradflow.critical_points import Kind
from gradflow.sweeps.address import Address
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.experiment import from_description
from gradflow.sweeps.header import CLASSIFICATION
from gradflow.sweeps.record import Record
from gradflow.sweeps.rules import fields, number, or_none, text, truth, whole

_FIELDS = (
    "n",
    "run",
    "configuration",
    "partition",
    "kind",
    "index",
    "nullity",
    "loss",
    "gradient_norm",
    "gradient_floor",
    "least_eigenvalue",
    "least_eigenvalue_error",
    "reason",
)


def write_summary(diagram: Checked[PhaseDiagram], path: Checked[str | os.PathLike[str]]) -> Path:
    """Write a diagram as comma-separated values, a line a run, under a first line with the experiment as JSON.

    Some 120 bytes a run; `gf.read_summary` gives the diagram back, with all that its table and its figure need.
    """
    _checks.instance("write_summary", "diagram", diagram, PhaseDiagram, "gf.write_summary(diagram, 'k50.csv')")
    target = _checks.path_to_write("write_summary", path, "k50.csv")
    described = {
        "experiment": diagram.experiment.description(),
        "k": diagram.k,
        "complete": diagram.complete,
        "runs": len(diagram.records),
    }
    with written_whole(target) as written, open(written, "w", newline="", encoding="utf-8") as file:
        file.write(f"# {json.dumps(described, sort_keys=True)}\n")
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(_FIELDS)
        # 12 digits: the rest is rounding
        lines.writerows(
            [_text(_plain(record).get(name)) for name in _FIELDS]
            for record in sorted(diagram.records, key=lambda record: record.address)
        )
    return target


def read_summary(path: Checked[str | os.PathLike[str]]) -> PhaseDiagram:
    """The diagram in a file that `gf.write_summary` has written. Its records have no weights and no spectra; raises
    `ValueError` for another file, and for one that is cut off or damaged.
    """
    described, lines = _checks.summary_lines("read_summary", path)
    try:
        _FIRST("", described)
        plan, k = from_description(described["experiment"], to_draw=False), described["k"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        _checks.damaged_line("read_summary", path, 1, error)
    records = []
    for line, row in enumerate(csv.DictReader(lines), start=3):
        try:
            records.append(_record(plan.identity(), k, row))
        except (ValueError, LookupError, TypeError, AttributeError, csv.Error) as error:
            _checks.damaged_line("read_summary", path, line, error)
    _checks.all_lines(
        "read_summary", path, described["runs"], len({record.address for record in records}), len(records)
    )
    return PhaseDiagram(experiment=plan, k=k, records=tuple(records), complete=described["complete"])


def _plain(record: Record) -> dict[str, Any]:
    """A record's fields; the reason of a minimum is always that its eigenvalues are positive."""
    named = record.header["configuration"]
    said = {"reason": None} if record.kind == Kind.MINIMUM.value else {}
    return (
        record.summary()
        | said
        | {
            "configuration": named["name"] if named else None,
            "partition": _lengths(named["partition"]) if named and named["partition"] else None,
        }
    )


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else str(value)


def _lengths(partition: list[int]) -> str:
    """(1, 1, 1, 5) as "3x1 1x5"."""
    return " ".join(f"{partition.count(size)}x{size}" for size in sorted(set(partition)))


def _partition(said: str, k: int) -> list[int] | None:
    counted = [tuple(map(int, part.split("x"))) for part in said.split()]
    if any(count < 1 or size < 1 for count, size in counted) or sum(count * size for count, size in counted) > k:
        raise ValueError(f"{said!r} is no partition of {k} teachers")
    return [size for count, size in counted for _ in range(count)] or None


def _record(identity: str, k: int, row: Mapping[str, str]) -> Record:
    address = Address(k, int(row["n"]), int(row["run"]))
    numbers = {name: float(row[name]) if row[name] else None for name in _FLOATS}
    reached = bool(row["configuration"])
    _ROW("", {**row, **numbers, "n": address.n, "run": address.run})
    if reached and numbers["loss"] is None:
        raise ValueError("it has a class and no loss")
    header = {
        "experiment": identity,
        **address._asdict(),
        "result": "successful" if reached else "failed",
        "message": "" if reached else row["reason"],
        "loss": numbers["loss"],
        "flow": None,
        "point": {name: numbers[name] for name in ("gradient_norm", "gradient_floor")} if reached else None,
        "classification": {
            "kind": row["kind"],
            "reason": row["reason"] or "all eigenvalues are positive",
            "index": int(row["index"]),
            "nullity": int(row["nullity"]),
            "least_eigenvalue": numbers["least_eigenvalue"],
            "least_eigenvalue_error": numbers["least_eigenvalue_error"],
            "largest_eigenvalue": None,
        }
        if reached
        else None,
        "configuration": {"name": row["configuration"], "partition": _partition(row["partition"], k), "neurons": []}
        if reached
        else None,
        "seconds": None,
    }
    or_none(CLASSIFICATION)("classification", header["classification"])
    return Record(address=address, header=header, arrays={})


_FLOATS = ("loss", "gradient_norm", "gradient_floor", "least_eigenvalue", "least_eigenvalue_error")
_FIRST = fields(k=whole(least=1), runs=whole(), complete=truth)
_ROW = fields(
    n=whole(least=1),
    run=whole(),
    reason=text(),
    configuration=text("C-A", "P-n-C", "other", ""),
    later=dict.fromkeys(_FLOATS, or_none(number())),
)
