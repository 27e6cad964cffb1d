"""The spectrum of the full Hessian at a symmetric point: few distinct eigenvalues, each with its multiplicity."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _checks, _memory
from gradflow._arithmetic import Extended, Float64, Numbers
from gradflow._text import table
from gradflow.problems.rounding import ROUNDINGS
from gradflow.problems.symmetric.blocks import Block, blocks
from gradflow.problems.symmetric.landscape import landscape
from gradflow.problems.symmetric.network import SymmetricNetwork
from gradflow.problems.symmetric.orbits import Orbit


class Levels(NamedTuple):
    """Eigenvalues of one block (..., i) with bounds on their errors; NaN where a size leaves no room for one."""

    name: str
    dimension: Any
    eigenvalues: Numbers
    error: Numbers


@dataclass(frozen=True, eq=False, repr=False)
class SymmetricSpectrum:
    """The eigenvalues of the full Hessian in ascending order, with bounds on their errors (rounding), how often each
    occurs, and the representation that it belongs to.

    Representations are named by their partitions: "trivial" keeps the symmetry, (n-1,1) sets some of n units against
    the others, (n-2,2) and (n-2,1,1) are symmetric and antisymmetric matrices within an orbit, "vector" the directions
    orthogonal to the teachers. Multiplicities are dimensions, no integers where a size is none. Equal eigenvalues of
    different representations are listed for each. float64, or numbers of many digits.
    """

    eigenvalues: Numbers
    error: Numbers
    multiplicities: tuple[Any, ...]
    representations: tuple[str, ...]

    @property
    def index(self) -> Any:
        """How many are certainly negative, with multiplicity."""
        return sum(m for m, value, error in self._levels if value < -error)

    @property
    def undecided(self) -> Any:
        """How many are not told from zero, with multiplicity."""
        return sum(m for m, value, error in self._levels if abs(value) <= error)

    @property
    def size(self) -> Any:
        """All of them: n(d + 1)."""
        return sum(self.multiplicities)

    def repeated(self) -> Float[np.ndarray, " param"]:
        """Each as often as it occurs, ascending, in float64: the eigenvalues of the dense Hessian.

        Raises `ValueError` for multiplicities that are no integers, `MemoryError` if they would not fit.
        """
        counts = [_checks.whole("repeated", "a multiplicity", m) for m in self.multiplicities]
        _memory.require(
            "repeated", 8.0 * sum(counts), f"{sum(counts)} eigenvalues", "Use .eigenvalues and .multiplicities."
        )
        return np.repeat(self.eigenvalues.astype(np.float64), counts)

    def loses(self, relative: float) -> bool:
        """Whether rounding leaves less than this of some eigenvalue."""
        return any(error > relative * abs(value) for _, value, error in self._levels)

    def rounded(self, arithmetic: Float64 | Extended) -> "SymmetricSpectrum":
        """To fewer digits; the bounds hold what rounding adds."""
        values, bounds = arithmetic.array(self.eigenvalues), arithmetic.array(self.error)
        return SymmetricSpectrum(
            eigenvalues=values,
            error=bounds + arithmetic.epsilon * abs(values),
            multiplicities=self.multiplicities,
            representations=self.representations,
        )

    @property
    def _levels(self) -> list[tuple[Any, Any, Any]]:
        return list(zip(self.multiplicities, self.eigenvalues, self.error, strict=True))

    def __str__(self) -> str:
        rows = [
            (f"{float(value):z.10g}", f"{float(error):.0e}", _count(m), name)
            for (m, value, error), name in zip(self._levels, self.representations, strict=True)
        ]
        header = f"index {_count(self.index)}, {_count(self.undecided)} undecided of {_count(self.size)} eigenvalues"
        return header + "\n" + table(("eigenvalue", "error", "times", "representation"), rows)

    __repr__ = __str__


def spectrum(
    orbits: tuple[Orbit, ...], network: SymmetricNetwork, excess: int, arithmetic: Float64 | Extended
) -> SymmetricSpectrum:
    """At one point, in as many dimensions as there are teachers and `excess` more."""
    found: list[tuple[Any, Any, Any, str]] = []
    for level in levels(orbits, network, excess, arithmetic):
        if level.dimension > 0:
            found += [
                (value, error, level.dimension, level.name)
                for value, error in zip(level.eigenvalues, level.error, strict=True)
                if value == value  # not NaN
            ]
    found.sort(key=lambda one: one[0])
    values, errors, multiplicities, names = zip(*found, strict=True)
    return SymmetricSpectrum(
        eigenvalues=np.array(values),
        error=np.array(errors),
        multiplicities=tuple(int(m) if m == int(m) else m for m in multiplicities),
        representations=names,
    )


def levels(
    orbits: tuple[Orbit, ...],
    network: SymmetricNetwork,
    excess: int,
    arithmetic: Float64 | Extended,
    only: Container[str] | None = None,
) -> list[Levels]:
    """Block by block, or `only` those of these names; in float64 for a whole stack of points whose sizes are arrays."""
    own, others, output = (arithmetic.array(part) for part in (network.own, network.others, network.output))
    here = landscape(orbits, own, others, output, arithmetic)
    return [_levels(block, arithmetic) for block in blocks(orbits, here, excess, arithmetic, only)]


def _levels(block: Block, arithmetic: Float64 | Extended) -> Levels:
    """A direction without room is moved above all others first, and taken off then."""
    zero = arithmetic.array(0.0)
    bound = np.asarray(abs(block.matrix).sum(-1).max(-1))
    missing = ~block.room
    diagonal = np.where(missing, 2 * bound[..., None] + 1, zero)[..., None] * np.eye(block.matrix.shape[-1])
    eigenvalues = arithmetic.eigenvalues(block.matrix + diagonal)
    present = np.arange(missing.shape[-1]) < (~missing).sum(-1)[..., None]
    # Weyl: an eigenvalue moves by the norm of the error at most; the solver is backward stable
    rounding = arithmetic.sqrt(np.asarray((block.rounding * block.rounding).sum((-1, -2))))
    own = ROUNDINGS * arithmetic.epsilon * block.matrix.shape[-1] * bound
    error = np.where(present, np.asarray(rounding + own)[..., None], np.nan)
    return Levels(block.name, block.dimension, np.where(present, eigenvalues, np.nan), error)


def _count(number: Any) -> str:
    return str(int(number)) if number == int(number) else f"{float(number):.6g}"
