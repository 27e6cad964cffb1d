"""The phase diagram: what became of every run, by width."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import TYPE_CHECKING, Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import counted, folded, table, told
from gradflow.critical_points import Kind
from gradflow.sweeps.address import Address
from gradflow.sweeps.catalogue import Catalogue, Other, catalogue, grouped, other
from gradflow.sweeps.certified import Certified
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.index import Index, columns_of, row_of
from gradflow.sweeps.record import Record
from gradflow.sweeps.tables import dataset_of, frame_of
from gradflow.sweeps.transition import Estimate, Transition, transition

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Row:
    """The runs of one width. C-A, P-n-C, other, channels, those at infinity and failed ones add up to the runs, and so
    do the kinds with the last three. `certified` are those of which a certificate says something.
    """

    n: int
    ratio: float
    runs: int
    copy_average: int
    perturbed_n_copy: int
    other: int
    minima: int
    saddles: int
    degenerate: int
    undecided: int
    channels: int
    at_infinity: int
    failed: int
    best_loss: float | None
    worst_loss: float | None
    certified: int


@dataclass(frozen=True, eq=False, repr=False)
class PhaseDiagram:
    """The outcome of a sweep over widths and starts at one k; `print` it for the table.

    `records` are ordered by (n, run); `complete` says whether every run that was asked for is among them, and certified
    if that was asked for (Ctrl-C leaves a diagram of what there is). `rows` counts by width, `others` lists the points
    without a name. `certificates` say what is proved of the ends of runs, by address; a run without one was not tried,
    or did not end at a critical point. `unreadable` are runs whose records stay in the store as they are, since they
    cannot be read here or now: of a newer gradflow, on a disk that does not answer.
    """

    experiment: Experiment
    k: int
    records: tuple[Record, ...]
    complete: bool
    certificates: Mapping[Address, Certified] = field(default_factory=dict)
    unreadable: tuple[Address, ...] = ()

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(sorted({record.address.n for record in self.records}))

    def at(self, n: Checked[int]) -> tuple[Record, ...]:
        """The records of one width."""
        n = _checks.count("PhaseDiagram.at", "n", n, "diagram.at(n=4)")
        return tuple(record for record in self.records if record.address.n == n)

    @property
    def rows(self) -> tuple[Row, ...]:
        widths: dict[int, list[Record]] = {}
        for record in self.records:
            widths.setdefault(record.address.n, []).append(record)
        certified = Counter(address.n for address, found in self.certificates.items() if found.proved)
        return tuple(_row(self.k, n, widths[n], certified[n]) for n in sorted(widths))

    @property
    def contradicted(self) -> tuple[Record, ...]:
        """Runs whose class a certificate contradicts: a wrong class, or a bug in gradflow."""
        found = ((record, self.certificates.get(record.address)) for record in self.records)
        return tuple(record for record, proof in found if proof is not None and proof.contradicts(record))

    @property
    def others(self) -> tuple[Other, ...]:
        """Grouped modulo symmetry and numbered by width and loss; a minimum below C-A would stand here."""
        found = grouped(record for record in self.records if record.outcome == "other")
        return tuple(other(self.k, number, group) for number, group in enumerate(found, start=1))

    @property
    def catalogue(self) -> Catalogue:
        """The distinct critical points of all records that reached one, modulo symmetry."""
        _checks.with_weights("catalogue", there=all(record.arrays for record in self.records))
        return catalogue(self.k, self.records)

    @property
    def transition(self) -> Transition:
        """Where C-A gives way to P-n-C: γ1, the 50 % point and γ2, for this law of initial weights and this d. Only
        n < k counts: at n = k the two are one point.
        """
        rows = [row for row in self.rows if row.n < self.k]
        named = tuple(row.copy_average + row.perturbed_n_copy for row in rows)
        return transition(tuple(row.ratio for row in rows), tuple(row.copy_average for row in rows), named)

    @property
    def gamma1(self) -> Estimate:
        """n/k where the fitted share of C-A among C-A and P-n-C is 95 %, with its 95 % interval."""
        return self.transition.gamma1

    @property
    def gamma50(self) -> Estimate:
        """n/k where the fitted share of C-A is 50 %."""
        return self.transition.gamma50

    @property
    def gamma2(self) -> Estimate:
        """n/k where the fitted share of C-A is 5 %."""
        return self.transition.gamma2

    def where(self, **conditions: Any) -> "PhaseDiagram":
        """The diagram of the runs in which each named column of `to_pandas()` is the given value, or one of the given
        ones: where(n=(3, 4), outcome="other"). Shares in it are those among these runs.
        """
        chosen = Index(columns_of(self._table())).mask(**conditions)
        records = tuple(record for record, wanted in zip(self.records, chosen, strict=True) if wanted)
        places = {record.address for record in records}
        return PhaseDiagram(
            experiment=self.experiment,
            k=self.k,
            records=records,
            complete=self.complete,
            certificates={address: found for address, found in self.certificates.items() if address in places},
        )

    def to_pandas(self) -> "pd.DataFrame":
        """One row a run: where it stands, what became of it and how long it took. Needs the extra `data`."""
        return frame_of(self.experiment, self._table())

    def to_dataset(self) -> "xr.Dataset":
        """An xarray Dataset over (n, run). Where there is no run, words are empty and numbers NaN. Needs the extra
        `data`; `gf.to_dataset` puts several diagrams together.
        """
        described = {
            "experiment": self.experiment.canonical(),
            "init": self.experiment.init.label,
            "k": self.k,
            "d": self.k + self.experiment.excess,
        }
        return dataset_of(self.to_pandas(), ("n", "run"), described)

    def to_json(self) -> dict[str, Any]:
        """Plain data: a pure function of the records and certificates (and of whether they are complete), whoever ran
        them and how fast.
        """
        return {
            "experiment": self.experiment.description(),
            "identity": self.experiment.identity(),
            "k": self.k,
            "complete": self.complete,
            "rows": [asdict(row) for row in self.rows],
            "transition": asdict(self.transition),
            "others": [asdict(one) | {"runs": list(one.runs)} for one in self.others],
            "runs": [
                record.summary() | (found.columns() if (found := self.certificates.get(record.address)) else {})
                for record in self.records
            ],
        }

    def __str__(self) -> str:
        lines = [
            f"phase diagram: k = {self.k}, d = {self.k + self.experiment.excess}, {self.experiment.init.label}, "
            f"seed {self.experiment.seed}, "
            f"{counted(len(self.records), 'run')}"
            + ("" if self.complete else " (incomplete: repeat the call to resume)"),
            self._counts(),
            "",
            folded(f"share of C-A in n/k: {self.transition}"),
        ]
        if self.others:
            cells = [
                (
                    f"other-{o.number}",
                    o.n,
                    told(o.loss, o.loss_floor, "z.12f"),
                    told(o.above_copy_average, o.loss_floor, "+.3e"),
                    o.kind,
                    o.index,
                    len(o.runs),
                )
                for o in self.others
            ]
            lines += ["", table(("point", "n", "loss", "loss - C-A", "kind", "index", "runs"), cells)]
        reasons = [
            f"{_place(record)}: {_reason(record)}"
            for record in self.records
            if not record.reached or record.kind == Kind.UNDECIDED.value
        ]
        reasons += [
            f"{_place(record)}: not certified ({found.step}), {found.reason}"
            for record in self.records
            if (found := self.certificates.get(record.address)) is not None and not found.proved
        ]
        reasons += [
            f"WARNING, {_place(record)}: classified as {record.kind} of index "
            f"{record.header['classification']['index']}, and proved: {self.certificates[record.address].claim}. The "
            "class is wrong, or gradflow is; please report it"
            for record in self.contradicted
        ]
        return "\n".join([*lines, *([""] if reasons else []), *map(folded, reasons)])

    __repr__ = __str__

    def _counts(self) -> str:
        """The rows as a table; if anything was tried, with how many are certified, and as what."""
        rows, floors = self.rows, dict[int, float]()
        for record in self.records:
            floors[record.address.n] = max(floors.get(record.address.n, 0.0), record.loss_floor)
        cells = [_cells(row, floors[row.n]) for row in rows]
        if not self.certificates:
            return table(_HEADER, cells)
        cells = [(*line, f"{row.certified} of {row.runs}") for line, row in zip(cells, rows, strict=True)]
        claims = Counter(found.claim for found in self.certificates.values())
        said = ", ".join(f"{claim}: {number}" for claim, number in sorted(claims.items()))
        return f"{table((*_HEADER, 'certified'), cells)}\n\n{said}"

    def _table(self) -> list[dict[str, Any]]:
        return [row_of(record, self.certificates.get(record.address)) for record in self.records]


_HEADER = (
    "n",
    "n/k",
    "runs",
    "C-A",
    "P-n-C",
    "other",
    "minima",
    "saddles",
    "degenerate",
    "undecided",
    "channels",
    "at infinity",
    "failed",
    "best loss",
    "worst loss",
)


def _row(k: int, n: int, records: Sequence[Record], certified: int) -> Row:
    outcomes = Counter(record.outcome for record in records)
    kinds = Counter(record.kind for record in records)
    losses = [record.loss for record in records if record.reached]
    return Row(
        n=n,
        ratio=n / k,
        runs=len(records),
        copy_average=outcomes["C-A"],
        perturbed_n_copy=outcomes["P-n-C"],
        other=outcomes["other"],
        minima=kinds[Kind.MINIMUM.value] + kinds[Kind.MINIMUM_MANIFOLD.value],
        saddles=kinds[Kind.SADDLE.value],
        degenerate=kinds[Kind.DEGENERATE.value],
        undecided=kinds[Kind.UNDECIDED.value],
        channels=kinds[Kind.CHANNEL.value],
        at_infinity=kinds[Kind.MINIMUM_AT_INFINITY.value],
        failed=kinds["failed"],
        best_loss=min(losses, default=None),
        worst_loss=max(losses, default=None),
        certified=certified,
    )


def _cells(row: Row, floor: float) -> tuple[object, ...]:
    shown = ("-" if loss is None else told(loss, floor, "z.10f") for loss in (row.best_loss, row.worst_loss))
    return (row.n, f"{row.ratio:z.3f}", *astuple(row)[2:13], *shown)


def _place(record: Record) -> str:
    return f"n = {record.address.n}, run {record.address.run}"


def _reason(record: Record) -> str:
    verdict = record.header["classification"]
    return f"{record.kind}, {verdict['reason'] if verdict else record.header['message']}"
