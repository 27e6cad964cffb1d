"""The Hessian in float64 with a proved bound on its error.

The expectations and their derivatives are computed in balls and rounded once; every entry is then a short sum of short
products, whose rounding is bounded beforehand: a computed sum of products of numbers that are themselves rounded is off
by at most γ_N Σ|terms|, γ_N = N u/(1 − N u), u = 2⁻⁵³, if at most N roundings lie on the way of any term, in whatever
order NumPy and BLAS add, with fused multiplications or without (Higham, Accuracy and Stability of Numerical Algorithms,
3.1).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow._arithmetic import Balls, Numbers
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.roundings import UNIT, gamma
from gradflow.proofs.unproved import Unproved

# on the way of a term beside the sum over partners: five factors, each rounded when it is made float64 (twice, since
# the nearest float64 or the one beside it is taken), as many products, the sum of an entry's parts, its mirror image
_ROUNDINGS = 32
# of the bound itself, a sum of positive terms
_BOUND_SLACK = 1 + 2.0**-20
# products of factors up to 1e15 that underflow are off by 2⁻¹⁰⁷⁴ before they meet others; none of them overflows
LARGEST = 1e15
_UNDERFLOW = 1e-200


class BoundedMatrix(NamedTuple):
    """A symmetric matrix (param, param) in float64, and a bound on the 2-norm of what it is off by."""

    matrix: Float[np.ndarray, "param param"]
    error: float


class _Rounded(NamedTuple):
    """A number in float64 and a bound on its size that is large enough for its relative error to be 2u."""

    value: Float[np.ndarray, "..."]
    size: Float[np.ndarray, "..."]


def hessian(here: Landscape, trained: np.ndarray, scales: Float[np.ndarray, " student"] | None = None) -> BoundedMatrix:
    """∂²L between the trained parameters in units of D: D⁻¹HD⁻¹, D being s_i for weights and 1 for output weights, with
    powers of two as `scales` s; H itself if they are left out. With i, j students, m partners, and g at (w_i, u_m) or
    (w_i, w_j),

        ∂²L/∂a_i∂a_j = 2 g,
        ∂²L/∂a_i∂w_j = 2 a_j (2 g_q w_j + g_c w_i) + [i = j] 2 Σ_m s_m (2 g_p w_i + g_c u_m),
        ∂²L/∂w_i∂w_j = 2 a_i a_j (g_c I + 4 g_pq w_i w_jᵀ + 2 g_pc w_i w_iᵀ + 2 g_qc w_j w_jᵀ + g_cc w_j w_iᵀ)
                     + [i = j] 2 a_i Σ_m s_m (2 g_p I + 4 g_pp w_i w_iᵀ + 2 g_pc (w_i u_mᵀ + u_m w_iᵀ) + g_cc u_m u_mᵀ).

    Raises `Unproved` where a number is too large for the bounds on underflow, or none.
    """
    parts = _Parts(here)
    if not parts.largest < LARGEST:
        found = f"a weight or a derivative is of size {parts.largest:.1e}, where {LARGEST:.0e} is the most"
        raise Unproved("curvature", found, "A run that diverged has no critical point to prove.")
    students, inputs = parts.weights.value.shape
    split = students * inputs
    matrix = np.empty((split + students, split + students))
    for i in range(students):
        mine, others = slice(i * inputs, (i + 1) * inputs), slice(0, (i + 1) * inputs)
        block = parts.weights_with_weights(i)
        own = block[:, mine]
        block[:, mine] = (own + own.T) / 2
        matrix[mine, others], matrix[others, mine] = block, block.T
        row = parts.output_with_weights(i)
        matrix[split + i, :split], matrix[:split, split + i] = row, row
    among = 2 * parts.value.value
    matrix[split:, split:] = (among + among.T) / 2
    roundings = _ROUNDINGS + len(parts.shares.value)
    scales = np.ones(students) if scales is None else scales
    error = gamma(roundings) * _BOUND_SLACK * float(np.max(parts.row_sums(scales)[trained])) + _UNDERFLOW
    units = np.concatenate([np.repeat(scales, inputs), np.ones(students)])
    matrix /= units
    matrix /= units[:, None]
    if not np.array_equal(trained, np.arange(len(matrix))):
        matrix = matrix[np.ix_(trained, trained)]
    return BoundedMatrix(matrix, error)


class _Parts:
    """What the formula sums, in float64; students are i, j < n, partners m."""

    def __init__(self, here: Landscape):
        arithmetic, n = here.arithmetic, len(here.weights)
        self.weights, self.output = _rounded(here.weights, arithmetic), _rounded(here.output, arithmetic)
        self.partners, self.shares = _rounded(here.partners, arithmetic), _rounded(here.shares, arithmetic)
        self.value = _rounded(here.value[:, :n], arithmetic)
        found = here.derivatives()
        self.p, self.c, self.pp, self.pc, self.cc = (
            _rounded(part, arithmetic) for part in (found.p, found.c, found.pp, found.pc, found.cc)
        )
        self.q, self.pq, self.qc = (_rounded(part[:, :n], arithmetic) for part in (found.q, found.pq, found.qc))

    @property
    def largest(self) -> float:
        # NaN included, which Python's max passes over
        return float(np.max([np.max(part.size) for part in vars(self).values()]))

    def weights_with_weights(self, i: int) -> np.ndarray:
        """Rows w_i, columns w_j for j ≤ i: (input, (i + 1)·input)."""
        w, a, u, s = self.weights.value, self.output.value, self.partners.value, self.shares.value
        mine, others, factors = w[i], w[: i + 1], 2 * a[i] * a[: i + 1]
        beside = 4 * self.pq.value[i, : i + 1, None] * others + 2 * self.pc.value[i, : i + 1, None] * mine
        across = 2 * self.qc.value[i, : i + 1, None] * others + self.cc.value[i, : i + 1, None] * mine
        block = mine[:, None, None] * (factors[:, None] * beside) + others.T[:, :, None] * (factors[:, None] * across)
        inputs = range(w.shape[1])
        block[inputs, :, inputs] += factors * self.c.value[i, : i + 1]
        pull = (s * self.pc.value[i]) @ u
        own = (u.T * (s * self.cc.value[i])) @ u
        own += 4 * (s @ self.pp.value[i]) * np.outer(mine, mine) + 2 * (np.outer(mine, pull) + np.outer(pull, mine))
        own[inputs, inputs] += 2 * (s @ self.p.value[i])
        block[:, i] += 2 * a[i] * own
        found: np.ndarray = block.reshape(len(inputs), -1)
        return found

    def output_with_weights(self, i: int) -> np.ndarray:
        """Row a_i, columns all w_j."""
        w, a, u, s = self.weights.value, self.output.value, self.partners.value, self.shares.value
        row = (2 * a)[:, None] * (2 * self.q.value[i][:, None] * w + self.c.value[i, : len(a), None] * w[i])
        row[i] += 2 * (2 * (s @ self.p.value[i]) * w[i] + (s * self.c.value[i]) @ u)
        found: np.ndarray = row.ravel()
        return found

    def row_sums(self, scales: Float[np.ndarray, " student"]) -> np.ndarray:
        """Of the sizes of all terms of D⁻¹HD⁻¹, for every row."""
        w, a, u, s = self.weights.size, self.output.size, self.partners.size, self.shares.size
        p, c, pc, n = self.p.size, self.c.size, self.pc.size, len(a)
        lengths, partner_lengths = w.sum(-1), u.sum(-1)
        turn, pull, bend, b = p @ s, (s * c) @ u, self.pp.size @ s, a / scales
        with_weights = (b * c[:, :n]).sum(-1)[:, None] + w * (
            b * (4 * self.pq.size * lengths + 2 * pc[:, :n] * lengths[:, None])
        ).sum(-1)[:, None]
        with_weights += (b * (2 * self.qc.size * lengths + self.cc.size[:, :n] * lengths[:, None])) @ w
        own = 2 * turn[:, None] + 4 * bend[:, None] * w * lengths[:, None]
        own += 2 * (w * ((s * pc) @ partner_lengths)[:, None] + ((s * pc) @ u) * lengths[:, None])
        own += (s * self.cc.size * partner_lengths) @ u
        with_output = 2 * p[:, :n].sum(-1)[:, None] * w + c[:, :n] @ w
        weights_rows = 2 * a[:, None] * (with_weights + own / scales[:, None] + with_output)
        weights_rows = (weights_rows + 2 * (2 * turn[:, None] * w + pull)) / scales[:, None]
        output_rows = 2 * self.value.size.sum(-1) + (
            2 * b * (2 * self.q.size * lengths + c[:, :n] * lengths[:, None])
        ).sum(-1)
        output_rows += 2 * (2 * turn * lengths + pull.sum(-1)) / scales
        return np.concatenate([weights_rows.ravel(), output_rows])


def _rounded(values: Numbers, arithmetic: Balls) -> _Rounded:
    found = arithmetic.float64(values)
    return _Rounded(found, np.abs(found) + arithmetic.spread(values) / UNIT)
