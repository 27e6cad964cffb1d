"""Every field of twelve certificates and of a table replaced by some sixty other values, and what verify makes of it:
what holds is compared with mpmath.

    PYTHONPATH=tests python benchmarks/certificate_edits.py [--every 1]
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from oracles.field_edits import Tally, edited_certificates, edited_tables

import gradflow as gf
from gradflow._text import table

_HEADER = ("of", "edits", "refused", "not proved", "held", "false", "tracebacks", "over 5 s", "slowest CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="one edit in so many")
    every = parser.parse_args().every
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Tally] = edited_certificates(Path(folder) / "edited.json", np.random.default_rng(0), every)
        found["a table, k = 5"] = edited_tables(gf.certify_widths(5), Path(folder) / "edited.csv", every)
    rows = [
        (name, t.made, t.refused, t.not_proved, t.held, len(t.false), len(t.errors), len(t.slow), f"{t.slowest:.2f}")
        for name, t in found.items()
    ]
    sums = [sum(row[i] for row in rows) for i in range(1, 8)]
    print(table(_HEADER, [*rows, ("all", *sums, max(row[-1] for row in rows))]))
    for tally in found.values():
        for line in (*tally.false, *tally.errors, *tally.slow):
            print(line)


if __name__ == "__main__":
    main()
