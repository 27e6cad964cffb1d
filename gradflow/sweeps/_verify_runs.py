"""verify_runs: check the certificates of a store."""

import os
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._errors import WrongUse
from gradflow._progress import SweepMeter
from gradflow._text import counted
from gradflow.proofs import verify
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import Certified

_ANOTHER, _UNREADABLE = "given point: not the end of the run", "record: it cannot be read"


@dataclass(frozen=True, repr=False)
class VerifiedRuns:
    """The runs whose certificates were `proved` again, those that have one which says that nothing was proved, and of
    each that `failed` the names of the statements. A statement that fails is not thereby wrong: it has not been proved
    by what the certificate holds.
    """

    proved: tuple[Address, ...]
    unproved: tuple[Address, ...]
    failed: dict[Address, tuple[str, ...]]

    def __str__(self) -> str:
        total = len(self.proved) + len(self.unproved) + len(self.failed)
        lines = [
            f"verify: {counted(total, 'certificate')}, {len(self.proved)} proved again, {len(self.failed)} failed, "
            f"{len(self.unproved)} that say nothing was proved",
            *(f"{address}: not proved: {', '.join(names)}" for address, names in self.failed.items()),
        ]
        return "\n".join(lines)

    __repr__ = __str__


def verify_runs(store: Checked[str | os.PathLike[str]], *, progress: Checked[bool | str] = False) -> VerifiedRuns:
    """Prove the statements of all certificates of a store again, as `gf.verify` does, and that each is about the end of
    its run, whose class and loss it must not deny. Records without a certificate are passed over.

    Raises `ValueError` for a folder that is no store, and without python-flint.
    """
    _checks.extra("verify_runs", "flint", "proofs")
    opened = open_store(store, "verify_runs")
    shown = _checks.progress("verify_runs", progress)
    there = [address for address in opened.addresses() if opened.certificate_stamp(address) is not None]
    proved: list[Address] = []
    unproved: list[Address] = []
    failed: dict[Address, tuple[str, ...]] = {}
    with SweepMeter(len(there), shown=shown, of="certificates") as meter:
        for address in there:
            record = opened.read(address)
            found: Certified | None = None
            try:
                found = None if record is None else opened.read_certificate(record)
                if record is None or found is None:
                    names: tuple[str, ...] = (_UNREADABLE if record is None else _ANOTHER,)
                else:
                    names = (*verify(found.certificate).failed, *found.denies(record))
            except (WrongUse, ValueError) as error:
                names = (str(error),)
            if names:
                failed[address] = names
            else:
                (proved if found is not None and found.proved else unproved).append(address)
            meter.done("failed" if names else "verified")
    return VerifiedRuns(tuple(proved), tuple(unproved), failed)
