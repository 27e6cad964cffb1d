"""phase_diagram: the pipeline over widths and starts, resumable."""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

import numpy as np

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._progress import SweepMeter
from gradflow._results import RESULTS
from gradflow._solve import Solution, solve
from gradflow.networks import AbstractInitialiser
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.experiment import Experiment, experiment, is_ours
from gradflow.sweeps.processes import run_in_processes
from gradflow.sweeps.record import Address, Record, crashed, record_of
from gradflow.sweeps.store import Store


def phase_diagram(
    k: Checked[int],
    widths: Checked[Iterable[int] | int | None] = None,
    runs: Checked[int] = 10,
    seed: Checked[int] = 0,
    *,
    d: Checked[int | None] = None,
    init: Checked[AbstractInitialiser | None] = None,
    store: Checked[str | os.PathLike[str] | None] = None,
    rtol: Checked[float] = 1e-3,
    atol: Checked[float] = 1e-6,
    gradient_tolerance: Checked[float] = 1e-8,
    max_steps: Checked[int] = 10_000,
    processes: Checked[int] = 1,
    progress: Checked[bool] = False,
) -> PhaseDiagram:
    """Where gradient flows end: `runs` starts at every student width in `widths` (1 … k − 1 if left out) for the
    paper's teacher.

    `seed` is the root; the key of a run is derived from it and (k, n, run) alone, so that any cell can be run again
    alone (`gradflow solve --k 8 --n 4 --seed 0 --run 3`). `d` is the input dimension (k + 1 if left out), `init` the
    law of the initial weights (Glorot normal), the rest as in `flow`. With a `store` folder every run that finishes is
    kept there as one record, a second call resumes, and one with more widths or runs adds to it. `processes` share the
    runs, and the cores between them; each needs some seconds to start.

    Returns a `PhaseDiagram`; Ctrl-C returns what there is. A run that fails is a row with its reason. Raises
    `ValueError` before computing for wrong arguments, a folder that cannot be written and a store of another
    experiment.
    """
    k = _checks.count("phase_diagram", "k", k, "phase_diagram(k=8)")
    chosen = _checks.widths("phase_diagram", range(1, max(k, 2)) if widths is None else widths)
    runs = _checks.count("phase_diagram", "runs", runs, "runs=10")
    plan = experiment(
        k=k,
        d=d,
        init=init,
        seed=seed,
        rtol=rtol,
        atol=atol,
        gradient_tolerance=gradient_tolerance,
        max_steps=max_steps,
    )
    processes = _checks.count("phase_diagram", "processes", processes, "processes=1")
    if processes > 1:
        _checks.known_elsewhere("phase_diagram", plan.init, known=is_ours(plan.init))
    kept = None if store is None else Store(store, plan)
    addresses = [Address(k=k, n=n, run=run) for n in chosen for run in range(runs)]
    records: list[Record] = []
    # an interrupt between two runs, in the store or the meter, ends the sweep as one within a run does
    with (
        listening() as interrupted,
        SweepMeter(len(addresses), shown=progress) as meter,
        contextlib.suppress(KeyboardInterrupt),
    ):
        for record in _run_all(plan, addresses, kept, interrupted, processes):
            records.append(record)
            meter.update(len(records), Counter(record.outcome for record in records))
    records.sort(key=lambda record: addresses.index(record.address))
    return PhaseDiagram(experiment=plan, k=k, records=tuple(records), complete=len(records) == len(addresses))


def address(verb: str, k: int, n: int, run: int) -> Address:
    """A checked place in the grid."""
    return Address(
        k=_checks.count(verb, "k", k, "k=8"),
        n=_checks.count(verb, "n", n, "n=4", most=2**32 - 1),
        run=_checks.count(verb, "run", run, "run=0", least=0, most=2**32 - 1),
    )


def run_cell(plan: Experiment, address: Address, *, progress: bool = False) -> Solution:
    """One cell of a sweep, all stages."""
    problem, start = plan.problem(address.k, address.n), plan.start(*address)
    return solve(
        problem,
        start,
        rtol=plan.rtol,
        atol=plan.atol,
        gradient_tolerance=plan.gradient_tolerance,
        max_steps=plan.max_steps,
        progress=progress,
        throw=False,
    )


def run_and_keep(plan: Experiment, address: Address, store: Store | None) -> Record | None:
    """The record of one run, kept in the store; None if the user interrupted it."""
    began = perf_counter()
    try:
        solution = run_cell(plan, address)
    except KeyboardInterrupt:
        return None
    # what a library raises at size (memory, LAPACK, XLA) is the reason of one row, not the end of the sweep
    except (RuntimeError, MemoryError, ArithmeticError, np.linalg.LinAlgError) as error:
        record = crashed(plan, address, error)
    else:
        if bool(solution.result == RESULTS.interrupted):
            return None
        record = record_of(plan, address, solution, seconds=perf_counter() - began)
    if store is not None:
        store.write(record)
    return record


def _run_all(
    plan: Experiment, addresses: list[Address], store: Store | None, interrupted: Callable[[], bool], processes: int
) -> Iterator[Record]:
    """The records, from the store where they are, computed and kept where they are not; Ctrl-C ends it early."""
    missing = []
    for address in addresses:
        record = None if store is None else store.read(address)
        if record is None:
            missing.append(address)
        else:
            yield record
    if processes > 1 and len(missing) > 1:
        with contextlib.nullcontext(store) if store is not None else _temporary_store(plan) as shared:
            yield from run_in_processes(plan, missing, shared, min(processes, len(missing)))
        return
    for address in missing:
        record = None if interrupted() else run_and_keep(plan, address, store)
        if record is None:
            return
        yield record


@contextlib.contextmanager
def _temporary_store(plan: Experiment) -> Iterator[Store]:
    """Where worker processes leave their records if the caller keeps none."""
    with tempfile.TemporaryDirectory() as folder:
        yield Store(folder, plan)
