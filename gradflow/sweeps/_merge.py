"""merge_stores: the records of several stores of one experiment in one."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import counted
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import certified_of
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

# the same run on two machines ends in the same point to this
_SAME_POINT = 1e-10


@dataclass(frozen=True)
class Merged:
    """What a merge has done: runs `added`, failed runs `replaced` by better ones, runs that were there `already`, and
    the runs in `conflict`: both stores have one that did not fail, and they differ. The first is kept. `certified` are
    the runs whose certificates came along.
    """

    added: tuple[Address, ...]
    replaced: tuple[Address, ...]
    already: tuple[Address, ...]
    conflict: tuple[Address, ...]
    certified: tuple[Address, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{counted(len(self.added), 'run')} added, {len(self.already)} there already, "
            f"{len(self.replaced)} failed before and replaced, {len(self.conflict)} in conflict"
            + (f"; {counted(len(self.certified), 'certificate')} added" if self.certified else "")
        ]
        return "\n".join([*lines, *(f"in conflict, the first is kept: {address}" for address in self.conflict)])


def merge_stores(sources: Checked[Sequence[str | os.PathLike[str]]], into: Checked[str | os.PathLike[str]]) -> Merged:
    """Copy the records of the stores `sources` into the store `into`, which is made if it is not there.

    All must hold one experiment. A run that both have is kept as it is; a failed one gives way to one that did not
    fail. Certificates come along where the run that is kept ended in the same numbers and its own proves nothing.
    Nothing is taken from the sources. Two that did not fail but differ in their class, or in the loss by more
    than 1e-10, are in `conflict`: look at `versions` and `machine` in their records. Raises `ValueError` for stores of
    different experiments before anything is copied.
    """
    example = 'gf.merge_stores(["runs/a", "runs/b"], into="runs/all")'
    opened = [
        open_store(source, "merge_stores") for source in _checks.several("merge_stores", "sources", sources, example)
    ]
    for store in opened:
        _checks.same_description("merge_stores", store.folder, store.description, opened[0].experiment.description())
    target = Store(_checks.writable_folder("merge_stores", into, "into", example), opened[0].experiment)
    done: dict[str, list[Address]] = {name: [] for name in ("added", "replaced", "already", "conflict", "certified")}
    for store in opened:
        if store.folder.resolve() == target.folder.resolve():
            continue
        for address in store.addresses():
            record = store.read(address)
            if record is not None:
                done[_take(target, record)].append(address)
                if _take_certificate(target, store, record):
                    done["certified"].append(address)
        for grid in store.grids():
            target.keep_grid(grid)
    return Merged(**{name: tuple(addresses) for name, addresses in done.items()})


def _take(target: Store, record: Record) -> str:
    """Keep a record, and say which of the four it was."""
    own = target.read(record.address)
    if record.address in target.kept_out:  # there is one that cannot be compared here
        return "conflict"
    if own is None:
        target.write(record)
        return "added"
    if own.kind == "failed" and record.kind != "failed":
        target.keep(record, Task(record.address, replaces=target.stamp(record.address)))
        return "replaced"
    same = record.kind == "failed" or (
        (own.outcome, own.kind) == (record.outcome, record.kind)
        and abs(own.loss - record.loss) <= _SAME_POINT * max(1.0, abs(own.loss))
    )
    return "already" if same else "conflict"


def _take_certificate(target: Store, source: Store, record: Record) -> bool:
    """Keep the certificate of a record if it says more than the one that is there, of the end that is there."""
    found = source.certificate(record)
    own = None if found is None else target.read(record.address)
    if found is None or own is None or certified_of(target.experiment, own, found.content) is None:
        return False
    there = target.certificate(own)
    if there is not None and (there.proved or not found.proved):
        return False
    target.keep_certificate(record.address, found.content)
    return True
