"""verify_widths: check a table of certified widths."""

import os
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._progress import SweepMeter
from gradflow._text import counted
from gradflow.proofs.symmetric.width import unproved_statements
from gradflow.proofs.symmetric.widths import CertifiedWidths
from gradflow.proofs.symmetric.widths_file import read_certified_widths

# beyond, what fails is only counted
_NAMED = 20


@dataclass(frozen=True, repr=False)
class WidthsVerification:
    """The statements that were not proved again, (k, n, name), among so many `rows`. That a statement is there does not
    mean that it is wrong: it has not been proved by what its row holds.
    """

    failed: tuple[tuple[int, int, str], ...]
    rows: int

    @property
    def holds(self) -> bool:
        """Whether there are rows, and every statement of every row was proved again."""
        return self.rows > 0 and not self.failed

    def __str__(self) -> str:
        if not self.failed:
            return f"verify_widths: every statement of {counted(self.rows, 'row')} proved again"
        named = "\n".join(f"  k = {k}, n = {n}: {name}" for k, n, name in self.failed[:_NAMED])
        more = f"\n  and {len(self.failed) - _NAMED} more" if len(self.failed) > _NAMED else ""
        return f"verify_widths: {counted(len(self.failed), 'statement')} not proved\n{named}{more}"

    __repr__ = __str__


def verify_widths(
    found: Checked[CertifiedWidths | str | os.PathLike[str]], *, progress: Checked[bool] = False
) -> WidthsVerification:
    """Prove every statement of certified widths, or of a file with them, again.

    It trusts nothing but the numbers of each row and the ball arithmetic, and searches for nothing. `.failed` names row
    and statement where a table was edited; what a row leaves empty counts as failed too. Whether rows are missing is
    `CertifiedWidths.missing`.

    Raises `ValueError` for a file that is no such table, and without python-flint.
    """
    _checks.extra("verify_widths", "flint", "proofs")
    progress = _checks.flag("verify_widths", "progress", progress)
    if isinstance(found, str | os.PathLike):
        found = read_certified_widths(found)
    _checks.instance("verify_widths", "found", found, CertifiedWidths, "gf.verify_widths(gf.certify_widths(50))")
    failed = []
    with SweepMeter(len(found.rows), shown="auto" if progress else "none", of="pairs") as meter:
        for row in found.rows:
            names = unproved_statements(row)
            failed += [(row.k, row.n, name) for name in names]
            meter.done("not proved" if names else "proved again")
    return WidthsVerification(tuple(failed), len(found.rows))
