"""Ends of forty known tails: degenerate points and infinity told apart, with their exponents.

PYTHONPATH=tests python benchmarks/tails.py
"""

import numpy as np
from oracles.tails import POINT, TAILS

import gradflow as gf

# of an exponent that counts as right
_CLOSE = 0.05


def main() -> None:
    wrong, right, undecided = 0, 0, 0
    for known in TAILS:
        problem = known.loss()
        solution = gf.solve(problem, problem.init, throw=False)
        verdict = solution.classification
        kind = gf.Kind.DEGENERATE if known.end == POINT else gf.Kind.MINIMUM_AT_INFINITY
        if verdict is None or verdict.kind is gf.Kind.UNDECIDED:
            undecided, said = undecided + 1, "undecided"
        else:
            found = verdict.tail.exponent if verdict.tail is not None else np.nan
            close = found == known.exponent or abs(found - known.exponent) <= _CLOSE
            right, said = right + (verdict.kind is kind and close), f"{verdict.kind}, {found:.4f}"
            wrong += verdict.kind is not kind
        print(f"{known.name:22} {known.dimension:3} dimensions, {known.end}, {known.exponent:g}: {said}", flush=True)
    print(f"{len(TAILS)} tails: {right} right with their exponents, {undecided} undecided, {wrong} wrong")


if __name__ == "__main__":
    main()
