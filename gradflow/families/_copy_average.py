"""Copy-average points: student i averages ℓ_i teachers, exactly and in closed form."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow import _checks, _memory
from gradflow._arithmetic import Extended, Float64
from gradflow._checks import Checked
from gradflow.families.point import AbstractFamilyPoint
from gradflow.problems.symmetric import Orbit, SymmetricNetwork

if TYPE_CHECKING:
    import gradflow

_EXAMPLE = "copy_average(k=8, n=4)"


@dataclass(frozen=True, repr=False, kw_only=True)
class CopyAverage(AbstractFamilyPoint):
    """A copy-average point of the paper's teacher (orthonormal, unit output weights) in `d` dimensions.

    Student i takes ℓ_i = `partition`[i] teachers, the next ones in order: w_i = Σ_j v_j / √(ℓ_i(2ℓ_i − 1)), a_i = ℓ_i.
    One that takes a single teacher copies it. `loss` = Σ_i L*(ℓ_i), L*(H) = H/3 − (2H²/π) asin(1/(2H)). `copies` is how
    many parts are 1, `averages` lists the others. Students beyond the parts are dead (w = 0, a = 0) or, with
    `rest`="duplicate", share the work of the last one: the same w, and equal parts of its output weight.
    """

    k: Any
    n: Any
    copies: Any
    averages: tuple[Any, ...]
    rest: str
    unused: int
    d: int | None
    digits: int | None

    @staticmethod
    def orbits_of(k: Checked[Any], n: Checked[Any]) -> tuple[Orbit, ...]:
        """Of the optimal partition: n − 1 copies with their teachers, an average, the k − n + 1 teachers that it takes;
        real numbers.
        """
        _checks.family_sizes("CopyAverage.orbits_of", k, n, least=1)
        return Orbit(n - 1, 1, (1.0,), "c"), Orbit(1, 1, (), "r"), Orbit(k - n + 1, 0, (1.0,), "m")

    @property
    def partition(self) -> tuple[int, ...]:
        """ℓ, in ascending order."""
        whole = (_checks.whole("copy_average", "a part of the partition", part) for part in self.averages)
        return (1,) * _checks.whole("copy_average", "the number of copies", self.copies) + tuple(whole)

    @property
    def orbits(self) -> tuple[Orbit, ...]:
        """The copies with their teachers; each average, and the teachers that it takes; the dead."""
        last = 1 + self.unused if self.rest == "duplicate" else 1
        # with no average, and duplicates, the last copy leaves its orbit to share its teacher
        averages = self.averages if self.averages or last == 1 else (1,)
        copies = self.copies - (len(averages) - len(self.averages))
        found = [Orbit(copies, 1, (1.0,), "c")] if copies else []
        for size, count in Counter(averages[:-1] if last > 1 else averages).items():
            if count > 1 and size < count**2:
                # fewer classes than an orbit for each of them would make
                found.append(Orbit(count, 1, (1.0,) * size, f"a{size}"))
            else:
                found += [Orbit(1, 1, (), f"r{size}"), Orbit(size, 0, (1.0,), "m")] * count
        if last > 1:
            found += [Orbit(last, 1, (), "r"), Orbit(averages[-1], 0, (1.0,), "m")]
        if self.rest == "dead" and self.unused:
            found.append(Orbit(self.unused, 1, (), "z"))
        return tuple(found)

    def in_arithmetic(self, arithmetic: Extended) -> SymmetricNetwork:
        orbits = self.orbits
        students = [i for i, orbit in enumerate(orbits) for _ in range(orbit.students)]
        teachers = [i for i, orbit in enumerate(orbits) for _ in orbit.teachers]
        own, others = (arithmetic.array(np.zeros((len(students), len(teachers)))) for _ in range(2))
        output = arithmetic.array(np.zeros(len(students)))
        for x, i in enumerate(students):
            orbit = orbits[i]
            if orbit.label == "z":
                continue
            # an average and the teachers that it takes are orbits side by side, or one orbit of several
            taken, overlaps = (i, own) if orbit.teachers else (i + 1, others)
            size = arithmetic.number(len(orbit.teachers) or orbits[taken].size)
            for y, at in enumerate(teachers):
                if at == taken:
                    overlaps[x, y] = 1 / arithmetic.context.sqrt(size * (2 * size - 1))
            output[x] = size if orbit.teachers else size / orbit.size
        return SymmetricNetwork(own, others, output)

    @property
    def student(self) -> "gradflow.TwoLayerNetwork":
        from gradflow.networks import TwoLayerNetwork

        n, k = (_checks.whole("copy_average", name, value) for name, value in (("n", self.n), ("k", self.k)))
        d = k + 1 if self.d is None else self.d
        _memory.require("copy_average", 8.0 * n * (d + 1), f"the student of {n} neurons in {d} dimensions", _WITHOUT)
        partition = self.partition
        weights, output, taken = np.zeros((n, d)), np.zeros(n), 0
        for i, size in enumerate(partition):
            weights[i, taken : taken + size] = average_weight(size)
            output[i] = size
            taken += size
        if self.rest == "duplicate":
            last = len(partition) - 1
            weights[last:], output[last:] = weights[last], output[last] / (1 + self.unused)
        return TwoLayerNetwork(weights, output)

    def number_of_points(self, *, permutations: Checked[bool] = True, signs: Checked[bool] = False) -> int:
        """How many distinct copy-average points have this partition: the ways to deal k teachers into buckets of these
        sizes, k!/∏ ℓ_i!, one bucket a student.

        `permutations`: whether points that differ by the order of students count as distinct; `signs`: whether those
        that differ by (w_i, a_i) → (−w_i, −a_i) of a student, or of duplicates together, do.
        """
        permutations = _checks.flag("number_of_points", "permutations", permutations)
        signs = _checks.flag("number_of_points", "signs", signs)
        partition = self.partition
        repeated = math.prod(math.factorial(count) for count in Counter(partition).values())
        ways = math.factorial(sum(partition)) // math.prod(map(math.factorial, partition)) // repeated
        if self.rest == "duplicate":  # which of the buckets of this size several students share, and which students
            ways *= partition.count(partition[-1])
            ways *= math.factorial(int(self.n)) // math.factorial(1 + self.unused) if permutations else 1
        elif permutations:
            ways *= math.perm(int(self.n), len(partition))
        return ways * (2 ** len(partition) if signs else 1)

    def __str__(self) -> str:
        return f"copy_average: k = {self.k}, n = {self.n}, {self._shape}, loss {self.loss}"

    __repr__ = __str__

    @property
    def _shape(self) -> str:
        parts = [f"{self.copies} copies", *(f"an average of {size}" for size in self.averages)]
        return ", ".join(parts + ([f"{self.unused} {self.rest}"] if self.unused else []))


_WITHOUT = "The point itself needs no arrays: use .loss, .spectrum and .network."


def copy_average(
    k: Checked[Any],
    n: Checked[Any],
    partition: Checked[Iterable[int] | None] = None,
    *,
    d: Checked[int | None] = None,
    rest: Checked[str | None] = None,
    digits: Checked[int | None] = None,
) -> CopyAverage:
    """The copy-average point of `n` students and `k` orthonormal teachers with this partition of k (in ascending
    order); the optimal one, (1, …, 1, k − n + 1), if left out, and then k and n may be real numbers.

    `d` is the input dimension, k + 1 if left out. A partition with fewer than n parts uses fewer students: `rest` says
    whether the others are "dead" or each a "duplicate" of the last one. `digits` beyond 15 gives loss, network and
    spectrum in so many digits.

    Raises `ValueError` for n > k, and for a partition that has not n positive parts that sum to k.
    """
    k = _checks.real_size("copy_average", "k", k, _EXAMPLE, least=1)
    n = _checks.real_size("copy_average", "n", n, _EXAMPLE, least=1)
    _checks.no_more_students("copy_average", n, k)
    digits = None if digits is None else _checks.digits("copy_average", digits)
    d = _checks.input_dimension("copy_average", k, n, d)
    unused = 0
    if partition is None:
        copies, averages = _optimal(k, n)
    else:
        k, n = _checks.whole("copy_average", "k", k), _checks.whole("copy_average", "n", n)
        parts = _checks.partition("copy_average", partition, k, n, optimal_partition(k, n), fewer=rest is not None)
        copies, averages, unused = parts.count(1), tuple(part for part in parts if part > 1), n - len(parts)
    rest = "dead" if rest is None else _checks.choice("copy_average", "rest", rest, ("dead", "duplicate"))
    return CopyAverage(k=k, n=n, copies=copies, averages=averages, rest=rest, unused=unused, d=d, digits=digits)


def _optimal(k: Any, n: Any) -> tuple[Any, tuple[Any, ...]]:
    """How many copies, and the sizes of the averages."""
    return (k, ()) if n == k else (n - 1, (k - n + 1,))


def optimal_partition(k: int, n: int) -> tuple[int, ...]:
    """(1, …, 1, k − n + 1), the partition of least loss, since L* is concave."""
    return (1,) * (n - 1) + (k - n + 1,)


def average_weight(size: int) -> float:
    """The overlap of the exact average of `size` orthonormal teachers with each of them: 1/√(H(2H − 1))."""
    return 1 / math.sqrt(size * (2 * size - 1))


def least_loss(size: Any, arithmetic: Float64 | Extended) -> Any:
    """L*(H) = H/3 − (2H²/π) asin(1/(2H)), the loss of one student that averages H orthonormal teachers; 0 for a
    copy. asin(1/(2H)) = atan(1/√(4H² − 1)).
    """
    angle = arithmetic.arctangent(arithmetic.number(1), arithmetic.sqrt(4 * size * size - 1))
    return arithmetic.number(size / 3 - 2 * size * size / arithmetic.pi * angle)
