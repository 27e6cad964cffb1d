"""The exact families by symmetry: every width up to a k, one point at k = 10⁶, the boundaries.

    python benchmarks/families.py --most 500

The first part computes both families' whole spectra for every 2 ≤ n < k ≤ `most` in two processes, counts what float64
and then 40 digits leave undecided, and compares every index of copy-average with the closed form (which settles, up to
`most`, that no other block turns first) and P-n-C's indices with the boundary of each k in real numbers.
"""

import argparse
import multiprocessing
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import gradflow as gf
from gradflow._arithmetic import extended
from gradflow._text import table
from gradflow.families._boundaries import copy_average_margin


class Counted(NamedTuple):
    """Over a range of k."""

    points: int
    undecided: int
    against_formula: int
    unstable_above_onset: int
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=500)
    most = parser.parse_args().most
    began = perf_counter()
    # the cost of a k grows like its number of widths
    middle = max(4, round(most * 0.75))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(counted, [(3, middle), (middle, most + 1)])
    seconds = perf_counter() - began
    points = sum(one.points for one in found)
    print(
        f"both spectra for every 2 <= n < k <= {most}: {points} points of each family in {seconds:.0f} s, two processes"
    )
    print(f"eigenvalues not told from zero: {sum(one.undecided for one in found)}")
    print(f"copy-average's index against the closed form: {sum(one.against_formula for one in found)} differ")
    above = sum(one.unstable_above_onset for one in found)
    print(f"P-n-C at a width beyond the first stable one with an index above 0: {above}\n")
    print(table(("one call", "seconds"), [(name, f"{timed(call):.2f}") for name, call in CALLS.items()]))


def counted(ks: tuple[int, int]) -> Counted:
    began = perf_counter()
    arithmetic = extended(30)
    points = undecided = against = above = 0
    for found in gf.family_tables(range(*ks)):
        points += len(found.widths)
        undecided += int(found.copy_average.undecided.sum() + found.perturbed_n_copy.undecided.sum())
        for n, index in zip(found.widths, found.copy_average.indices, strict=True):
            m = found.k - int(n) + 1
            stable = int(n) - 1 < copy_average_margin(arithmetic.number(m), arithmetic)
            against += int(index != (0 if stable else m - 1))
        stable = found.perturbed_n_copy.indices == 0
        if np.any(stable):
            above += int(np.sum(~stable[int(np.argmax(stable)) :]))
    return Counted(points, undecided, against, above, perf_counter() - began)


def timed(call: Callable[[], Any]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


CALLS: dict[str, Callable[[], Any]] = {
    "P-n-C at k = 10^6, n = 3 10^5, with its spectrum, 20 digits": lambda: (
        gf.perturbed_n_copy(10**6, 300_000, digits=20).spectrum
    ),
    "C-A at k = 10^6, n = 3 10^5, with its spectrum, 20 digits": lambda: (
        gf.copy_average(10**6, 300_000, digits=20).spectrum
    ),
    "boundaries(20)": lambda: gf.boundaries(20),
    "boundaries(20, digits=40)": lambda: gf.boundaries(20, digits=40),
    "boundaries(10^4)": lambda: gf.boundaries(10**4),
    "boundaries(10^6)": lambda: gf.boundaries(10**6),
    "boundaries(10^8)": lambda: gf.boundaries(10**8),
    "family_table(50)": lambda: gf.family_table(50),
}


if __name__ == "__main__":
    main()
