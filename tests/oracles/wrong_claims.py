"""Wrong claims about small problems, and how many of them are certified."""

from collections import Counter

import mpmath
import numpy as np

import gradflow as gf
from oracles.edited import EDITS, true_certificates
from oracles.hard_points import POINTS
from oracles.truth import contradiction

# of the claims; the others are points
_EDITED = 0.6
_DIGITS = 90


class Tally:
    """What became of the claims of each kind."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.proved: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.examples: list[str] = []
        # certificates as they were before any edit, and how many of them are verified
        self.unedited = self.verified = 0

    def add(self, kind: str, proved: bool, wrong: str | None) -> None:
        self.made[kind] += 1
        self.proved[kind] += proved
        if wrong:
            self.wrong[kind] += 1
            self.examples.append(f"{kind}: {wrong}")


def certified_though_false(count: int, seed: int) -> Tally:
    """Of so many claims."""
    rng, found = np.random.default_rng(seed), Tally()
    with mpmath.workdps(_DIGITS):
        pool = true_certificates(rng)
        found.unedited, found.verified = len(pool), sum(_holds(one.certificate) for one in pool)
        edits, points = list(EDITS.items()), list(POINTS.items())
        edited = int(_EDITED * count)
        for number in range(edited):
            kind, edit = edits[number % len(edits)]
            certificate = None
            while certificate is None:  # not every edit is one of every certificate
                certificate = edit(pool[rng.integers(len(pool))], rng)
            holds = _holds(certificate)
            found.add(kind, holds, f"{certificate}" if holds else None)
        for number in range(count - edited):
            kind, draw = points[number % len(points)]
            problem, student = draw(rng)
            certificate = gf.certify(problem, student)
            found.add(kind, certificate.proved, contradiction(certificate) if certificate.proved else None)
    return found


def _holds(certificate: gf.proofs.Certificate) -> bool:
    try:
        return gf.verify(certificate).holds
    except ValueError:  # what cannot be checked is refused
        return False
