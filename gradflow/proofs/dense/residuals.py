"""Loss, gradient and Hessian in balls by formulas of their own, so that what was proved with others can be checked."""

from typing import Any

import numpy as np

from gradflow._arithmetic import Numbers
from gradflow.proofs.dense.student import Place


class Residuals:
    """Of the student (W, a) and the teacher (V, b) in balls; parameters are all weights, row by row, then the output
    weights.

    With partners (u_m, s_m), the students (w_j, a_j) and the teachers (v_j, −b_j), A = 1 + ‖w‖², κ = (2/π)/D and the
    residual r = u − (w·u/A) w, the expectation g(w, u) = (2/π) atan(w·u/D) has

        ∇_w g = κ r,   ∇_w∇_u g = κ (I − wwᵀ/A − (A/D²) rrᵀ),
        ∇_w∇_w g = κ (−(w·u/A)(I − wwᵀ/A) − (wrᵀ + rwᵀ)/A + (w·u/D²) rrᵀ).

    Methods belong inside `arithmetic.working()`.
    """

    def __init__(self, place: Place):
        self.arithmetic, self.weights, self.output, self.teacher_weights, self.teacher_output = place

    def loss(self) -> Any:
        """Σ s_l s_m g(u_l, u_m) over all pairs of partners."""
        vectors, shares = self._partners
        parts = [share * (shares * self._pairs(u)[0]).sum() for u, share in zip(vectors, shares, strict=True)]
        return np.array(parts, dtype=object).sum()

    def output_slope(self, w: Numbers) -> tuple[Any, Numbers]:
        """h(w) = 2 Σ_m s_m g(w, u_m) = 2 E[(f − f*) σ(w·x)] and ∇h = 2 Σ_m s_m κ r (input,): what a neuron with these
        weights has as ∂L/∂a, and as ∂L/∂w/a.
        """
        value, _, _, kappa, residual = self._pairs(w)
        shares = self._partners[1]
        return 2 * (shares * value).sum(), 2 * ((shares * kappa) @ residual)

    def gradient(self) -> Numbers:
        """a_i ∇h(w_i) and h(w_i)."""
        found = [self.output_slope(w) for w in self.weights]
        weights = [a * slope for a, (_, slope) in zip(self.output, found, strict=True)]
        return np.concatenate([*weights, [value for value, _ in found]])

    def hessian(self) -> Numbers:
        """(param, param)."""
        students, inputs = self.weights.shape
        split, shares, a = students * inputs, self._partners[1], self.output
        matrix = self.arithmetic.array(np.zeros((split + students, split + students)))
        for i, w in enumerate(self.weights):
            mine = slice(i * inputs, (i + 1) * inputs)
            value, c, square, kappa, residual = self._pairs(w)
            size = 1 + (w * w).sum()
            projector = self.arithmetic.array(np.eye(inputs)) - w[:, None] * w / size
            for j in range(students):
                block = projector - (size / square[j]) * residual[j][:, None] * residual[j]
                matrix[mine, j * inputs : (j + 1) * inputs] = 2 * a[i] * a[j] * kappa[j] * block
                matrix[split + j, mine] = 2 * a[i] * kappa[j] * residual[j]
            weighted = shares * kappa
            pull = weighted @ residual
            own = -(weighted * c).sum() / size * projector - (w[:, None] * pull + pull[:, None] * w) / size
            own = own + self.arithmetic.product(residual.T * (weighted * c / square), residual)
            matrix[mine, mine] = matrix[mine, mine] + 2 * a[i] * own
            matrix[split + i, mine] = matrix[split + i, mine] + 2 * pull
            matrix[split + i, split:] = 2 * value[:students]
        matrix[:split, split:] = matrix[split:, :split].T
        return matrix

    @property
    def _partners(self) -> tuple[Numbers, Numbers]:
        vectors = np.concatenate([self.weights, self.teacher_weights])
        return vectors, np.concatenate([self.output, -self.teacher_output])

    def _pairs(self, w: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
        """g, w·u, D², κ (partner,) and r (partner, input) with every partner."""
        vectors = self._partners[0]
        c, size = vectors @ w, 1 + (w * w).sum()
        square = size * (1 + (vectors * vectors).sum(-1)) - c * c
        root = self.arithmetic.sqrt(square)
        factor = 2 / self.arithmetic.pi
        return factor * self.arithmetic.arctangent(c, root), c, square, factor / root, vectors - (c / size)[:, None] * w
