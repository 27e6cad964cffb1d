"""phase_diagram: the pipeline over widths and starts, resumable."""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import jax

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._progress import SweepMeter
from gradflow.networks import AbstractInitialiser
from gradflow.sweeps.address import Address
from gradflow.sweeps.cores import cores
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.executors import AbstractExecutor, ThisProcess, WorkerProcesses
from gradflow.sweeps.experiment import Experiment, experiment, is_ours
from gradflow.sweeps.queue import Queue, shape_of
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Retry, Task

# a worker process takes some seconds to start: what takes fewer seconds than this in one process is done sooner here
_WORTH_WORKERS = 20.0
# seconds of a run, of one of its parameters, and of compiling a shape, as measured from k = 8 to 50
_OF_A_RUN, _OF_A_PARAMETER, _OF_A_SHAPE = 0.05, 2.5e-4, 7.0
# seconds between two looks for the record of a run that another process does, at first and at most
_SOON, _LATER = 0.1, 5.0


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
    time_limit: Checked[float | None] = None,
    trajectories: Checked[bool] = False,
    retry: Checked[Retry | None] = None,
    processes: Checked[int | None] = None,
    executor: Checked[AbstractExecutor | None] = None,
    progress: Checked[bool | str] = False,
) -> PhaseDiagram:
    """Where gradient flows end: `runs` starts at every student width in `widths` (1 … k − 1 if left out) for the
    paper's teacher.

    `seed` is the root; the key of a run is derived from it and (k, n, run) alone, so that any cell can be run again
    alone (`gradflow solve --k 8 --n 4 --seed 0 --run 3`). `d` is the input dimension (k + 1 if left out), `init` the
    law of the initial weights (Glorot normal), the rest as in `flow`. With a `store` folder every run that finishes is
    kept there as one record, a second call resumes, and one with more widths or runs adds to it; calls at the same
    time, on one or several machines, share the runs. With `trajectories` the weights along the path are kept too, of
    the runs that this call does. `time_limit` ends a flow after so many seconds. `retry=gf.Retry(...)` does failed runs
    of the store again.

    `executor` says where the runs are done: `gf.ThisProcess()`, `gf.WorkerProcesses(count)` (for short
    `processes=count`) or `gf.DaskCluster(address)`. Left out it is one worker process a core if there is work for more
    than some 20 s, and this process otherwise, on an accelerator, and for a law of initial weights of your own.
    `progress` shows a bar on a terminal and a line now and then in a log (`"live"` and `"plain"` to have one of them).

    Returns a `PhaseDiagram`; Ctrl-C returns what there is. A run that fails is a row with its reason. Raises
    `ValueError` before computing for wrong arguments, a folder that cannot be written, a store of another experiment
    and a scheduler that does not answer, and `StoreError` if the disk is full: nothing that was done is lost.
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
    _checks.one_executor("phase_diagram", executor, processes)
    if processes is not None:
        processes = _checks.count("phase_diagram", "processes", processes, "processes=2")
        executor = WorkerProcesses(processes) if processes > 1 else ThisProcess()
    if executor is not None:
        _checks.instance("phase_diagram", "executor", executor, AbstractExecutor, "executor=gf.WorkerProcesses(2)")
        if not executor.knows_own_laws:
            _checks.known_elsewhere("phase_diagram", plan.init, known=is_ours(plan.init))
    if time_limit is not None:
        time_limit = _checks.tolerance("phase_diagram", "time_limit", time_limit)
    if retry is not None:
        _checks.instance("phase_diagram", "retry", retry, Retry, "retry=gf.Retry(max_steps=100_000)")
    shown = _checks.progress("phase_diagram", progress)
    plan.start(k, chosen[0], 0)  # a law that cannot draw this width says so now
    addresses = [Address(k=k, n=n, run=run) for n in chosen for run in range(runs)]
    records: dict[Address, Record] = {}
    # an interrupt between two runs, in the store or the meter, ends the sweep as one within a run does
    with (
        _kept(plan, store) as kept,
        listening() as interrupted,
        SweepMeter(len(addresses), shown=shown) as meter,
        contextlib.suppress(KeyboardInterrupt),
    ):
        kept.ask(k, chosen, runs)
        tasks = []
        for address in addresses:
            record = kept.read(address)
            again = record is not None and retry is not None and retry.concerns(record.kind)
            if record is None or again:
                changes = retry.changes() if retry is not None and again else {}
                replaced = kept.stamp(address) if again else None
                tasks.append(Task(address, changes, time_limit, trajectories=trajectories, replaces=replaced))
            else:
                records[address] = record
                meter.found(record.outcome)
        for record in _done(plan, tasks, kept, executor or _default(plan, tasks), interrupted):
            records[record.address] = record
            meter.done(record.outcome)
    found = tuple(records[address] for address in sorted(records))
    return PhaseDiagram(experiment=plan, k=k, records=found, complete=len(found) == len(addresses))


def _default(plan: Experiment, tasks: Sequence[Task]) -> AbstractExecutor:
    """Where runs are done if nobody says it."""
    if jax.default_backend() != "cpu" or len(cores()) < 2 or not is_ours(plan.init):
        return ThisProcess()
    parameters = sum(task.address.n * (task.address.k + plan.excess + 1) for task in tasks)
    seconds = _OF_A_RUN * len(tasks) + _OF_A_PARAMETER * parameters + _OF_A_SHAPE * len({*map(shape_of, tasks)})
    return WorkerProcesses() if seconds > _WORTH_WORKERS else ThisProcess()


def _done(
    plan: Experiment,
    tasks: Sequence[Task],
    store: Store,
    executor: AbstractExecutor,
    interrupted: Callable[[], bool],
) -> Iterator[Record]:
    """The records of all tasks: of those that another process is doing, once it has them or has died."""
    pause = _SOON
    while tasks:
        queue = Queue(tasks, store)
        try:
            yield from executor.run(plan, queue, store, interrupted)
        finally:
            store.claims.release_all()
        waiting = []
        for task in queue.elsewhere:
            record = store.read(task.address)
            if record is None or (task.again and store.claims.is_held(task.address.stem)):
                waiting.append(task)
            else:
                yield record
        pause = _SOON if len(waiting) < len(tasks) else min(2 * pause, _LATER)
        tasks = waiting
        if tasks:
            time.sleep(pause)


@contextlib.contextmanager
def _kept(plan: Experiment, folder: str | os.PathLike[str] | None) -> Iterator[Store]:
    """The store, or one for the time of the call if the caller keeps none."""
    if folder is not None:
        yield Store(folder, plan)
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Store(temporary, plan)
