"""Seconds of `gf.certify` and `gf.verify` on one core, in all of the parameters: both exact families at four sizes, and
a hundred digits of one.

    python benchmarks/certify.py [--repeats 5] [--sizes 4,8 10,20 23,50 50,100]
"""

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from cores import one_core

import gradflow as gf
from gradflow._text import table

# beyond, a proof takes half a minute: it is done once, and not verified
_VERIFIED = 2_000
_MANY_DIGITS = (23, 50)


def median(repeats: int, call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Seconds of a call, and what the last one gave."""
    seconds = []
    for _ in range(repeats):
        began = perf_counter()
        found = call(*arguments, **options)
        seconds.append(perf_counter() - began)
    return float(np.median(seconds)), found


def rows_of(n: int, k: int, repeats: int) -> list[tuple[str, ...]]:
    rows = []
    for family in (gf.copy_average, gf.perturbed_n_copy):
        student = family(k=k, n=n, d=k).student
        problem = gf.TeacherStudent(gf.orthonormal_teacher(k=k), width=n)
        parameters = student.weights.size + student.output.size
        for digits in (30, 100) if (n, k) == _MANY_DIGITS else (30,):
            times = repeats if parameters <= _VERIFIED else 1
            seconds, found = median(times, gf.certify, problem, student, digits=digits)
            again, checked = median(1, gf.verify, found) if parameters <= _VERIFIED else (0.0, None)
            rows.append(
                (
                    f"({n}, {k}) {family.__name__}",
                    str(parameters),
                    str(digits),
                    f"{seconds:.3f}",
                    str(found.index) if found.proved else "not proved",
                    str(found.digits),
                    "" if checked is None else f"{again:.2f}{'' if checked.holds else ' fails'}",
                )
            )
            print(*rows[-1], flush=True)
    return rows


def main() -> None:
    one_core()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", default=["4,8", "10,20", "23,50", "50,100"])
    asked = parser.parse_args()
    rows: list[tuple[str, ...]] = []
    for size in asked.sizes:
        n, k = (int(part) for part in size.split(","))
        rows += rows_of(n, k, asked.repeats)
    print(table(("point", "parameters", "digits asked", "seconds", "index", "digits", "verified in"), rows))


if __name__ == "__main__":
    main()
