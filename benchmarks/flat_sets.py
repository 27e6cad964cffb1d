"""Critical points that are not isolated: how many are told what they are, and whether it is true.

One row a family of losses, beside traps where a naive test of flatness says something false. What is true comes from
formulas and from Hessians with fifty digits (`tests/oracles/flat_sets.py`, `flat_traps.py`). Right: kind, index and
nullity; partly: the kind, and fewer negative or zero eigenvalues than there are; unchecked: decided, where fifty
digits do not tell. A trap is classified at its critical point, after `refine` from points at 1e-3 … 1e-9 of it, and at
the end of the flow from there. `lambda` counts learning coefficients: right, and all that were given.

    PYTHONPATH=tests python benchmarks/flat_sets.py --starts 4 --rows linear relu
"""

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from time import perf_counter
from typing import Any, NamedTuple

from oracles.flat_set import FlatSet
from oracles.flat_sets import ROWS
from oracles.flat_traps import TRAPS, Trap, Truth

import gradflow as gf
from gradflow._text import table

_TRAPS = "traps"
# starts of most rows in full; others take their share
_FULL = 40
_DISTANCES = [10.0**-digits for digits in range(3, 10)]
_COUNTED = ("right", "partly", "undecided", "no answer", "unchecked", "wrong")
# of a learning coefficient, a rational number
_CLOSE = 1e-9


class Judged(NamedTuple):
    """One end: its row, how it counts, the reason given, and one line for what is false; whether its learning
    coefficient is right, None if there is none.
    """

    row: str
    counts: str
    reason: str
    line: str
    learning: bool | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=4, help=f"of most losses; {_FULL} is the full benchmark")
    parser.add_argument("--processes", type=int, default=2, choices=(1, 2))
    parser.add_argument("--rows", nargs="*", default=[*ROWS, _TRAPS], help="beginnings of names")
    parser.add_argument("--show", nargs="*", default=["wrong", "partly", "unchecked"], help=f"of {', '.join(_COUNTED)}")
    given = parser.parse_args()
    names = [name for name in [*ROWS, _TRAPS] if name.startswith(tuple(given.rows))]
    ends: list[Judged] = []
    seconds: dict[str, float] = {}
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_row, name, given.starts, "undecided" in given.show): name for name in names}
        for finished in as_completed(running):
            judged, taken = finished.result()
            ends += judged
            seconds |= dict.fromkeys([end.row for end in judged], 0.0) | {judged[0].row: taken}
            print(f"{running[finished]}: {taken:.0f} s", flush=True)
    _print(ends, seconds, given.show)


def _print(ends: list[Judged], seconds: dict[str, float], shown: list[str]) -> None:
    rows = []
    for row in seconds:
        own = [end for end in ends if end.row == row]
        learning = [end.learning for end in own if end.learning is not None]
        counts = Counter(end.counts for end in own)
        told = f"{sum(learning)}/{len(learning)}" if learning else ""
        rows.append([row, len(own), *(counts[name] for name in _COUNTED), told, f"{seconds[row]:.0f}"])
    print(table(["row", "ends", *_COUNTED, "lambda", "s"], rows))
    for name in ("undecided", "no answer"):
        reasons = Counter((end.row, end.reason) for end in ends if end.counts == name)
        print(f"\n{name}:")
        for (row, reason), count in sorted(reasons.items(), key=lambda item: (item[0][0], -item[1])):
            print(f"{count:5} {row}: {reason}")
    for name in shown:
        print(f"\n{name}:")
        print("\n".join(sorted({end.line for end in ends if end.counts == name})))


def _row(name: str, starts: int, every: bool) -> tuple[list[Judged], float]:
    began = perf_counter()
    if name == _TRAPS:
        judged = [end for trap in TRAPS for end in _trapped(trap, starts)]
    else:
        judged = [end for known in ROWS[name]() for end in _followed(known, starts, every)]
    return judged, perf_counter() - began


def _followed(known: FlatSet, starts: int, every: bool) -> Iterator[Judged]:
    """What is true of an undecided one is asked for on demand: fifty digits take seconds."""
    row, _, own = known.name.partition(": ")
    for seed in range(max(1, math.ceil(known.most * starts / _FULL))):
        solution = gf.solve(known.problem, known.start(seed), throw=False)
        verdict = solution.classification
        decided = verdict is not None and verdict.kind is not gf.Kind.UNDECIDED
        truths = known.truths(solution.parameters) if decided or every else None
        yield _judged(row, f"{own} start {seed}".strip(), verdict, truths, solution)


def _trapped(trap: Trap, starts: int) -> Iterator[Judged]:
    problem, at = trap.loss(), trap.point()
    verdict = gf.classify(problem, at)
    yield _judged("traps, at the point", trap.name, verdict, trap.truths(trap.own(at)), verdict.reason)
    for seed, distance in enumerate(_DISTANCES):
        near = trap.point(distance, seed)
        point = gf.refine(problem, near)
        verdict = gf.classify(problem, point)
        truths = trap.truths(trap.own(point.parameters))
        yield _judged("traps, refined", f"{trap.name} from {distance:.0e}", verdict, truths, point.result)
        if seed % math.ceil(_FULL / starts / 3):
            continue
        solution = gf.solve(problem, near, throw=False)
        truths = trap.truths(trap.own(solution.parameters))
        yield _judged("traps, solved", f"{trap.name} from {distance:.0e}", solution.classification, truths, solution)


def _judged(row: str, where: str, verdict: Any, truths: tuple[Truth, ...] | None, came_from: Any) -> Judged:
    each = dict.fromkeys(_said(t.kind, t.index, t.nullity) for t in truths or ())
    true = "not known" if truths is None else " or ".join(each)
    if verdict is None:
        counts, reason, said = "no answer", str(came_from.result).split(".")[-1], "none"
    else:
        counts, reason = _count(verdict, truths), re.sub(r"[-+±]?\d[\d.]*(e[-+]?\d+)?", "#", verdict.reason)
        said = _said(verdict.kind, verdict.index, verdict.nullity)
    if truths == () and (verdict is None or verdict.kind is gf.Kind.UNDECIDED):
        counts = "right"
    why = "" if verdict is None else verdict.reason
    return Judged(
        row, counts, reason, f"{row}, {where}: {said}; true: {true or 'nothing'}; {why}", _learned(verdict, truths)
    )


def _said(kind: gf.Kind, index: int, nullity: int) -> str:
    return f"{kind} ({index}, {nullity})"


def _count(verdict: Any, truths: tuple[Truth, ...] | None) -> str:
    if verdict.kind is gf.Kind.UNDECIDED:
        return "undecided"
    if truths is None:
        return "unchecked"
    alike = [truth for truth in truths if truth.kind is verdict.kind]
    # a path without an end has no index
    if any(not t.kind.has_end or (t.index, t.nullity) == (verdict.index, verdict.nullity) for t in alike):
        return "right"
    may_count_less = verdict.kind in (gf.Kind.SADDLE, gf.Kind.DEGENERATE)
    fewer = any(verdict.index <= truth.index and verdict.nullity <= truth.nullity for truth in alike)
    return "partly" if may_count_less and fewer else "wrong"


def _learned(verdict: Any, truths: tuple[Truth, ...] | None) -> bool | None:
    """Of a smooth set of minima half the rank of the Hessian; other values are those of the truth, where it has one."""
    found = getattr(verdict, "learning_coefficient", None)
    if found is None or not truths:
        return None
    rank = len(verdict.eigenvalues)
    halves = {gf.Kind.MINIMUM, gf.Kind.MINIMUM_MANIFOLD}
    values = [t.learning or (rank - t.nullity) / 2 for t in truths if t.learning or t.kind in halves]
    value = getattr(found, "value", None)
    lower, upper = (
        (value, value) if value is not None else (getattr(found, "lower", 0), getattr(found, "upper", math.inf))
    )
    return any(lower - _CLOSE <= true <= upper + _CLOSE for true in values) if values else None


if __name__ == "__main__":
    main()
