"""The data of the page: one entry for each k, columns for the table, packed arrays for the panel of a run."""

from collections.abc import Sequence
from decimal import ROUND_CEILING
from fractions import Fraction
from typing import Any

from gradflow._text import between
from gradflow.proofs.enclosure import decimal
from gradflow.report.exact import exact_boundaries, exact_losses, transition_places
from gradflow.report.page.detail import STEPS, detail
from gradflow.report.style import COLOURS
from gradflow.report.tallies import marks, shares
from gradflow.sweeps import Certified, PhaseDiagram, Record

# digits of a bound that the page shows, rounded up here so that it stays one
_SHOWN = 2
# columns of the table that say what is proved
_PROOF = (
    "certified",
    "certified_index",
    "radius",
    "digits",
    "certified_loss",
    "unproved",
    "contradicted",
)


def page_data(diagrams: Sequence[PhaseDiagram]) -> dict[str, Any]:
    """All that the page knows, as plain data without NaN."""
    several = len({diagram.experiment.identity() for diagram in diagrams}) > 1
    return {
        "classes": list(COLOURS),
        "steps": STEPS,
        "diagrams": [
            {"name": f"k = {diagram.k}{f', {diagram.experiment.init.label}' if several else ''}"} | _diagram(diagram)
            for diagram in diagrams
        ],
    }


def _diagram(diagram: PhaseDiagram) -> dict[str, Any]:
    described = diagram.experiment.description()
    k = diagram.k
    rows = [_row(record) for record in diagram.records]
    if diagram.certificates:  # else no words of nothing in every row
        proofs = [_proof(record, diagram.certificates.get(record.address)) for record in diagram.records]
        rows = [row | proof for row, proof in zip(rows, proofs, strict=True)]
    details = [detail(record) for record in diagram.records]
    return {
        "k": k,
        "d": k + diagram.experiment.excess,
        "complete": diagram.complete,
        "certified": sum(found.proved for found in diagram.certificates.values()) if diagram.certificates else None,
        "contradicted": len(diagram.contradicted),
        "identity": diagram.experiment.identity(),
        "seed": described["seed"],
        "init": diagram.experiment.init.label,
        "law": _law(described["init"]),
        "problem": described["problem"],
        "options": described["options"],
        "versions": _versions(diagram.records),
        "shares": {name: [share._asdict() for share in found] for name, found in shares(diagram).items()},
        "marks": {name: [mark._asdict() for mark in found] for name, found in marks(diagram).items()},
        "exact": exact_losses(k),
        "boundaries": [place._asdict() for place in exact_boundaries(k)],
        "transition": [place._asdict() for place in transition_places(diagram)],
        "others": [
            {
                "number": other.number,
                "n": other.n,
                "loss": other.loss,
                "above": other.above_copy_average,
                "kind": other.kind,
                "index": other.index,
                "runs": list(other.runs),
            }
            for other in diagram.others
        ],
        "table": {name: [row[name] for row in rows] for name in rows[0]},
        "details": {name: [one[name] for one in details] for name in details[0]},
    }


def _row(record: Record) -> dict[str, Any]:
    """What the table and the head of the panel say of a run."""
    said = record.summary()
    flow = record.header["flow"] or {}
    gradient = flow.get("gradient_norm") if said["gradient_norm"] is None else said["gradient_norm"]
    chosen = (
        "n",
        "run",
        "outcome",
        "partition",
        "kind",
        "index",
        "nullity",
        "loss",
        "gradient_floor",
        "least_eigenvalue",
        "least_eigenvalue_error",
        "largest_eigenvalue",
        "result",
        "reason",
    )
    return {name: said[name] for name in chosen} | {
        "loss_floor": record.loss_floor,
        "gradient_norm": gradient,
        "time": flow.get("time"),
        "steps": flow.get("steps"),
        "seconds": record.header["seconds"],
        "changes": ", ".join(f"{name} = {value}" for name, value in record.header.get("changes", {}).items()),
    }


def _proof(record: Record, certified: Certified | None) -> dict[str, Any]:
    """What is proved of a run's end, with why not if it is not."""
    if certified is None:
        return dict.fromkeys(_PROOF)
    unproved = None if certified.proved else f"{certified.step}: {certified.reason}"
    found = (
        certified.statement,
        certified.index,
        None if certified.radius is None else float(decimal(Fraction(certified.radius), _SHOWN, ROUND_CEILING)),
        certified.digits if certified.proved else None,
        None if certified.loss is None else _pair(str(certified.loss)),
        unproved,
        certified.contradicts(record),
    )
    return dict(zip(_PROOF, found, strict=True))


def _pair(interval: str) -> tuple[str, str]:
    """An interval with the digits that its ends share once, and in full."""
    ends = interval.strip("[]").split(", ")
    return between(*ends) if len(ends) == 2 else interval, interval


def _law(described: dict[str, Any]) -> str:
    """A law of initial weights with its fields, some of which may be laws."""
    fields = [
        f"{name} = {_law(value) if isinstance(value, dict) else value}"
        for name, value in described.items()
        if name != "law"
    ]
    return f"{described['law']}({', '.join(fields)})" if fields else str(described["law"])


def _versions(records: Sequence[Record]) -> list[str]:
    """The software that ran it, each combination once, in the order of the runs."""
    said = (
        ", ".join(f"{name} {number}" for name, number in sorted(record.header["versions"].items()))
        for record in records
    )
    return list(dict.fromkeys(said))
