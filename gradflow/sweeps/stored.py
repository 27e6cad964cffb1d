"""What a store holds, as diagrams, without running anything."""

import os

from gradflow._checks import Checked
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.diagram import PhaseDiagram


def stored_diagrams(store: Checked[str | os.PathLike[str]]) -> tuple[PhaseDiagram, ...]:
    """The sweeps in a folder that `phase_diagram(..., store=...)` has written, one for each k, from its records alone.

    A diagram is complete if every run that was ever asked for at its k has a record. Raises `ValueError` for a folder
    that is no store, and for a store of a newer gradflow.
    """
    opened = open_store(store, "stored_diagrams")
    asked = opened.asked().number
    records = [record for record in map(opened.read, opened.addresses()) if record is not None]
    proofs = {record.address: opened.certificate(record) for record in records}
    certificates = {address: found for address, found in proofs.items() if found is not None}
    return tuple(
        PhaseDiagram(
            experiment=opened.experiment,
            k=k,
            records=(found := tuple(record for record in records if record.address.k == k)),
            complete=len(found) == asked[k],
            certificates={address: found for address, found in certificates.items() if address.k == k},
        )
        for k in sorted({record.address.k for record in records})
    )
