"""The Hessian at a symmetric point as a linear map on the directions of one representation."""

from gradflow._arithmetic import Numbers
from gradflow.problems.symmetric.algebra import Equivariant
from gradflow.problems.symmetric.landscape import Landscape
from gradflow.problems.symmetric.representation import AbstractRepresentation, Direction


class HessianProduct:
    """(δW, δa) ↦ (δ∇_W, δ∇_a), what does not depend on the direction made once.

    With δQ = δW Wᵀ + W δWᵀ, δq = 2 (W∘δW)1 and the names of `Landscape`:

        δ∇_W = 2 (δS W + S δW + diag(δu) W + diag(u) δW − δZ),  u = 2 a·slope,
        δ∇_a = 2 (G δa + (G_c∘δQ) a + (G_p a + slope of the teacher) δq + …),

    δS, δu, δZ and the rest being the chain rule through G and K. Every term is a product, so that the landscape's
    `magnitude` in place of the landscape gives the sizes of the terms that are summed.
    """

    def __init__(self, landscape: Landscape, representation: AbstractRepresentation):
        a, g, k = landscape.output, landscape.students, landscape.teachers
        self.representation = representation
        self.weights = landscape.weights.spread()
        self.across = landscape.weights.transposed.spread()
        self.output = a[..., None, :]
        self.slope = landscape.slope[..., None, :]
        # of L in ‖w_x‖²: second derivatives, summed over the partners
        self.bend = ((g.pp.scaled(columns=a).row_sums + k.pp.row_sums) * a)[..., None, :]

        def by_partner(part: Equivariant) -> Equivariant:
            return part.scaled(columns=a).spread()

        def by_both(part: Equivariant) -> Equivariant:
            return part.scaled(a, a).spread()

        self.value, self.covariance = g.value.spread(), by_partner(g.c)
        # ∂G/∂q of the column
        self.partner_variance = g.p.transposed.scaled(columns=a).spread()
        self.own_variance = g.p.scaled(rows=a).spread()
        self.stretch, self.stretch_c = by_both(g.c), by_both(g.cc)
        self.stretch_p, self.stretch_q = by_both(g.pc), by_both(g.qc)
        self.mixed = by_both(g.pq)
        self.teacher_c = k.c.spread()
        self.pull_c, self.pull_p = k.cc.scaled(rows=a).spread(), k.pc.scaled(rows=a).spread()

    def __call__(self, weights: Direction, output: Numbers) -> tuple[Direction, Numbers]:
        at = self.representation
        rows, columns = weights.rows, weights.columns
        product = at.left(self.weights, at.transpose(weights))
        overlaps = product.plus(at.transpose(product))
        norms = 2 * at.contract(at.hadamard(self.weights, weights))

        by_row = at.column(norms, rows, rows)
        by_output = at.hadamard(self.covariance, at.column(output, rows, rows))
        stretch = by_output.plus(
            at.transpose(by_output),
            at.hadamard(self.stretch_c, overlaps),
            at.hadamard(self.stretch_p, by_row),
            at.hadamard(self.stretch_q, at.transpose(by_row)),
        )
        turn = 2 * (
            self.slope * output
            + at.apply(self.own_variance, output)
            + self.bend * norms
            + at.apply(self.mixed, norms)
            + at.contract(at.hadamard(self.stretch_p, overlaps))
            + at.contract(at.hadamard(self.pull_p, weights))
        )
        pull = at.hadamard(self.teacher_c, at.column(output, rows, columns)).plus(
            at.hadamard(self.pull_c, weights),
            at.hadamard(self.pull_p, at.column(norms, rows, columns)),
        )
        change = at.transpose(at.left(self.across, stretch)).plus(
            at.left(self.stretch, weights),
            at.hadamard(self.weights, at.column(turn, rows, columns)),
            weights.scaled(2 * self.output * self.slope),
            pull,
        )
        slope = (
            at.apply(self.value, output)
            + at.contract(at.hadamard(self.covariance, overlaps))
            + self.slope * norms
            + at.apply(self.partner_variance, norms)
            + at.contract(at.hadamard(self.teacher_c, weights))
        )
        return Direction(rows, columns, tuple(2 * part for part in change.parts)), 2 * slope
