"""A sweep in one small text file: what became of every run, without weights and spectra. For a paper's appendix."""

import csv
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.critical_points import Kind
from gradflow.sweeps.address import Address
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.experiment import from_description
from gradflow.sweeps.record import Record

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
    with open(target, "w", newline="", encoding="utf-8") as file:
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
    plan, k = from_description(described["experiment"]), int(described["k"])
    records = []
    for number, row in enumerate(csv.DictReader(lines), start=3):
        try:
            records.append(_record(plan.identity(), k, row))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            _checks.damaged_line("read_summary", path, number, error)
    _checks.all_lines(
        "read_summary", path, described["runs"], len({record.address for record in records}), len(records)
    )
    return PhaseDiagram(experiment=plan, k=k, records=tuple(records), complete=bool(described["complete"]))


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


def _partition(text: str) -> list[int] | None:
    counted = [part.split("x") for part in text.split()]
    return [int(size) for count, size in counted for _ in range(int(count))] or None


def _record(identity: str, k: int, row: Mapping[str, str]) -> Record:
    address = Address(k, int(row["n"]), int(row["run"]))
    number = {name: float(text) if text else None for name, text in row.items() if name in _FLOATS}
    reached = bool(row["configuration"])
    header = {
        "experiment": identity,
        **address._asdict(),
        "result": "successful" if reached else "failed",
        "message": "" if reached else row["reason"],
        "loss": number["loss"],
        "flow": None,
        "point": {name: number[name] for name in ("gradient_norm", "gradient_floor")} if reached else None,
        "classification": {
            "kind": row["kind"],
            "reason": row["reason"] or "all eigenvalues are positive",
            "index": int(row["index"]),
            "nullity": int(row["nullity"]),
            "least_eigenvalue": number["least_eigenvalue"],
            "least_eigenvalue_error": number["least_eigenvalue_error"],
            "largest_eigenvalue": None,
        }
        if reached
        else None,
        "configuration": {"name": row["configuration"], "partition": _partition(row["partition"]), "neurons": []}
        if reached
        else None,
        "seconds": None,
    }
    return Record(address=address, header=header, arrays={})


_FLOATS = ("loss", "gradient_norm", "gradient_floor", "least_eigenvalue", "least_eigenvalue_error")
