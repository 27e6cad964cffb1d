"""A sweep killed by SIGKILL at random instants and resumed each time: every run present once, none lost but those in
flight, results identical to those of an undisturbed sweep.

    python benchmarks/kills.py [--runs 200] [--kills 50]
"""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import sleep

import numpy as np

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache

SWEEP = "import sys, gradflow as gf; gf.phase_diagram(8, 4, int(sys.argv[2]), store=sys.argv[1], processes=2)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    asked = parser.parse_args()
    chance = random.Random(0)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, tempfile.TemporaryDirectory() as other:
        undisturbed = gf.phase_diagram(8, 4, asked.runs, store=other, processes=2)
        records = Path(folder) / "records"
        seen: dict[str, bytes] = {}
        killed = lost = 0
        while killed < asked.kills:
            process = subprocess.Popen([sys.executable, "-c", SWEEP, folder, str(asked.runs)])
            # until it is at work, or has nothing left to do; then at any instant of a few runs' time
            at_work = len(seen) + chance.randrange(4)
            while process.poll() is None and len(list(records.glob("k*.npz"))) < at_work:
                sleep(0.002)
            sleep(chance.uniform(0, 0.1))
            process.kill()
            process.wait()
            killed += 1
            now = {path.name: path.read_bytes() for path in records.glob("k*.npz")}
            lost += sum(now.get(name) != content for name, content in seen.items())
            seen = now
        print(f"{killed} kills, {len(seen)} of {asked.runs} runs done by then, {lost} records lost or changed")
        resumed = gf.phase_diagram(8, 4, asked.runs, store=folder, processes=2)
        same = sum(
            one.summary() == two.summary() and np.array_equal(one.arrays["weights"], two.arrays["weights"])
            for one, two in zip(undisturbed.records, resumed.records, strict=True)
        )
        print(f"resumed: {len(resumed.records)} runs, {same} the same to the last bit as undisturbed", end=", ")
        print(f"{len(list(Path(folder).glob('damaged/*')))} damaged files, {len(list(records.glob('.*')))} left-overs")


if __name__ == "__main__":
    use_compilation_cache()
    main()
