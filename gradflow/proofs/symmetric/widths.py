"""What is proved of both exact families at many widths."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import counted, table
from gradflow.proofs.symmetric.width import COPY_AVERAGE, PERTURBED, CertifiedWidth

# exceptions; beyond, they are only counted
_NAMED = 10
# all widths of a k are solved at once up to here, two million pairs in all; beyond, ask for some
MOST_COMPLETE = 2_000


@dataclass(frozen=True, repr=False)
class CertifiedWidths:
    """For every row, a pair of n and k: the index of optimal copy-average and of P-n-C, and which has the lower loss.
    Rows hold in every d > k dimensions; see `CertifiedWidth`.

    P-n-C is the point to which its branch leads from the perfect copy: the only critical point in its ball, not in all
    of space. Where something was not proved, that is None and says nothing.
    """

    rows: tuple[CertifiedWidth, ...]

    @property
    def ks(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(sorted({row.k for row in self.rows}))

    def missing(self, most: Checked[int | None] = None) -> tuple[tuple[int, int], ...]:
        """The pairs (k, n) that have no row, or one with something not proved, among 2 ≤ n < k; for the ks of this
        table, or all from 3 to `most`.
        """
        if most is not None:
            most = _checks.count("missing", "most", most, "found.missing(50)", least=0, most=MOST_COMPLETE)
        proved = {(row.k, row.n) for row in self.rows if row.proved}
        ks = self.ks if most is None else range(3, most + 1)
        return tuple((k, n) for k in ks for n in range(2, k) if (k, n) not in proved)

    def copy_average_minima(self, k: Checked[int]) -> tuple[int, ...]:
        """The widths where optimal copy-average is a strict local minimum."""
        return self._where(k, lambda row: row.copy_average_index == 0)

    def perturbed_minima(self, k: Checked[int]) -> tuple[int, ...]:
        """The widths where P-n-C is a strict local minimum."""
        return self._where(k, lambda row: row.perturbed_index == 0)

    def both_minima(self, k: Checked[int]) -> tuple[int, ...]:
        """The widths where both are."""
        return self._where(k, lambda row: row.perturbed_index == row.copy_average_index == 0)

    def lower(self, k: Checked[int], family: Checked[str]) -> tuple[int, ...]:
        """The widths where this family, "C-A" or "P-n-C", has the lower loss of the two."""
        _checks.choice("lower", "family", family, (COPY_AVERAGE, PERTURBED))
        return self._where(k, lambda row: row.lower == family)

    def _where(self, k: int, holds: Callable[[CertifiedWidth], bool]) -> tuple[int, ...]:
        k = _checks.count("CertifiedWidths", "k", k, "found.both_minima(k=50)")
        return tuple(sorted(row.n for row in self.rows if row.k == k and holds(row)))

    def __str__(self) -> str:
        """Every width of one k, or the boundaries of several."""
        proved = sum(row.proved for row in self.rows)
        head = f"certify_widths: {proved} of {len(self.rows)} pairs (n, k) proved, in every d > k"
        if len(self.ks) == 1:
            header = ("n", "index C-A", "beyond", "index P-n-C", "beyond", "lower", "P-n-C unique within")
            cells = [
                (
                    row.n,
                    *_said(row.copy_average_index, row.copy_average_gap),
                    *_said(row.perturbed_index, row.perturbed_gap),
                    row.lower or "?",
                    "?" if row.radius is None else f"{row.radius:.2g}",
                )
                for row in self.rows
            ]
            return f"{head}; k = {self.ks[0]}\n{table(header, cells)}\n{self._summary()}\n{self._sentences()}"
        return f"{head}\n{self._summary()}\n{self._sentences()}"

    __repr__ = __str__

    def _summary(self) -> str:
        """The widths of every statement, a k a line."""
        header = ("k", "C-A minimum", "P-n-C minimum", "both", "both, C-A lower", "both, P-n-C lower")
        rows = []
        for k in self.ks:
            both = set(self.both_minima(k))
            rows.append(
                (
                    k,
                    ranges(self.copy_average_minima(k)),
                    ranges(self.perturbed_minima(k)),
                    ranges(both),
                    *(ranges(both & set(self.lower(k, family))) for family in (COPY_AVERAGE, PERTURBED)),
                )
            )
        return f"widths n at which it is proved (a minimum is strict and local)\n{table(header, rows)}"

    @property
    def exceptions(self) -> tuple[str, ...]:
        """Where proved rows are not as the theorem says: C-A has index 0 or k − n, P-n-C has index 0 or n − 1, and one
        of them has index 0. None up to k = 100.
        """
        return tuple(
            f"k = {row.k}, n = {row.n}: {said}"
            for row in self._proved
            for said, holds in (
                (f"C-A has index {row.copy_average_index}", row.copy_average_index in (0, row.k - row.n)),
                (f"P-n-C has index {row.perturbed_index}", row.perturbed_index in (0, row.n - 1)),
                ("neither is a minimum", 0 in (row.copy_average_index, row.perturbed_index)),
            )
            if not holds
        )

    @property
    def _proved(self) -> list[CertifiedWidth]:
        return [row for row in self.rows if row.proved]

    def _sentences(self) -> str:
        """What holds of all rows that are proved, and where it does not."""
        proved = self._proved
        both = [row for row in proved if row.copy_average_index == row.perturbed_index == 0]
        lower = sum(row.lower == COPY_AVERAGE for row in both)
        saddles = [row for row in proved if row.copy_average_index]
        others = [row for row in proved if row.perturbed_index]
        said = [
            f"Both are strict local minima at {len(both)} of {len(proved)} proved pairs: C-A has the lower loss at "
            f"{lower} of them, P-n-C at {len(both) - lower}."
        ]
        if saddles and all(row.copy_average_index == row.k - row.n for row in saddles):
            said.append(f"Where C-A is no minimum, at {counted(len(saddles), 'pair')}, its index is m - 1 = k - n.")
        if others and all(row.perturbed_index == row.n - 1 for row in others):
            said.append(f"Where P-n-C is no minimum, at {counted(len(others), 'pair')}, its index is n - 1.")
        if proved and all(0 in (row.copy_average_index, row.perturbed_index) for row in proved):
            said.append("At every proved pair one of them is a minimum.")
        exceptions = self.exceptions
        if exceptions:
            more = f", and {len(exceptions) - _NAMED} more" if len(exceptions) > _NAMED else ""
            said.append(f"Not as the theorem says: {'; '.join(exceptions[:_NAMED])}{more}.")
        return "\n".join(said)


def ranges(numbers: Iterable[int]) -> str:
    """ "2-5, 7", or "none"."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found) or "none"


def _said(index: int | None, gap: float | None) -> tuple[str, str]:
    return ("?", "?") if index is None or gap is None else (str(index), f"{gap:.2g}")
