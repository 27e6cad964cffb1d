"""What a sweep says about the published phase diagram, claim by claim."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import table
from gradflow.families import boundaries, copy_average, perturbed_n_copy
from gradflow.sweeps import Estimate, PhaseDiagram

_K, _EXCESS, _LAW = 50, 1, "GlorotNormal"
_AVERAGED = 25  # the width whose networks the publication shows

_AGREES, _DIFFERS, _UNDECIDED = "yes", "no", "undecided"


@dataclass(frozen=True)
class Claim:
    """A statement of the publication, its published value, the value here, and whether they agree: "yes", "no", or
    "undecided" where the runs do not tell.
    """

    what: str
    published: str
    here: str
    agrees: str


@dataclass(frozen=True)
class Comparison:
    """All claims; `print` it for the table."""

    runs: int
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        cells = [(claim.what, claim.published, claim.here, claim.agrees) for claim in self.claims]
        first = f"the published phase diagram (k = {_K}) and {self.runs} runs of it here"
        return f"{first}\n{table(('claim', 'published', 'here', 'agrees'), cells)}"

    __repr__ = __str__


def compare_with_publication(diagram: Checked[PhaseDiagram]) -> Comparison:
    """The claims of Simsek, Bendjeddou, Gerstner & Brea (2023) about k = 50, d = 51 and Glorot normal starts, beside
    what the runs and the exact points say.

    γ1, γ2: the published numbers are read off a figure (the authors' web account says 0.46 and 0.6, their plotting
    script draws 0.44, and 0.52 and 0.60); they agree if they lie, rounded as published, in the 95 % interval of the
    fit, and that is undecided where the shares do not follow the fitted curve. γ3 and the weights are exact here. "No"
    does not mean that a number was wrong for the authors' sample of starts. Raises `ValueError` for another experiment.
    """
    _checks.instance("compare_with_publication", "diagram", diagram, PhaseDiagram, "gf.read_summary('k50.csv')")
    plan = diagram.experiment
    _checks.published_experiment((diagram.k, plan.excess, plan.init.label), (_K, _EXCESS, _LAW))
    return Comparison(runs=len(diagram.records), claims=tuple(_claims(diagram)))


def _claims(diagram: PhaseDiagram) -> Iterator[Claim]:
    rows = {row.n: row for row in diagram.rows if row.n < _K}
    at = rows.get(_AVERAGED)
    yield Claim(
        f"n = {_AVERAGED}: both C-A and P-n-C are reached",
        "both",
        "no runs" if at is None else f"{at.copy_average} C-A, {at.perturbed_n_copy} P-n-C of {at.runs}",
        "yes" if at is not None and at.copy_average and at.perturbed_n_copy else _UNDECIDED,
    )
    yield _fitted("gamma1: every start below ends in C-A", "0.46 (text), 0.44 (figure)", (0.46, 0.44), diagram.gamma1)
    yield _fitted("gamma2: every start above ends in P-n-C", "0.6 (text), 0.52 (figure)", (0.6, 0.52), diagram.gamma2)
    pure = [n for n, row in rows.items() if row.perturbed_n_copy == 0]
    first = min((n for n, row in rows.items() if row.perturbed_n_copy), default=None)
    if first is not None:
        below = [n for n in pure if n < first]
        yield Claim(
            "last n/k below which no start ends in P-n-C",
            "0.46, 0.44",
            f"{max(below, default=0) / _K:z.2f} (first P-n-C at n = {first})",
            _yes(any(abs(max(below, default=0) / _K - value) <= 1 / _K for value in (0.46, 0.44))),
        )
    late = [(n, row.copy_average) for n, row in rows.items() if n > 0.6 * _K and row.copy_average]
    beyond = sum(row.runs for n, row in rows.items() if n > 0.6 * _K)
    where = f" (n = {', '.join(str(n) for n, _ in late)})" if late else ""
    yield Claim(
        "starts above n/k = 0.6 that end in C-A",
        "none",
        f"{sum(count for _, count in late)} of {beyond}{where}",
        _UNDECIDED if not beyond else _yes(not late),
    )
    crossing = boundaries(_K).loss_crossing.ratio
    yield Claim(
        "gamma3: P-n-C has the lower loss above",
        "0.75 (text), 0.8 (figure)",
        "-" if crossing is None else f"{float(str(crossing)):z.6f} (exact)",
        _UNDECIDED if crossing is None else _yes(round(float(str(crossing)), 2) == 0.75),
    )
    copy = perturbed_n_copy(_K, _AVERAGED).student
    yield _weight(f"P-n-C at n = {_AVERAGED}: |a|", "1.81", float(copy.output[0]))
    yield _weight(f"P-n-C at n = {_AVERAGED}: norm of a neuron", "0.72", float((copy.weights[0] ** 2).sum() ** 0.5))
    average = copy_average(_K, _AVERAGED).student
    yield _weight(f"C-A at n = {_AVERAGED}: |a| of the average", "26", float(max(average.output)))
    norms = (average.weights**2).sum(axis=1) ** 0.5
    yield _weight(f"C-A at n = {_AVERAGED}: norm of the average", "0.140", float(min(norms)))
    reached = [record for record in diagram.records if record.kind != "failed"]
    minima = sum(record.kind == "minimum" for record in reached)
    yield Claim("end points are minima", "not decided", f"{minima} of {len(reached)}", "new here")


def _fitted(what: str, published: str, values: tuple[float, ...], found: Estimate) -> Claim:
    if found.lower is None or found.upper is None:
        return Claim(what, published, found.status, _UNDECIDED)
    if found.status != "found":
        return Claim(what, published, f"{found}, but no logistic curve", _UNDECIDED)
    # a number of two digits stands for all that round to it
    inside = [value for value in values if found.lower - 0.005 <= value <= found.upper + 0.005]
    said = "yes" if len(inside) == len(values) else "no" if not inside else f"{', '.join(map(str, inside))} only"
    return Claim(what, published, str(found), said)


def _weight(what: str, published: str, here: float) -> Claim:
    digits = len(published.partition(".")[2])
    return Claim(what, published, f"{here:z.6f} (exact)", _yes(f"{here:z.{digits}f}" == published))


def _yes(holds: bool) -> str:
    return _AGREES if holds else _DIFFERS
