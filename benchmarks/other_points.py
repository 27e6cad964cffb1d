"""Critical points with P-n-C's symmetry that are not P-n-C, by Newton's method from random starts: how many there are,
and whether the check of the theorem's table takes one of them for P-n-C.

    PYTHONPATH=tests python benchmarks/other_points.py 12
"""

import sys
from collections import Counter

import numpy as np
from oracles.other_points import symmetric_points

from gradflow.proofs.symmetric.width import CertifiedWidth, branches, check_row

_STARTS = 1000
# two points that are nearer are one
_ALIKE = 1e-6


def main(most: int) -> None:
    rng, counts = np.random.default_rng(0), Counter[str]()
    pairs = [(k, n) for k in range(3, most + 1) for n in range(2, k)] + [(20, 3), (20, 12), (50, 2), (50, 22)]
    branch = branches(pairs)
    for k, n in pairs:
        for point in symmetric_points(k, n, _STARTS, rng):
            row = CertifiedWidth(k, n, None, None, None, tuple(f"{x:.17g}" for x in point), None, None, None)
            about = check_row(row)
            isolated = about.proved.perturbed
            if isolated is None:
                counts["not isolated for certain"] += 1
                continue
            passed = "branch" not in about.with_branch(row, branch[k, n])
            nearest = float(np.max(np.abs(point - [float(x) for x in branch[k, n]])))
            is_branch = nearest < _ALIKE * max(1.0, point[3])
            counts["P-n-C" if is_branch else "another critical point"] += 1
            counts[
                "taken for P-n-C, falsely" if passed and not is_branch else "refused" if not passed else "taken"
            ] += 1
            if not is_branch:
                kind = (
                    "index 0" if isolated.index == 0 else "index n - 1" if isolated.index == n - 1 else "another index"
                )
                sign = "own > 0" if point[0] > 0 else "own < 0"
                largest = "own the largest" if point[0] == max(point[:3]) else "own not the largest"
                counts[f"another: {kind}, {sign}, {largest}"] += 1
    print(f"{len(pairs)} pairs (k, n), {_STARTS} starts each")
    for name, count in sorted(counts.items()):
        print(f"{count:6d}  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
