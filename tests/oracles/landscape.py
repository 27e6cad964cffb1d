"""The teacher–student loss, its gradient and Hessian in mpmath, by formulas of their own: what proofs are compared
with.

    L = Σ_lm s_l s_m g(u_l, u_m),  g(w, u) = (2/π) asin(w·u/√(AB)),  A = 1 + ‖w‖², B = 1 + ‖u‖², D² = AB − (w·u)²

over the students (w_i, a_i) and the teachers (v_j, −b_j); ∇_w g = κ (u − (c/A) w), κ = (2/π)/D, and its derivatives by
the quotient rule, not simplified; ∇_w∇_u g = κ (I + wwᵀ + uuᵀ)⁻¹. Arrays stand before numbers in products: mpmath
takes an array for a number, prints it, and then gives up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import mpmath
import numpy as np

Numbers = Any


def exact(values: Any) -> Numbers:
    """Float64 and fractions as numbers of mpmath."""

    def number(value: Any) -> Any:
        return mpmath.mpf(value.numerator) / value.denominator if hasattr(value, "denominator") else mpmath.mpf(value)

    return np.asarray(np.frompyfunc(number, 1, 1)(np.asarray(values, dtype=object)), dtype=object)


class Kernel(NamedTuple):
    """g(w, u) = E[σ(w·x) σ(u·x)], x ~ N(0, I); ∇_w g, ∇_w∇_w g and ∇_w∇_u g."""

    value: Callable[[Numbers, Numbers], Any]
    slope: Callable[[Numbers, Numbers], Numbers]
    own: Callable[[Numbers, Numbers], Numbers]
    cross: Callable[[Numbers, Numbers], Numbers]


@dataclass(frozen=True, eq=False)
class Oracle:
    """Of a student (W, a) and a teacher (V, b); all weights row by row, then the output weights.
    Of erf unless another kernel is given.
    """

    weights: Numbers
    output: Numbers
    teacher_weights: Numbers
    teacher_output: Numbers
    kernel: Kernel = field(default_factory=lambda: ERF)

    @classmethod
    def of(cls, problem: Any, student: Any) -> "Oracle":
        return cls(*map(exact, (student.weights, student.output, problem.teacher.weights, problem.teacher.output)))

    def at(self, vector: Any) -> "Oracle":
        """The same teacher, another student."""
        found, split = exact(vector), self.weights.size
        weights = found[:split].reshape(self.weights.shape)
        return replace(self, weights=weights, output=found[split:])

    @property
    def vector(self) -> Numbers:
        return np.concatenate([self.weights.ravel(), self.output])

    @property
    def partners(self) -> Numbers:
        return np.concatenate([self.weights, self.teacher_weights])

    @property
    def shares(self) -> Numbers:
        return np.concatenate([self.output, -self.teacher_output])

    def loss(self) -> Any:
        pairs = list(zip(self.shares, self.partners, strict=True))
        return sum(s * t * self.kernel.value(u, v) for s, u in pairs for t, v in pairs)

    def gradient(self) -> Numbers:
        weights, output = [], []
        for a, w in zip(self.output, self.weights, strict=True):
            pairs = list(zip(self.shares, self.partners, strict=True))
            weights.append(sum(self.kernel.slope(w, u) * (2 * a * s) for s, u in pairs))
            output.append(2 * sum(s * self.kernel.value(w, u) for s, u in pairs))
        return np.concatenate([*weights, output])

    def hessian(self) -> Numbers:
        (n, d), a = self.weights.shape, self.output
        split = n * d
        matrix = exact(np.zeros((split + n, split + n)))
        for i, w in enumerate(self.weights):
            mine = slice(i * d, (i + 1) * d)
            for j, u in enumerate(self.weights):
                matrix[mine, j * d : (j + 1) * d] += self.kernel.cross(w, u) * (2 * a[i] * a[j])
                matrix[split + i, split + j] = 2 * self.kernel.value(w, u)
                matrix[mine, split + j] += self.kernel.slope(w, u) * (2 * a[i])
            for s, u in zip(self.shares, self.partners, strict=True):
                matrix[mine, mine] += self.kernel.own(w, u) * (2 * a[i] * s)
                matrix[mine, split + i] += self.kernel.slope(w, u) * (2 * s)
            matrix[split + i, :split] = 0
        matrix[split:, :split] = matrix[:split, split:].T
        return matrix

    def eigenvalues(self, places: Any = slice(None)) -> np.ndarray:
        """Of the Hessian between these parameters, ascending, in float64; by mpmath where float64 does not resolve
        them.
        """
        matrix = self.hessian()[places][:, places]
        found = np.linalg.eigvalsh(matrix.astype(np.float64))
        if np.min(np.abs(found)) > 1e-12 * np.max(np.abs(found)):
            return found
        return np.array([float(value) for value in mpmath.eigsy(mpmath.matrix(matrix.tolist()), eigvals_only=True)])


def size(vector: Numbers) -> Any:
    """The 2-norm."""
    return mpmath.sqrt(mpmath.fsum(value * value for value in np.ravel(vector)))


def _pair(w: Numbers, u: Numbers) -> tuple[Any, Any, Any, Any, Any]:
    a, b, c = 1 + w @ w, 1 + u @ u, w @ u
    square = a * b - c * c
    return a, b, c, square, 2 / (mpmath.pi * mpmath.sqrt(square))


def _g(w: Numbers, u: Numbers) -> Any:
    a, b, c, *_ = _pair(w, u)
    return 2 / mpmath.pi * mpmath.asin(c / mpmath.sqrt(a * b))


def _slope(w: Numbers, u: Numbers) -> Numbers:
    a, _, c, _, kappa = _pair(w, u)
    return (u - w * (c / a)) * kappa


def _own(w: Numbers, u: Numbers) -> Numbers:
    a, b, c, square, kappa = _pair(w, u)
    bend = np.outer(w, u / a - w * (2 * c / (a * a))) + np.diag(exact(np.ones(len(w)))) * (c / a)
    return (bend + np.outer(u - w * (c / a), w * b - u * c) / square) * -kappa


def _cross(w: Numbers, u: Numbers) -> Numbers:
    a, b, c, square, kappa = _pair(w, u)
    inside = np.outer(w, w) * b + np.outer(u, u) * a - (np.outer(w, u) + np.outer(u, w)) * c
    return (np.diag(exact(np.ones(len(w)))) - inside / square) * kappa


ERF = Kernel(_g, _slope, _own, _cross)
