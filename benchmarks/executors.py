"""Runs a second at (10, 20) by executor: one worker of one thread, two workers, a Dask cluster of two workers.

What is compared is the steady rate: from the 20th record of a sweep to the last, by the times at which the records were
written. What comes before, starting and compiling, has a column of its own.

    python benchmarks/executors.py [--runs 1000] [--repeats 3]
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from time import time

import distributed

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache
from gradflow._text import table

N, K = 10, 20
WARM = 20  # records until every worker has compiled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    everything = os.sched_getaffinity(0)
    rates: dict[str, list[float]] = {"one worker": [], "two workers": [], "Dask, two workers": []}
    starts: dict[str, list[float]] = {name: [] for name in rates}
    swept(gf.WorkerProcesses(2), WARM)  # fills the compilation cache
    for _ in range(asked.repeats):
        os.sched_setaffinity(0, {min(everything)})  # a worker's share is the caller's
        measure("one worker", gf.WorkerProcesses(1), asked.runs, rates, starts)
        os.sched_setaffinity(0, everything)
        measure("two workers", gf.WorkerProcesses(2), asked.runs, rates, starts)
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
            executor = gf.DaskCluster(cluster.scheduler_address)
            measure("Dask, two workers", executor, asked.runs, rates, starts)
    middle = {name: statistics.median(values) for name, values in rates.items()}
    rows = [
        (
            name,
            f"{middle[name]:.1f}",
            f"{middle[name] / middle['one worker']:.2f}",
            f"{middle[name] / middle['two workers']:.2f}",
            f"{statistics.median(starts[name]):.1f}",
        )
        for name in rates
    ]
    print(f"(n, k) = ({N}, {K}), {asked.runs} runs, median of {asked.repeats}")
    print(table(("executor", "runs a second", "of one worker", "of two workers", "seconds to start"), rows))


def measure(
    name: str,
    executor: gf.AbstractExecutor,
    runs: int,
    rates: dict[str, list[float]],
    starts: dict[str, list[float]],
) -> None:
    rate, start = swept(executor, runs)
    rates[name].append(rate)
    starts[name].append(start)
    print(f"{name}: {rate:.1f} runs a second, {start:.1f} s to the first {WARM}", flush=True)


def swept(executor: gf.AbstractExecutor, runs: int) -> tuple[float, float]:
    """The steady rate of a sweep, and the seconds until it was steady."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        began = time()
        gf.phase_diagram(K, N, runs, store=folder, executor=executor)
        written = sorted(gf.stored_runs(folder).columns["written"])
    steady = written[WARM - 1] if runs > WARM else written[-1]
    rate = (runs - WARM) / (written[-1] - steady) if runs > WARM else 0.0
    return rate, steady - began


if __name__ == "__main__":
    use_compilation_cache()
    main()
