"""certify_runs: prove what the ends of stored runs are."""

import contextlib
import os
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._interrupt import listening
from gradflow._progress import SweepMeter
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import DIGITS, Certified, is_provable
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.executors import AbstractExecutor
from gradflow.sweeps.index import index_of
from gradflow.sweeps.store import open_store
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
    executor = executor_of("certify_runs", executor, processes)
    shown = _checks.progress("certify_runs", progress)
    opened = open_store(store, "certify_runs")
    plan, columns = opened.experiment, index_of(opened).where(**conditions).columns
    places = zip(*(columns[name].tolist() for name in Address._fields), strict=True)
    records = {address: opened.read(address) for address in map(Address._make, places)}
    there = [record for record in records.values() if record is not None]

    def enough(found: Certified) -> bool:
        return (found.error is None or found.digits >= digits) if found.proved else not again

    tasks = [task for record in there if (task := proof_to_do(opened, record, digits, enough)) is not None]
    left = {task.address for task in tasks}
    with (
        listening() as interrupted,
        SweepMeter(sum(map(is_provable, there)), shown=shown) as meter,
        contextlib.suppress(KeyboardInterrupt),
    ):
        for record in there:
            if is_provable(record) and record.address not in left:
                meter.found(_said(opened.certificate(record)))
        for record in done(plan, tasks, opened, executor or default_executor(plan, tasks), interrupted):
            left.discard(record.address)
            meter.done(_said(opened.certificate(record)))
    proofs = {record.address: opened.certificate(record) for record in there}
    return tuple(
        PhaseDiagram(
            experiment=plan,
            k=k,
            records=tuple(record for record in there if record.address.k == k),
            complete=all(address.k != k for address in left),
            certificates={a: found for a, found in proofs.items() if found is not None and a.k == k},
        )
        for k in sorted({record.address.k for record in there})
    )


def _said(found: Certified | None) -> str:
    return "certified" if found is not None and found.proved else "not certified"
