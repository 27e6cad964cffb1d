"""From classes to neurons."""

from typing import TYPE_CHECKING

import numpy as np

from gradflow import _checks, _memory
from gradflow._arithmetic import FLOAT64
from gradflow.problems.symmetric.network import SymmetricNetwork
from gradflow.problems.symmetric.orbits import Orbit, student_classes, teacher_classes

if TYPE_CHECKING:
    import gradflow


def expanded(verb: str, orbits: tuple[Orbit, ...], network: SymmetricNetwork, d: int) -> "gradflow.TwoLayerNetwork":
    """The full network in `d` dimensions, class by class, for teachers e_1, e_2, … in the order of theirs."""
    from gradflow.networks import TwoLayerNetwork

    sizes = [_checks.whole(verb, "the size of an orbit", orbit.size) for orbit in orbits]
    rows, columns = student_classes(orbits, FLOAT64), teacher_classes(orbits, FLOAT64)
    n = sum(sizes[orbit] for orbit in rows.orbits)
    _memory.require(
        verb,
        8.0 * n * (d + 1),
        f"a network of {n} neurons in {d} dimensions",
        "The point itself needs no arrays: use .loss, .spectrum and .overlaps.",
    )
    weights, output = np.zeros((n, d)), np.zeros(n)
    x = 0
    for i, row in enumerate(rows.orbits):
        inside, y = slice(x, x + sizes[row]), 0
        output[inside] = float(network.output[i])
        for j, column in enumerate(columns.orbits):
            block = weights[inside, y : y + sizes[column]]
            block[:] = float(network.others[i, j])
            if row == column:
                np.fill_diagonal(block, float(network.own[i, j]))
            y += sizes[column]
        x += sizes[row]
    return TwoLayerNetwork(weights, output)
