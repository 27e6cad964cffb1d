"""The distinct critical points of a sweep, modulo symmetry."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from gradflow._text import counted, table, told
from gradflow.critical_points import Kind
from gradflow.families import copy_average
from gradflow.identification import IdentifyOptions, isotropy_of
from gradflow.identification.labels import compact, label_of
from gradflow.sweeps.record import Record

# runs that ended in other points count as one point if their losses and all eigenvalues agree to this, relative to
# max(1, |L|) and to the largest eigenvalue: an invariant of the whole symmetry group, permutations of the teacher
# included
_SAME = 1e-8


@dataclass(frozen=True)
class Other:
    """A point that is none of the exact families, with the runs that ended there, modulo symmetry. `loss_floor` is the
    rounding level of `loss` and of what it is above C-A.
    """

    number: int
    n: int
    loss: float
    loss_floor: float
    above_copy_average: float
    kind: str
    index: int
    runs: tuple[int, ...]


@dataclass(frozen=True)
class CataloguedPoint:
    """A critical point of a sweep, modulo symmetry, and the `runs` of width `n` that ended there.

    `name` is that of the configuration, with the partition; points without one are "other-1", "other-2", … as in the
    diagram. `above_copy_average` is the loss above that of optimal C-A, `loss_floor` the rounding level of both.
    `kind` is that of the runs (several, if they do not agree), `index`, `nullity` and `isotropy` those of the first.
    `compared` is what its runs have in common: "spectrum"; "loss and index" where the eigenvalues are known by their
    signs alone; "loss, index and nullity" of points of a set of critical points, which counts as one.
    """

    number: int
    n: int
    name: str
    loss: float
    loss_floor: float
    above_copy_average: float
    kind: str
    index: int
    nullity: int
    isotropy: str
    compared: str
    runs: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """The distinct critical points in which the runs at one k ended: those without a name first, then by width and
    loss; `print` it for the table.
    """

    k: int
    points: tuple[CataloguedPoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"k": self.k, "points": [asdict(point) | {"runs": list(point.runs)} for point in self.points]}

    def __str__(self) -> str:
        reached = sum(len(point.runs) for point in self.points)
        first = f"catalogue: k = {self.k}, {counted(len(self.points), 'critical point')} of {counted(reached, 'run')}"
        cells = [
            (
                point.number,
                point.n,
                compact(point.name),
                told(point.loss, point.loss_floor, "z.12f"),
                told(point.above_copy_average, point.loss_floor, "+.3e"),
                point.kind,
                point.index,
                point.nullity,
                point.isotropy,
                len(point.runs),
            )
            for point in self.points
        ]
        header = ("number", "n", "name", "loss", "loss - C-A", "kind", "index", "nullity", "isotropy", "runs")
        lines = [first, table(header, cells)]
        for compared in ("extreme eigenvalues", "loss and index"):
            numbers = [str(point.number) for point in self.points if point.compared == compared]
            if numbers:
                lines.append(f"compared by {compared} alone: {', '.join(numbers)}")
        return "\n".join(lines)

    __repr__ = __str__


def catalogue(k: int, records: Iterable[Record]) -> Catalogue:
    """All records but failed runs and those without an end, in groups; a pure function of them, in any order."""
    reached = [record for record in records if record.reached]
    groups = grouped(reached)
    unnamed = [group for group in groups if group[0].outcome == "other"]
    named = [group for group in groups if group[0].outcome != "other"]
    names = [f"other-{number}" for number in range(1, len(unnamed) + 1)]
    names += [label_of(group[0].configuration, group[0].header["configuration"]["partition"]) for group in named]
    return Catalogue(
        k=k,
        points=tuple(
            _point(k, number, name, group)
            for number, (name, group) in enumerate(zip(names, [*unnamed, *named], strict=True), start=1)
        ),
    )


def grouped(records: Iterable[Record]) -> list[list[Record]]:
    """The records of each point by run, the points by width and loss.

    A record is compared with the points of its name whose loss is as close as `_SAME` allows, and no others.
    """
    ordered = sorted(records, key=lambda record: (record.address.n, record.outcome, record.loss, record.address.run))
    groups: list[list[Record]] = []
    first = 0
    for record in ordered:
        while first < len(groups) and not _same_loss(groups[first][0], record):
            first += 1
        for group in groups[first:]:
            if _same_point(group[0], record):
                group.append(record)
                break
        else:
            groups.append([record])
    groups = [sorted(group, key=lambda record: record.address.run) for group in groups]
    return sorted(groups, key=lambda group: (group[0].address.n, group[0].loss, group[0].address.run))


def other(k: int, number: int, group: Sequence[Record]) -> Other:
    """What a group of records without a name has in common."""
    first = group[0]
    return Other(
        number=number,
        n=first.address.n,
        loss=first.loss,
        loss_floor=first.loss_floor,
        above_copy_average=_above_copy_average(k, first),
        kind=first.kind,
        index=int(first.header["classification"]["index"]),
        runs=tuple(record.address.run for record in group),
    )


def _point(k: int, number: int, name: str, group: Sequence[Record]) -> CataloguedPoint:
    first = group[0]
    verdict, weights = first.header["classification"], first.arrays["weights"]
    step = first.header["point"]["newton_step"]
    found = isotropy_of(
        weights,
        first.arrays["output"],
        np.eye(k, weights.shape[1]),
        # None in a record is a step that is no number
        IdentifyOptions().tolerance(math.nan if step is None else step),
    )
    return CataloguedPoint(
        number=number,
        n=first.address.n,
        name=name,
        loss=first.loss,
        loss_floor=first.loss_floor,
        above_copy_average=_above_copy_average(k, first),
        kind=", ".join(sorted({record.kind for record in group})),
        index=int(verdict["index"]),
        nullity=int(verdict["nullity"]),
        isotropy=found.label,
        compared=_compared(group),
        runs=tuple(record.address.run for record in group),
    )


def _above_copy_average(k: int, record: Record) -> float:
    return record.loss - _copy_average_loss(k, record.address.n)


@functools.lru_cache(maxsize=4096)
def _copy_average_loss(k: int, n: int) -> float:
    """Of the optimal one; with a student for every teacher that is the perfect copy."""
    return float(copy_average(k, n).loss) if n <= k else 0.0


def _same_loss(first: Record, second: Record) -> bool:
    return (
        first.address.n == second.address.n
        and first.outcome == second.outcome
        and abs(first.loss - second.loss) <= _SAME * max(1.0, abs(first.loss))
    )


def _same_point(first: Record, second: Record) -> bool:
    if not _same_loss(first, second):
        return False
    if _manifold(first) or _manifold(second):
        return _manifold(first) == _manifold(second)
    ours, theirs = _eigenvalues(first), _eigenvalues(second)
    if len(ours) == 0 or len(ours) != len(theirs):
        return bool(first.header["classification"]["index"] == second.header["classification"]["index"])
    return bool(np.max(np.abs(ours - theirs)) <= _SAME * max(1.0, float(np.max(np.abs(ours)))))


def _manifold(record: Record) -> tuple[int, int] | None:
    """Index and nullity of a point of a set of critical points, along which the spectrum changes; None of an isolated
    one.
    """
    verdict = record.header["classification"]
    if verdict["nullity"] and verdict["kind"] in (Kind.MINIMUM_MANIFOLD, Kind.DEGENERATE, Kind.SADDLE):
        return int(verdict["index"]), int(verdict["nullity"])
    return None


def _compared(group: Sequence[Record]) -> str:
    """What says that the records of a group are one point."""
    if len(group) > 1 and _manifold(group[0]):
        return "loss, index and nullity"
    counts = {len(_eigenvalues(record)) for record in group}
    if len(counts) > 1 or counts == {0}:
        return "loss and index"
    parameters = group[0].arrays["weights"].size + group[0].arrays["output"].size
    return "spectrum" if counts == {parameters} else "extreme eigenvalues"


def _eigenvalues(record: Record) -> Float[np.ndarray, " known"]:
    """Those that are known; none where it is their signs alone."""
    return record.arrays.get("eigenvalues", np.zeros(0))
