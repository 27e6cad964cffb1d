"""certify_widths: the indices of both exact families, proved width by width."""

import itertools
from collections.abc import Iterable, Iterator

import numpy as np

from gradflow import _checks
from gradflow._arithmetic import Numbers
from gradflow._checks import Checked
from gradflow._progress import SweepMeter
from gradflow.families import family_tables, perturbed_n_copy
from gradflow.proofs.symmetric.width import branches, certified_width
from gradflow.proofs.symmetric.widths import MOST_COMPLETE, CertifiedWidths

_EXAMPLE = "certify_widths(range(3, 51))"
# of a point near P-n-C, from which the proof starts
_DIGITS = 30


def certify_widths(
    k: Checked[int | Iterable[int]], widths: Checked[Iterable[int] | None] = None, *, progress: Checked[bool] = False
) -> CertifiedWidths:
    """Prove the index of optimal copy-average and of P-n-C, and which has the lower loss, for every width 2 ≤ n < k of
    one k or of several, or for these `widths`.

    P-n-C is the point to which the branch of critical points with isotropy ΔS_n × S_{k−n} (n real) leads that starts
    from the perfect copy at n = k; where it has several at one n, the first that is met. All of that is proved: the
    branch is enclosed from n = k on, and its point is the only critical point in a ball around the center. That there
    is no other one of this symmetry elsewhere is not proved (there are some). All holds for every input dimension
    d > k. What could not be proved is None in its row.

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
        starts = _starts(ks, chosen)
        for _, some in itertools.groupby(pairs, key=lambda pair: pair[0]):
            of_one = list(some)
            branch = branches(of_one)
            for (size, n), start in zip(of_one, starts, strict=False):
                rows.append(certified_width(size, n, start, branch.get((size, n))))
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
