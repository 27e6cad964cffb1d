"""verify_widths: check a table of certified widths."""

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._progress import SweepMeter
from gradflow._text import counted
from gradflow.proofs.symmetric.width import CertifiedWidth, branches, check_row
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
        if not self.rows:
            return "verify_widths: there are no rows, so that nothing is proved"
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

    It trusts nothing but the numbers of each row and the ball arithmetic. That a row's critical point is P-n-C, and not
    another one of the same symmetry, is proved by following the branch from the perfect copy anew. `.failed` names row
    and statement where a table was edited ("branch" for another critical point, "a second row" of the same pair); what
    a row leaves empty counts as failed too. Whether rows are missing is `CertifiedWidths.missing`, what the rows say
    together is printed from them, and where it is not the theorem's `CertifiedWidths.exceptions` says so.

    Raises `ValueError` for a file that is no such table, and without python-flint.
    """
    _checks.extra("verify_widths", "flint", "proofs")
    progress = _checks.flag("verify_widths", "progress", progress)
    if isinstance(found, str | os.PathLike):
        found = read_certified_widths(found)
    _checks.instance("verify_widths", "found", found, CertifiedWidths, "gf.verify_widths(gf.certify_widths(50))")
    _checks.widths_rows("verify_widths", found.rows, CertifiedWidth)
    failed, seen = [], set[tuple[int, int]]()
    with SweepMeter(len(found.rows), shown="auto" if progress else "none", of="pairs") as meter:
        for rows in _by_k(found.rows):
            checked = [(row, check_row(row)) for row in rows]
            branch = branches((row.k, row.n) for row, about in checked if about.proved.perturbed is not None)
            for row, about in checked:
                pair = (row.k, row.n)
                names = about.with_branch(row, branch.get(pair)) + (("a second row",) if pair in seen else ())
                seen.add(pair)
                failed += [(row.k, row.n, name) for name in names]
                meter.done("not proved" if names else "proved again")
    return WidthsVerification(tuple(failed), len(found.rows))


def _by_k(rows: tuple[CertifiedWidth, ...]) -> Iterable[list[CertifiedWidth]]:
    """One branch leads to all widths of a k."""
    found = defaultdict[int, list[CertifiedWidth]](list)
    for row in rows:
        found[row.k].append(row)
    return found.values()
