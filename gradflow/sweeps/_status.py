"""status: how a sweep gets on, from its store alone."""

import os
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from gradflow._checks import Checked
from gradflow._pace import duration, rate_and_time_left
from gradflow._text import counted, table
from gradflow.proofs import Statement
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.claims import Claim
from gradflow.sweeps.conditions import OUTCOMES
from gradflow.sweeps.index import index_of

# seconds before the latest record over which the rate is taken
_WINDOW = 600.0


@dataclass(frozen=True)
class Status:
    """What a store holds, what was asked for, who is at work, and how many runs of each k are certified."""

    folder: str
    label: str
    counts: dict[int, dict[str, int]]
    asked: dict[int, int]
    running: tuple[Claim, ...]
    recent: tuple[int, float]
    damaged: int
    certified: dict[int, int]

    @property
    def done(self) -> int:
        return sum(sum(counts.values()) for counts in self.counts.values())

    def __str__(self) -> str:
        found = {k: self.counts.get(k, {}) for k in sorted(self.asked)}
        rows: list[tuple[Any, ...]] = [
            (k, f"{sum(counts.values())}/{self.asked[k]}", *(counts.get(name, 0) for name in OUTCOMES))
            for k, counts in found.items()
        ]
        header: tuple[str, ...] = ("k", "runs", *OUTCOMES)
        if self.certified:
            header, rows = (*header, "certified"), [(*row, self.certified.get(row[0], 0)) for row in rows]
        lines = [f"{self.folder}: {self.label}", table(header, rows)]
        left = sum(self.asked.values()) - self.done
        if left:
            lines.append(f"{counted(left, 'run')} to do{self._pace(left)}")
        for (host, process), number in Counter((claim.host, claim.process) for claim in self.running).items():
            oldest = min(claim.since for claim in self.running if (claim.host, claim.process) == (host, process))
            since = duration(time.time() - oldest)
            lines.append(f"{counted(number, 'run')} under way in process {process} on {host}, the longest for {since}")
        if left and not self.running:
            lines.append("nobody is at work here: repeat the call that made it, and it goes on")
        if self.damaged:
            lines.append(f"{counted(self.damaged, 'damaged file')} set aside in {self.folder}/damaged")
        return "\n".join(lines)

    __repr__ = __str__

    def _pace(self, left: int) -> str:
        number, seconds = self.recent
        return rate_and_time_left(number, seconds, number + left) if self.running else ""


def status(store: Checked[str | os.PathLike[str]]) -> Status:
    """How the sweep in a folder gets on: runs by k and class, what is left of all that was ever asked for, who does
    which run now, the rate of the last ten minutes, and how many ends are certified. Raises `ValueError` for a folder
    that is no store.
    """
    opened = open_store(store, "status")
    index = index_of(opened)
    counts: dict[int, Counter[str]] = {}
    for k, outcome in zip(index.columns["k"].tolist(), index.columns["outcome"].tolist(), strict=True):
        counts.setdefault(k, Counter())[outcome] += 1
    return Status(
        folder=str(opened.folder),
        label=f"{opened.experiment.init.label}, seed {opened.experiment.seed}",
        counts={k: dict(found) for k, found in counts.items()},
        asked=opened.asked().number,
        running=opened.claims.living(),
        recent=_recent(index.columns["written"]),
        damaged=len(list(opened.folder.glob("damaged/*"))),
        certified=dict(Counter(index.columns["k"][_proved(index.columns["certified"])].tolist())),
    )


def _proved(certified: np.ndarray) -> Bool[np.ndarray, " run"]:
    found: np.ndarray = (certified != "") & (certified != Statement.NOT_PROVED.value)
    return found


def _recent(written: np.ndarray) -> tuple[int, float]:
    """How many records the last ten minutes of work have made, and in how many seconds."""
    if len(written) < 2:
        return 0, 0.0
    newest = np.sort(written)[written.max() - np.sort(written) <= _WINDOW]
    return len(newest) - 1, float(newest[-1] - newest[0])
