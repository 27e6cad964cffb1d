"""What stands at every width of a diagram: shares of the classes, and the points in which runs ended."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from gradflow.report.style import COLOURS
from gradflow.sweeps import PhaseDiagram
from gradflow.sweeps.shares import share_interval

# decimals of the loss by which runs of a width count as one mark
_DECIMALS = 9


class Share(NamedTuple):
    """How many of a width's runs ended in a class, the share that this is, and its 95 % interval."""

    n: int
    runs: int
    share: float
    lower: float
    upper: float


class Mark(NamedTuple):
    """Runs of one width and class that end at one loss, `part` being their share of the width's runs."""

    n: int
    loss: float
    runs: int
    part: float


def shares(diagram: PhaseDiagram) -> dict[str, tuple[Share, ...]]:
    """The share of each class that occurs, at every width but n = k, where C-A and P-n-C are one point."""
    totals = {n: total for n, total in _totals(diagram).items() if n != diagram.k}
    counts = Counter((record.outcome, record.address.n) for record in diagram.records if record.address.n in totals)
    occurring = {outcome for outcome, _ in counts}
    return {
        name: tuple(
            Share(n, counts[name, n], counts[name, n] / total, *share_interval(counts[name, n], total))
            for n, total in totals.items()
        )
        for name in COLOURS
        if name in occurring
    }


def marks(diagram: PhaseDiagram) -> dict[str, tuple[Mark, ...]]:
    """Where the runs of each class ended; a run whose loss is no number has no mark."""
    totals = _totals(diagram)
    spots = Counter((record.outcome, record.address.n, round(record.loss, _DECIMALS)) for record in diagram.records)
    return {
        name: found
        for name in COLOURS
        if (
            found := tuple(
                Mark(n, loss, runs, runs / totals[n])
                for (outcome, n, loss), runs in spots.items()
                if outcome == name and np.isfinite(loss)
            )
        )
    }


def _totals(diagram: PhaseDiagram) -> dict[int, int]:
    """Runs by width, in order."""
    return dict(sorted(Counter(record.address.n for record in diagram.records).items()))
