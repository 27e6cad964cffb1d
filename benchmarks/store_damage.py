"""Every damage of `oracles.damages` in a copy of one small store, and every operation of `oracles.store_operations` on
it: tracebacks, hangs, and undamaged runs that were not served, or not as they are.

python benchmarks/store_damage.py [--only NAME] [--operations runs,status] [--seconds 20]
"""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from oracles.damages import DAMAGES, Damage, whole_store
from oracles.store_operations import OPERATIONS, check

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="damages whose name has this")
    parser.add_argument("--operations", default=",".join(OPERATIONS))
    parser.add_argument("--seconds", type=float, default=20.0, help="after which an operation counts as one that hangs")
    asked = parser.parse_args()
    operations = asked.operations.split(",")
    damages = {name: damage for name, damage in DAMAGES.items() if asked.only in name}
    tally: Counter[str] = Counter()
    slowest: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = whole_store(Path(folder) / "whole")
        losses = {record.address: record.loss for record in gf.stored_diagrams(store)[0].records}
        for name, damage in damages.items():
            for operation in operations:
                began = process_time()
                with tempfile.TemporaryDirectory(dir=folder) as place:
                    copy = Path(shutil.copytree(store, Path(place) / "k8"))
                    damage.spoil(copy)
                    found = outcome(operation, copy, Path(place), losses, damage, asked.seconds)
                tally[found.partition(":")[0]] += 1
                slowest[operation] = max(slowest.get(operation, (0.0, "")), (process_time() - began, name))
                if found != "served":
                    print(f"{name} / {operation}: {found}", flush=True)
    print(f"{len(damages)} damages, {len(operations)} operations: {sum(tally.values())} pairs")
    for what in ("traceback", "hang", "not served", "served"):
        print(f"{what}: {tally[what]}")
    for operation, (seconds, name) in slowest.items():
        print(f"slowest {operation}: {seconds:.2f} CPU s ({name})")
    sys.exit(tally["served"] < sum(tally.values()))


def outcome(
    operation: str, store: Path, away: Path, losses: dict[gf.Address, float], damage: Damage, limit: float
) -> str:
    """ "served", or what went wrong."""
    try:
        with within(limit):
            check(operation, store, away, losses, damage)
    except Hangs:
        return "hang"
    except AssertionError as error:
        return f"not served: {error}"
    except Exception as error:  # whatever it is, a user would see it
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"traceback: {type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"
    return "served"


class Hangs(BaseException):
    """An operation took longer than any should."""


@contextlib.contextmanager
def within(limit: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")
    use_compilation_cache()
    main()
