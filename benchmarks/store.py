"""What a store costs: its share of a sweep's time at (10, 20), and 100,000 records listed and filtered.

python benchmarks/store.py [--runs 300] [--records 100000]
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache
from gradflow.sweeps import Address, Record, Store, Task, checked_experiment
from gradflow.sweeps.queue import Queue
from gradflow.sweeps.record import to_bytes
from gradflow.sweeps.run import run_task

N, K = 10, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--records", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        plan = checked_experiment(k=K)
        store = Store(folder, plan)
        records = overhead(store, asked.runs)
        listing(store, records, asked.records)


def overhead(store: Store, runs: int) -> list[Record]:
    """Run by run: the seconds of the run, and those of taking it from the queue, keeping it and giving it back."""
    queue = Queue([Task(Address(K, N, run)) for run in range(runs)], store)
    running, keeping, records = [], [], []
    run_task(store.experiment, Task(Address(K, N, runs)))  # compiles
    while True:
        began = perf_counter()
        task = queue.take((K, 16))
        if task is None:
            break
        taken = perf_counter()
        record = run_task(store.experiment, task)
        done = perf_counter()
        assert record is not None
        store.keep(record, task)
        queue.finished(task, record)
        running.append(done - taken)
        keeping.append(perf_counter() - done + taken - began)
        records.append(record)
    store.claims.release_all()
    share = sum(keeping) / sum(running)
    print(f"({N}, {K}), {runs} runs: {1e3 * statistics.median(running):.1f} ms a run, median;", end=" ")
    print(f"{1e3 * statistics.median(keeping):.2f} ms to claim and keep it: {share:.1%} of all")
    return records


def listing(store: Store, records: list[Record], number: int) -> None:
    """Copies of the records under new numbers, without waiting for the disk each time."""
    for run in range(len(records), number):
        record = records[run % len(records)]
        copy = Record(address=Address(K, N, run), header=record.header | {"run": run}, arrays=record.arrays)
        (store.folder / "records" / f"{copy.address.stem}.npz").write_bytes(to_bytes(copy))
    for what, conditions in (
        ("index made from the records", {}),
        ("listed with the index", {}),
        ("filtered with the index", {"outcome": "P-n-C", "kind": "minimum"}),
    ):
        began = perf_counter()
        found = gf.stored_runs(store.folder, **conditions)
        print(f"{number} records, {what}: {perf_counter() - began:.2f} s ({len(found)} found)", flush=True)


if __name__ == "__main__":
    use_compilation_cache()
    main()
