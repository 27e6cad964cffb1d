"""Enclosures of loss, gradient, Hessian and of the Hessian's rounding in float64, against mpmath: how many of random
configurations, with weights from 1e-8 to 1e3 and among them zeros, duplicates and opposites, are not contained.

    PYTHONPATH=tests python benchmarks/enclosures.py [--count 1000] [--seed 0]
"""

import argparse
from collections import Counter

import mpmath
import numpy as np
from oracles.containment import DIGITS, configuration, failures

from gradflow._text import table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    missed: Counter[str] = Counter()
    with mpmath.workdps(DIGITS):
        for _ in range(asked.count):
            missed.update(failures(configuration(rng), rng))
    print(f"{asked.count} configurations, {sum(missed.values())} values that are not contained")
    if missed:
        print(table(("what", "configurations"), [(name, str(count)) for name, count in missed.most_common()]))


if __name__ == "__main__":
    main()
