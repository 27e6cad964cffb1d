"""family_tables: both exact families at every whole width, their losses and full spectra, a k at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._arithmetic import FLOAT64, Extended, Float64, Numbers, extended
from gradflow._checks import Checked
from gradflow._text import table
from gradflow.families._copy_average import CopyAverage
from gradflow.families._perturbed_n_copy import PerturbedNCopy, perturbed_n_copy
from gradflow.problems.rounding import EPSILON
from gradflow.problems.symmetric import Orbit, SymmetricNetwork
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.spectrum import Levels, levels
from gradflow.problems.symmetric.unknowns import equations, network_of, newton, relative

# from the point of k − 1, or from float64
_NEWTON_STEPS = 30
# where float64 does not tell a sign
_MORE = extended(40)
# the next k is a small step away, but for the narrowest students; what moved further may be another branch
_NEARBY = 0.5
_SEVERAL = "family_tables(range(3, 51))"

# orbits and network
Place = tuple[tuple[Orbit, ...], SymmetricNetwork]
Widths = Float[np.ndarray, " width"]


class FamilyRow(NamedTuple):
    """One family at one n: loss, index, how many eigenvalues are not told from zero, the least eigenvalue."""

    loss: float
    negative: int
    undecided: int
    least_eigenvalue: float


@dataclass(frozen=True, eq=False)
class FamilySpectra:
    """One family at all widths: `losses` (width,), and all distinct eigenvalues (width, level) of the full Hessian in
    d = k + 1 dimensions with bounds on their `errors` and their `multiplicities` (0 where there is no such eigenvalue),
    block by block; `representations` names the levels. Bounds hold rounding, and for P-n-C that of the point.
    """

    losses: Widths
    eigenvalues: Float[np.ndarray, "width level"]
    errors: Float[np.ndarray, "width level"]
    multiplicities: Float[np.ndarray, "width level"]
    representations: tuple[str, ...]

    @property
    def indices(self) -> Widths:
        """How many eigenvalues are certainly negative."""
        return np.asarray(np.sum(self.multiplicities * (self.eigenvalues < -self.errors), axis=1))

    @property
    def undecided(self) -> Widths:
        """How many are not told from zero."""
        return np.asarray(np.sum(self.multiplicities * (np.abs(self.eigenvalues) <= self.errors), axis=1))

    @property
    def least_eigenvalues(self) -> Widths:
        return np.asarray(np.min(np.where(self.multiplicities > 0, self.eigenvalues, np.inf), axis=1))

    def row(self, i: Checked[int]) -> FamilyRow:
        """At one width."""
        i = _checks.place("FamilySpectra.row", "i", i, len(self.losses))
        return FamilyRow(
            loss=float(self.losses[i]),
            negative=int(self.indices[i]),
            undecided=int(self.undecided[i]),
            least_eigenvalue=float(self.least_eigenvalues[i]),
        )


@dataclass(frozen=True, eq=False, repr=False)
class FamilyTable:
    """Optimal copy-average and P-n-C for every width 2 ≤ n < k (`widths`)."""

    k: int
    widths: Widths
    copy_average: FamilySpectra
    perturbed_n_copy: FamilySpectra
    unknowns: Float[np.ndarray, "width unknown"]

    def __str__(self) -> str:
        header = ("n", "L(C-A)", "index", "least", "L(P-n-C)", "index", "least", "lower")
        rows = []
        for i, n in enumerate(self.widths):
            average, perturbed = self.copy_average.row(i), self.perturbed_n_copy.row(i)
            lower = "C-A" if average.loss < perturbed.loss else "P-n-C"
            rows.append((int(n), *_cells(average), *_cells(perturbed), lower))
        return f"family_table: k = {self.k}, d = {self.k + 1}\n{table(header, rows)}"

    __repr__ = __str__


def family_table(k: Checked[int]) -> FamilyTable:
    """Loss, index and full spectrum of optimal copy-average and of P-n-C, for every width 2 ≤ n < k.

    In float64, all widths at once. An index that rounding leaves open is settled in more digits. Raises `ValueError`
    for k < 3.
    """
    return _table(_checks.count("family_table", "k", k, "family_table(50)", least=3, most=_checks.MOST_THINGS), None)


def family_tables(ks: Checked[Iterable[int]]) -> Iterator[FamilyTable]:
    """`family_table` for several k, one after the other; consecutive ones start from their predecessor."""
    before: FamilyTable | None = None
    for k in _checks.several("family_tables", "ks", ks, _SEVERAL):
        k = _checks.count("family_tables", "each of ks", k, _SEVERAL, least=3, most=_checks.MOST_THINGS)
        before = _table(k, before if before is not None and before.k == k - 1 else None)
        yield before


def _table(k: int, before: FamilyTable | None) -> FamilyTable:
    widths = np.arange(2, k, dtype=np.float64)
    orbits = PerturbedNCopy.orbits_of(float(k), widths)
    unknowns = _unknowns(k, widths, before)
    here = equations(orbits, unknowns, FLOAT64)
    # how far rounding leaves the points from the critical ones, all errors adding up
    distance = np.einsum("wij,wj->wi", np.abs(np.linalg.inv(here.jacobian)), here.rounding)
    perturbed = _spectra(
        orbits, network_of(orbits, unknowns, FLOAT64), network_of(orbits, unknowns + distance, FLOAT64)
    )
    average = _spectra(CopyAverage.orbits_of(float(k), widths), _averages(k - widths + 1, FLOAT64), None)
    return FamilyTable(
        k=k,
        widths=widths,
        copy_average=_settled(average, lambda i: _exact_average(k, int(widths[i]))),
        perturbed_n_copy=_settled(perturbed, lambda i: _exact_copy(k, int(widths[i]), unknowns[i])),
        unknowns=unknowns,
    )


def _unknowns(k: int, widths: Widths, before: FamilyTable | None) -> Float[np.ndarray, "width unknown"]:
    """The P-n-C points, from those of k − 1 or from the branch."""
    if before is not None:
        start = np.concatenate([before.unknowns, before.unknowns[-1:]])
        found, converged = newton(PerturbedNCopy.orbits_of(float(k), widths), start, FLOAT64, max_steps=_NEWTON_STEPS)
        converged &= relative(found - start, start) < _NEARBY
    else:
        found, converged = np.zeros((len(widths), 4)), np.zeros(len(widths), dtype=bool)
    for i in np.flatnonzero(~converged):
        found[i] = [float(value) for value in perturbed_n_copy(k, int(widths[i])).overlaps]
    return np.asarray(found)


def _averages(m: Numbers, arithmetic: Float64 | Extended) -> SymmetricNetwork:
    """Optimal copy-average points with averages of these sizes (...)."""
    zero, one = 0 * m, 0 * m + 1
    own = arithmetic.stack([arithmetic.stack([one, zero]), arithmetic.stack([zero, zero])]).swapaxes(-1, -2)
    weight = 1 / arithmetic.sqrt(m * (2 * m - 1))
    others = arithmetic.stack([arithmetic.stack([zero, zero]), arithmetic.stack([zero, weight])]).swapaxes(-1, -2)
    return SymmetricNetwork(own, others, arithmetic.stack([one, m]))


def _spectra(orbits: tuple[Orbit, ...], network: SymmetricNetwork, moved: SymmetricNetwork | None) -> FamilySpectra:
    """All widths at once; the errors hold what the way to `moved` changes."""
    here = landscape(orbits, network.own, network.others, network.output, FLOAT64)
    found = levels(orbits, network, 1, FLOAT64)
    errors = [level.error for level in found]
    if moved is not None:
        there = levels(orbits, moved, 1, FLOAT64)
        errors = [
            error + 2 * np.abs(other.eigenvalues - level.eigenvalues)
            for error, level, other in zip(errors, found, there, strict=True)
        ]
    eigenvalues = np.concatenate([level.eigenvalues for level in found], axis=1)
    multiplicities = np.concatenate([_multiplicity(level) for level in found], axis=1)
    return FamilySpectra(
        losses=here.loss,
        eigenvalues=np.where(multiplicities > 0, eigenvalues, np.nan),
        errors=np.where(multiplicities > 0, np.concatenate(errors, axis=1), np.nan),
        multiplicities=multiplicities,
        representations=tuple(level.name for level in found for _ in range(level.eigenvalues.shape[1])),
    )


def _multiplicity(level: Levels) -> Float[np.ndarray, "width level"]:
    dimension = np.broadcast_to(np.asarray(level.dimension, dtype=np.float64), len(level.eigenvalues))
    return np.where(np.isnan(level.eigenvalues), 0.0, np.maximum(dimension, 0.0)[:, None])


def _exact_average(k: int, n: int) -> Place:
    m = _MORE.number(k - n + 1)
    return CopyAverage.orbits_of(_MORE.number(k), _MORE.number(n)), _averages(_MORE.array(m), _MORE)


def _exact_copy(k: int, n: int, unknowns: Float[np.ndarray, " unknown"]) -> Place:
    """P-n-C in more digits, from the point in float64."""
    orbits = PerturbedNCopy.orbits_of(_MORE.number(k), _MORE.number(n))
    vector, converged = newton(orbits, _MORE.array(unknowns), _MORE, max_steps=_NEWTON_STEPS)
    if not converged:
        vector = np.array(list(perturbed_n_copy(k, n, digits=_MORE.digits).overlaps), dtype=object)
    return orbits, network_of(orbits, vector, _MORE)


def _settled(spectra: FamilySpectra, exact_at: Callable[[int], Place]) -> FamilySpectra:
    """The blocks in which float64 does not tell an eigenvalue from zero, in more digits."""
    eigenvalues, errors = spectra.eigenvalues.copy(), spectra.errors.copy()
    names = np.array(spectra.representations)
    for i in np.flatnonzero(spectra.undecided):
        unclear = set(names[np.abs(eigenvalues[i]) <= errors[i]].tolist())
        for level in levels(*exact_at(int(i)), 1, _MORE, only=unclear):
            at = np.flatnonzero((names == level.name) & (spectra.multiplicities[i] > 0))
            # ascending on both sides; what has no room comes last
            eigenvalues[i, at] = level.eigenvalues[: len(at)].astype(np.float64)
            errors[i, at] = level.error[: len(at)].astype(np.float64) + EPSILON * np.abs(eigenvalues[i, at])
    return FamilySpectra(
        losses=spectra.losses,
        eigenvalues=eigenvalues,
        errors=errors,
        multiplicities=spectra.multiplicities,
        representations=spectra.representations,
    )


def _cells(row: FamilyRow) -> tuple[str, str, str]:
    index = str(row.negative) if row.undecided == 0 else f"{row.negative} to {row.negative + row.undecided}"
    return f"{row.loss:z.12f}", index, f"{row.least_eigenvalue:.3e}"
