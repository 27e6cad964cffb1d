"""Copy-average points: student i averages ℓ_i teachers, exactly and in closed form."""

import math
from collections.abc import Iterable

import equinox as eqx
import numpy as np

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks import TwoLayerNetwork


class CopyAverage(eqx.Module):
    """A copy-average point of the paper's teacher (orthonormal, unit output weights) in `d` dimensions.

    Student i takes ℓ_i = `partition`[i] teachers, the next ones in order: w_i = Σ_j v_j / √(ℓ_i(2ℓ_i − 1)), a_i = ℓ_i.
    One that takes a single teacher copies it. `loss` = Σ_i L*(ℓ_i), L*(H) = H/3 − (2H²/π) asin(1/(2H)).
    """

    partition: tuple[int, ...]
    loss: float
    student: TwoLayerNetwork


def copy_average(
    k: Checked[int], n: Checked[int], partition: Checked[Iterable[int] | None] = None, *, d: Checked[int | None] = None
) -> CopyAverage:
    """The copy-average point of `n` students and `k` orthonormal teachers with this partition of k (in ascending
    order); the optimal one, (1, …, 1, k − n + 1), if left out. `d` is the input dimension, k + 1 if left out.

    Raises `ValueError` for n > k and for a partition that has not n positive parts that sum to k.
    """
    k = _checks.count("copy_average", "k", k, "copy_average(k=8, n=4)")
    n = _checks.count("copy_average", "n", n, "copy_average(k=8, n=4)")
    _checks.no_more_students("copy_average", n, k)
    d = k + 1 if d is None else _checks.count("copy_average", "d", d, f"copy_average(k={k}, n={n}, d={k})")
    _checks.teacher_fits("copy_average", k, d)
    sizes = optimal_partition(k, n)
    if partition is not None:
        sizes = _checks.partition("copy_average", partition, k, n, sizes)
    weights, taken = np.zeros((n, d)), 0
    for i, size in enumerate(sizes):
        weights[i, taken : taken + size] = average_weight(size)
        taken += size
    student = TwoLayerNetwork(weights, np.array(sizes, dtype=float))
    return CopyAverage(partition=sizes, loss=math.fsum(map(least_loss, sizes)), student=student)


def optimal_partition(k: int, n: int) -> tuple[int, ...]:
    """(1, …, 1, k − n + 1), the partition of least loss, since L* is concave."""
    return (1,) * (n - 1) + (k - n + 1,)


def average_weight(size: int) -> float:
    """The overlap of the exact average of `size` orthonormal teachers with each of them: 1/√(H(2H − 1))."""
    return 1 / math.sqrt(size * (2 * size - 1))


def least_loss(size: int) -> float:
    """L*(H) = H/3 − (2H²/π) asin(1/(2H)), the loss of one student that averages H orthonormal teachers; 0 for a
    copy.
    """
    return size / 3 - 2 * size**2 / math.pi * math.asin(1 / (2 * size))
