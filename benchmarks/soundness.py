"""Wrong claims about small problems (at most 36 parameters), and how many of them are certified: certificates that were
edited so that they are false, and points that invite a false proof, whose certificates are compared with mpmath.

    PYTHONPATH=tests python benchmarks/soundness.py [--count 100000] [--seed 0]
"""

import argparse
from time import perf_counter

from oracles.hard_points import POINTS
from oracles.wrong_claims import certified_though_false

from gradflow._text import table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = perf_counter()
    found = certified_though_false(asked.count, asked.seed)
    rows = [
        (kind, str(made), str(found.proved[kind]) if kind in POINTS else "", str(found.wrong[kind]))
        for kind, made in sorted(found.made.items())
    ]
    print(table(("claims", "made", "proved, and true by mpmath", "certified though false"), rows))
    print(f"{found.verified} of {found.unedited} certificates verified before they were edited")
    print(f"{sum(found.made.values())} claims, {sum(found.wrong.values())} certified though false", end="; ")
    print(f"{perf_counter() - began:.0f} s")
    for example in found.examples[:10]:
        print(example)


if __name__ == "__main__":
    main()
