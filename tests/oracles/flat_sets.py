"""Losses whose critical points lie on sets, starts for flows on them, and what is true where these end.

What is true comes from formulas, or from the Hessian with fifty digits at the critical point next to the given one
(`oracles.inertia.settled`); each function says which. A nullity alone is no flat set: that needs the dimension of the
set of critical points, which is a formula everywhere here. Names begin with the row that they
count in, up to a colon.

| rows | index and nullity | dimension of the set |
|---|---|---|
| teacher–student | fifty digits | neurons that are alike, dead or copies |
| linear networks | formula; three layers: fifty digits | rank of the product |
| linear autoencoder | formula | GL(d)'s orbit |
| rectified linear | fifty digits | rescalings and parallel pairs |
| tanh | fifty digits | as many equations as residuals |
| Lennard-Jones | fifty digits | translations and rotations |
| superposition | fifty digits | rotations of the plane, and what is switched off |
"""

from collections.abc import Callable

import numpy as np

from oracles.clusters import lennard_jones
from oracles.flat_set import FlatSet
from oracles.flat_students import relu_students, teacher_student
from oracles.linear_networks import SAXE, autoencoder, linear_network, of_rank
from oracles.perceptrons import perceptron
from oracles.superposition import superposition


def _linear_networks() -> list[FlatSet]:
    two = [(q, h, p) for q in (1, 3, 5) for h in (1, 2, 4) for p in (2, 4)]
    three = [(2, 1, 2, 2), (2, 2, 2, 2), (3, 2, 3, 3), (4, 3, 2, 4), (3, 5, 4, 2), (1, 3, 3, 1)]
    rows = []
    for widths in [*two, *three]:
        target = of_rank(widths[-1], widths[0], min(widths[0], widths[-1]), sum(widths))
        name = f"linear, {len(widths) - 1} layers: {'-'.join(map(str, widths))}"
        rows.append(linear_network(name, widths, target, 16))
    deficient = linear_network("linear, 2 layers: 4-3-4 to rank 2", (4, 3, 4), of_rank(4, 4, 2, 1), 8)
    saxe = [linear_network(f"Saxe's: h = {h}", (4, h, 7), SAXE, 8) for h in (2, 3, 4)]
    return [*rows, deficient, *saxe]


def _perceptrons() -> list[FlatSet]:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(50, 3))
    targets = np.tanh(inputs[:, 0]) - np.tanh(inputs[:, 1] + inputs[:, 2]) + 0.3 * rng.normal(size=50)
    corners = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return [
        perceptron("tanh 3-4-1", inputs, targets, 4, 20),
        perceptron("XOR 2-2-1", corners, np.array([-1.0, 1.0, 1.0, -1.0]), 2, 20),
    ]


def _reduced_rank() -> list[FlatSet]:
    """Of full rank h: learning coefficient h (p + q − h)/2. Source: Aoyagi & Watanabe, Neural Networks 18 (2005)."""
    sizes = ((5, 3, 5), (5, 4, 5), (4, 3, 8))
    return [linear_network(f"reduced rank {w}", w, of_rank(w[2], w[0], w[1], 7), 10) for w in sizes]


ROWS: dict[str, Callable[[], list[FlatSet]]] = {
    "teacher-student": lambda: [teacher_student(k, n) for k, n in ((1, 2), (3, 4), (4, 5), (4, 6), (8, 10))],
    "linear networks": _linear_networks,
    "autoencoder": lambda: [autoencoder((5.0, 3.0, 2.0, 1.0, 0.5), d) for d in (1, 2, 3, 4)],
    "relu": lambda: [relu_students(n) for n in range(4, 9)],
    "perceptrons": _perceptrons,
    "Lennard-Jones": lambda: [lennard_jones(7, 40), lennard_jones(13, 10)],
    "reduced rank": _reduced_rank,
    "superposition": lambda: [superposition(6, 10), superposition(5, 10)],
}
