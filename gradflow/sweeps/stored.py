"""What a store holds, as diagrams, without running anything."""

import json
import os
import re

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.experiment import from_description
from gradflow.sweeps.record import Address
from gradflow.sweeps.store import Store

_RECORD = re.compile(r"k(\d+)-n(\d+)-run(\d+)\.npz")


def stored_diagrams(store: Checked[str | os.PathLike[str]]) -> tuple[PhaseDiagram, ...]:
    """The sweeps in a folder that `phase_diagram(..., store=...)` has written, one for each k, from its records alone.

    They count as complete: what else was asked for is not known to the store. Raises `ValueError` for a folder that is
    no store.
    """
    folder = _checks.folder("stored_diagrams", store)
    description = folder / "experiment.json"
    _checks.is_store("stored_diagrams", folder, description)
    plan = from_description(json.loads(description.read_text()))
    opened = Store(folder, plan)
    found = [_RECORD.fullmatch(path.name) for path in (folder / "records").iterdir()]
    addresses = sorted(Address(*map(int, match.groups())) for match in found if match is not None)
    records = [record for record in map(opened.read, addresses) if record is not None]
    return tuple(
        PhaseDiagram(
            experiment=plan, k=k, records=tuple(record for record in records if record.address.k == k), complete=True
        )
        for k in sorted({record.address.k for record in records})
    )
