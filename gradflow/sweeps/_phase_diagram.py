"""phase_diagram: the pipeline over widths and starts, resumable."""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._pace import Pace
from gradflow._progress import SweepMeter
from gradflow.networks import AbstractInitialiser
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import DIGITS, Certified
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.executors import AbstractExecutor
from gradflow.sweeps.experiment import Experiment, checked_experiment, is_ours
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Retry, Task
from gradflow.sweeps.work import default_executor, done, executor_of, proof_to_do


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
    certify: Checked[bool] = False,
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

    With `certify` every run that ended at a critical point has a certificate besides (`gf.certify`), those too that are
    in the store without one: in `.certificates`, and as files of `gf.write_certificate` in the store's folder
    `certificates`. What could not be proved is not tried again, see `gf.certify_runs`. Needs the extra `proofs`.

    `executor` says where the runs are done: `gf.ThisProcess()`, `gf.WorkerProcesses(count)` (for short
    `processes=count`) or `gf.DaskCluster(address)`. Left out it is one worker process a core if there is work for more
    than some 20 s, and this process otherwise, on an accelerator, and for a law of initial weights of your own.
    `progress` shows a bar on a terminal and a line now and then in a log (`"live"` and `"plain"` to have one of them).

    Returns a `PhaseDiagram`; Ctrl-C returns what there is. A run that fails is a row with its reason. Raises
    `ValueError` before computing for wrong arguments, a folder that cannot be written, a store of another experiment
    and a scheduler that does not answer, and `StoreError` if the disk is full: nothing that was done is lost.
    """
    k = _checks.count("phase_diagram", "k", k, "phase_diagram(k=8)", most=_checks.MOST_WIDTH)
    chosen = _checks.widths("phase_diagram", range(1, max(k, 2)) if widths is None else widths)
    runs = _checks.count("phase_diagram", "runs", runs, "runs=10", most=_checks.MOST_THINGS)
    _checks.grid("phase_diagram", len(chosen), runs)
    plan = checked_experiment(
        k=k,
        d=d,
        init=init,
        seed=seed,
        rtol=rtol,
        atol=atol,
        gradient_tolerance=gradient_tolerance,
        max_steps=max_steps,
    )
    executor = executor_of("phase_diagram", executor, processes)
    if executor is not None and not executor.knows_own_laws:
        _checks.known_elsewhere("phase_diagram", plan.init, known=is_ours(plan.init))
    trajectories = _checks.flag("phase_diagram", "trajectories", trajectories)
    if _checks.flag("phase_diagram", "certify", certify):
        _checks.extra("phase_diagram", "flint", "proofs")
    digits = DIGITS if certify else None
    if time_limit is not None:
        time_limit = _checks.tolerance("phase_diagram", "time_limit", time_limit)
    if retry is not None:
        _checks.instance("phase_diagram", "retry", retry, Retry, "retry=gf.Retry(max_steps=100_000)")
    shown = _checks.progress("phase_diagram", progress)
    plan.start(k, chosen[0], 0)  # a law that cannot draw this width says so now
    addresses = [Address(k=k, n=n, run=run) for n in chosen for run in range(runs)]
    records: dict[Address, Record] = {}
    certificates: dict[Address, Certified] = {}
    left = set(addresses)
    pace = Pace()
    # an interrupt between two runs, in the store or the meter, ends the sweep as one within a run does
    with (
        _kept(plan, store) as kept,
        listening() as interrupted,
        SweepMeter(len(addresses), shown=shown, pace=pace) as meter,
        contextlib.suppress(KeyboardInterrupt),
    ):

        def known(record: Record) -> tuple[str, ...]:
            """Put a record and its certificate with the others; by what it is counted."""
            records[record.address] = record
            found = kept.certificate(record)
            if found is None:
                return (record.outcome,)
            certificates[record.address] = found
            return record.outcome, found.tally

        kept.ask(k, chosen, runs)
        tasks = []
        for address in addresses:
            record = kept.read(address)
            if address in kept.kept_out:  # it stays where it is, and is neither shown nor done again
                continue
            again = record is not None and retry is not None and retry.concerns(record.kind)
            if record is None or again:
                changes = retry.changes() if retry is not None and again else {}
                replaced = kept.stamp(address) if again else None
                tasks.append(
                    Task(address, changes, time_limit, trajectories=trajectories, replaces=replaced, digits=digits)
                )
                continue
            counted = known(record)
            proof = proof_to_do(kept, record, digits, certified=address in certificates)
            if proof is None:
                meter.found(*counted)
            else:
                tasks.append(proof)
        left = {task.address for task in tasks}
        for record in done(plan, tasks, kept, executor or default_executor(plan, tasks), interrupted, pace):
            meter.done(*known(record))
            left.discard(record.address)
    return PhaseDiagram(
        experiment=plan,
        k=k,
        records=tuple(records[address] for address in sorted(records)),
        complete=not left and kept.kept_out.isdisjoint(addresses),
        certificates=certificates,
        unreadable=tuple(sorted(kept.kept_out.intersection(addresses))),
    )


@contextlib.contextmanager
def _kept(plan: Experiment, folder: str | os.PathLike[str] | None) -> Iterator[Store]:
    """The store, or one for the time of the call if the caller keeps none."""
    if folder is not None:
        yield Store(_checks.writable_folder("phase_diagram", folder), plan)
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Store(temporary, plan)
