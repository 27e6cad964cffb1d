"""A symmetric point of the teacher–student loss: the loss, its gradient, and what its Hessian is made of."""

from typing import NamedTuple

import numpy as np

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.activations import erf_derivatives, erf_expectation
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.orbits import Orbit, same_orbit, student_classes, teacher_classes


class Expectations(NamedTuple):
    """E[σ(u)σ(v)] of every pair of neurons and its partial derivatives, equivariant matrices; c is the covariance, p
    the variance of the row's neuron, q that of the column's.
    """

    value: Equivariant
    p: Equivariant
    c: Equivariant
    pp: Equivariant
    pq: Equivariant
    pc: Equivariant
    qc: Equivariant
    cc: Equivariant

    def scaled(self, columns: Numbers) -> "Expectations":
        """Each column times a number."""
        return Expectations(*(part.scaled(columns=columns) for part in self))

    @property
    def magnitude(self) -> "Expectations":
        return Expectations(*(part.magnitude for part in self))


class Landscape(NamedTuple):
    """With G = E[σ(w_x·)σ(w_x′·)], K = E[σ(w_x·)σ(v_y·)], q_x = ‖w_x‖² and the teachers v_y, b_y on the axes, the loss
    is

        L = Σ_xx′ a_x a_x′ G_xx′ − 2 Σ_xy a_x b_y K_xy + Σ_y b_y²/3.

    Equivariant matrices of students × students or students × teachers, and numbers (..., class). What is the teacher's
    has its minus sign inside, so that everything made of these fields is a sum of products.
    """

    weights: Equivariant
    output: Numbers
    students: Expectations  # G
    teachers: Expectations  # −b K
    slope: Numbers  # Σ_x′ a_x′ ∂G/∂q_x − Σ_y b_y ∂K/∂q_x
    constant: Numbers

    @property
    def loss(self) -> Numbers:
        """L."""
        sizes = self.weights.rows.sizes
        return (sizes * self.output * (self._student_sums + 2 * self.teachers.value.row_sums)).sum(-1) + self.constant

    @property
    def output_gradient(self) -> Numbers:
        """∂L/∂a of one neuron, by class of students."""
        return 2 * (self._student_sums + self.teachers.value.row_sums)

    @property
    def weights_gradient(self) -> Equivariant:
        """∂L/∂W, students × teachers: 2 (S W + 2 diag(a·slope) W − Z) with S = a aᵀ∘G_c and Z = a bᵀ∘K_c."""
        stretched = self.students.c.scaled(self.output, self.output).times(self.weights)
        turned = self.weights.scaled(rows=2 * self.output * self.slope)
        pulled = self.teachers.c.scaled(rows=self.output)
        return Equivariant(
            self.weights.rows,
            self.weights.columns,
            2 * (stretched.constant + turned.constant + pulled.constant),
            2 * (stretched.diagonal + turned.diagonal + pulled.diagonal),
        )

    @property
    def magnitude(self) -> "Landscape":
        """Without signs: what is made of it bounds the sum of the terms that are rounded."""
        students, teachers, output = self.students.magnitude, self.teachers.magnitude, abs(self.output)
        return Landscape(
            weights=self.weights.magnitude,
            output=output,
            students=students,
            teachers=teachers,
            slope=students.p.scaled(columns=output).row_sums + teachers.p.row_sums,
            constant=abs(self.constant),
        )

    @property
    def _student_sums(self) -> Numbers:
        return self.students.value.scaled(columns=self.output).row_sums


def landscape(
    orbits: tuple[Orbit, ...], own: Numbers, others: Numbers, output: Numbers, arithmetic: Arithmetic
) -> Landscape:
    """At the weights with these overlaps (..., student class, teacher class): `own` with the teacher of the neuron's
    own unit, `others` with those of other units, or of another orbit.
    """
    rows, columns = student_classes(orbits, arithmetic), teacher_classes(orbits, arithmetic)
    teacher_output = arithmetic.stack([weight for orbit in orbits for weight in orbit.teachers])
    same = same_orbit(rows, columns)
    # one unit has no others: what stands there means nothing
    alone = np.array([[float(orbits[i].alone) for _ in columns.orbits] for i in rows.orbits]).reshape(same.shape)
    others = others * arithmetic.array(1 - same * alone)
    weights = Equivariant(rows, columns, others, (own - others) * arithmetic.array(same))
    overlaps = weights.times(weights.transposed)
    # ‖w‖² is the overlap of a neuron with itself, on the diagonal of the matrix of classes
    variance = overlaps.own.diagonal(0, -2, -1)
    students = _expectations(overlaps, variance[..., :, None], variance[..., None, :], arithmetic)
    teachers = _expectations(weights, variance[..., :, None], arithmetic.array(1.0), arithmetic).scaled(-teacher_output)
    return Landscape(
        weights=weights,
        output=output,
        students=students,
        teachers=teachers,
        slope=students.p.scaled(columns=output).row_sums + teachers.p.row_sums,
        constant=(columns.sizes * teacher_output * teacher_output).sum(-1) / 3,
    )


def _expectations(covariance: Equivariant, p: Numbers, q: Numbers, arithmetic: Arithmetic) -> Expectations:
    """Of pairs in one unit and of pairs that are not; (1 + p)(1 + q) − c² is formed as it stands, since the vectors of
    a symmetric point are not long.
    """
    same = arithmetic.array(same_orbit(covariance.rows, covariance.columns))

    def at(c: Numbers) -> tuple[Numbers, ...]:
        root = arithmetic.sqrt((1 + p) * (1 + q) - c * c)
        found = erf_derivatives(p, q, c, root, arithmetic)
        value = erf_expectation(c, root, arithmetic)
        return (value, found.p, found.c, found.pp, found.pq, found.pc, found.qc, found.cc)

    return Expectations(
        *(
            Equivariant(covariance.rows, covariance.columns, apart, (own - apart) * same)
            for apart, own in zip(at(covariance.constant), at(covariance.own), strict=True)
        )
    )
