"""certify_runs: prove what the ends of stored runs are."""

import contextlib
import os
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._pace import Pace
from gradflow._progress import SweepMeter
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import DIGITS, is_provable
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.executors import AbstractExecutor
from gradflow.sweeps.index import index_of
from gradflow.sweeps.work import default_executor, done, executor_of, proof_to_do


def certify_runs(
    store: Checked[str | os.PathLike[str]],
    *,
    digits: Checked[int] = DIGITS,
    again: Checked[bool] = False,
    processes: Checked[int | None] = None,
    executor: Checked[AbstractExecutor | None] = None,
    progress: Checked[bool | str] = False,
    **conditions: Any,
) -> tuple[PhaseDiagram, ...]:
    """Certify the ends of a store's runs that have no certificate, as `gf.certify` does, and keep the certificates
    beside the records, which stay as they are: all runs that ended at a critical point, or those of them that fulfil
    the conditions, as certify_runs("runs/k8", n=(3, 4), run=0).

    A proved one with fewer `digits` than asked for is made anew; one that proves nothing only with `again`. The other
    arguments as in `phase_diagram`. Returns the diagrams of these runs, one for each k, with their `certificates`;
    `complete` says whether all that were to be done have one (Ctrl-C leaves what there is). Raises `ValueError` without
    python-flint and for a folder that is no store, `StoreError` if it cannot be written.
    """
    _checks.extra("certify_runs", "flint", "proofs")
    digits = _checks.digits("certify_runs", digits)
    again = _checks.flag("certify_runs", "again", again)
    executor = executor_of("certify_runs", executor, processes)
    shown = _checks.progress("certify_runs", progress)
    opened = open_store(store, "certify_runs")
    plan, columns = opened.experiment, index_of(opened).where(**conditions).columns
    places = zip(*(columns[name].tolist() for name in Address._fields), strict=True)
    records = [record for record in map(opened.read, map(Address._make, places)) if record is not None]
    proofs = {record.address: found for record in records if (found := opened.certificate(record)) is not None}

    def certified(address: Address) -> bool:
        found = proofs.get(address)
        if found is None or not found.proved:
            return found is not None and not again
        return found.error is None or found.digits >= digits

    every = (proof_to_do(opened, one, digits, certified=certified(one.address)) for one in records)
    tasks = [task for task in every if task is not None]
    left = {task.address for task in tasks}
    pace = Pace()
    with (
        listening() as interrupted,
        SweepMeter(sum(map(is_provable, records)), shown=shown, pace=pace) as meter,
        contextlib.suppress(KeyboardInterrupt),
    ):
        for address in proofs.keys() - left:
            meter.found(proofs[address].tally)
        for record in done(plan, tasks, opened, executor or default_executor(plan, tasks), interrupted, pace):
            left.discard(record.address)
            found = opened.certificate(record)
            if found is not None:
                proofs[record.address] = found
                meter.done(found.tally)
    return tuple(
        PhaseDiagram(
            experiment=plan,
            k=k,
            records=tuple(record for record in records if record.address.k == k),
            complete=all(address.k != k for address in left),
            certificates={address: found for address, found in proofs.items() if address.k == k},
        )
        for k in sorted({record.address.k for record in records})
    )
