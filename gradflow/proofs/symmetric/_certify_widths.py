"""certify_widths: the indices of both exact families, proved width by width."""

from collections.abc import Iterable, Iterator

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import Numbers
from gradflow._checks import Checked
from gradflow._progress import SweepMeter
from gradflow.families import family_tables, perturbed_n_copy
from gradflow.proofs.symmetric.width import certified_width
from gradflow.proofs.symmetric.widths import MOST_COMPLETE, CertifiedWidths

_EXAMPLE = "certify_widths(range(3, 51))"
# of a point near P-n-C, from which the proof starts
_DIGITS = 30


def certify_widths(
    k: Checked[int | Iterable[int]], widths: Checked[Iterable[int] | None] = None, *, progress: Checked[bool] = False
) -> CertifiedWidths:
    """Prove the index of optimal copy-average and of P-n-C, and which has the lower loss, for every width 2 ≤ n < k of
    one k or of several, or for these `widths`.

    The P-n-C point is proved to exist near where the branch from the perfect copy was followed to, and to be the only
    critical point in a ball around it; that it is the only one of its symmetry, or the end of that branch, is not
    proved. All holds for every input dimension d > k. What could not be proved is None in its row.

    `progress` shows a bar, or lines in a log. Raises `ValueError` without python-flint, for widths that are not between
    2 and k − 1, and for all widths of a k beyond 2,000.
    """
    _checks.extra("certify_widths", "flint", "proofs")
    progress = _checks.flag("certify_widths", "progress", progress)
    ks = [k] if isinstance(k, int | np.integer) else _checks.several("certify_widths", "k", k, _EXAMPLE)
    ks = [_checks.count("certify_widths", "k", one, _EXAMPLE, least=3) for one in ks]
    chosen = None if widths is None else _checks.several("certify_widths", "widths", widths, "widths=[200_000]")
    pairs = _checks.widths_below("certify_widths", ks, chosen, MOST_COMPLETE)
    with SweepMeter(len(pairs), shown="auto" if progress else "none", of="pairs") as meter:
        rows = []
        for (size, n), start in zip(pairs, _starts(ks, chosen), strict=True):
            rows.append(certified_width(size, n, start))
            meter.done("proved" if rows[-1].proved else "not proved")
    return CertifiedWidths(tuple(rows))


def _starts(ks: list[int], chosen: list[int] | None) -> Iterator[Numbers]:
    """Points near P-n-C, in the order of the pairs."""
    if chosen is None:
        for found in family_tables(ks):
            yield from found.unknowns
    else:
        for k in ks:
            for n in chosen:
                yield list(perturbed_n_copy(k, n, digits=_DIGITS).overlaps)
