"""The teacher–student loss and its derivatives in mpmath at 50 digits, straight from the textbook formulas."""

import mpmath
import numpy as np

mpmath.mp.dps = 50


def vector(values):
    return [mpmath.mpf(float(value)) for value in values]


def dot(u, v):
    return mpmath.fsum(x * y for x, y in zip(u, v, strict=True))


def expectation(w, u):
    return 2 / mpmath.pi * mpmath.asin(dot(w, u) / mpmath.sqrt((1 + dot(w, w)) * (1 + dot(u, u))))


def pair(w, u):
    """A, c, D² and κ = (2/π)/D of a pair."""
    a, b, c = 1 + dot(w, w), 1 + dot(u, u), dot(w, u)
    square = a * b - c * c
    return a, c, square, 2 / mpmath.pi / mpmath.sqrt(square)


def slope(w, u):
    """∇_w g = κ (u − (c/A) w)."""
    a, c, _, kappa = pair(w, u)
    return [kappa * (y - c / a * x) for x, y in zip(w, u, strict=True)]


def own_block(w, u):
    """∇_w∇_w g by the quotient rule, not simplified: κ [−(c/A) I − w(u/A − 2c w/A²)ᵀ − (u − (c/A) w)(Bw − cu)ᵀ/D²]."""
    a, c, square, kappa = pair(w, u)
    b = 1 + dot(u, u)
    d = len(w)
    return np.array(
        [
            [
                kappa
                * (
                    -(c / a if i == j else 0)
                    - w[i] * (u[j] / a - 2 * c * w[j] / a**2)
                    - (u[i] - c / a * w[i]) * (b * w[j] - c * u[j]) / square
                )
                for j in range(d)
            ]
            for i in range(d)
        ],
        dtype=object,
    )


def cross_block(w, u):
    """∇_w∇_u g: κ [I − wwᵀ/A − (u − (c/A) w)(Au − cw)ᵀ/D²]."""
    a, c, square, kappa = pair(w, u)
    d = len(w)
    return np.array(
        [
            [
                kappa
                * ((1 if i == j else 0) - w[i] * w[j] / a - (u[i] - c / a * w[i]) * (a * u[j] - c * w[j]) / square)
                for j in range(d)
            ]
            for i in range(d)
        ],
        dtype=object,
    )


def gradient(weights, output, teacher_weights, teacher_output):
    """∇_W L, ∂L/∂a, and Σ_j |term j| of each."""
    w, v = [vector(row) for row in weights], [vector(row) for row in teacher_weights]
    a, b = vector(output), vector(teacher_output)
    others = [(aj, wj) for aj, wj in zip(a, w, strict=True)] + [(-bj, vj) for bj, vj in zip(b, v, strict=True)]
    in_weights, in_output, weight_sizes, output_sizes = [], [], [], []
    for ai, wi in zip(a, w, strict=True):
        slopes = [[2 * ai * factor * entry for entry in slope(wi, u)] for factor, u in others]
        terms = [2 * factor * expectation(wi, u) for factor, u in others]
        in_weights.append([mpmath.fsum(column) for column in zip(*slopes, strict=True)])
        weight_sizes.append([mpmath.fsum(abs(entry) for entry in column) for column in zip(*slopes, strict=True)])
        in_output.append(mpmath.fsum(terms))
        output_sizes.append(mpmath.fsum(abs(term) for term in terms))
    return tuple(np.array(part, dtype=object) for part in (in_weights, in_output, weight_sizes, output_sizes))


def hessian(weights, output, teacher_weights, teacher_output):
    """The Hessian (P, P) of L in the order W row by row, then a."""
    w, v = [vector(row) for row in weights], [vector(row) for row in teacher_weights]
    a, b = vector(output), vector(teacher_output)
    others = [*zip(a, w, strict=True), *((-bj, vj) for bj, vj in zip(b, v, strict=True))]
    n, d = len(w), len(w[0])
    matrix = np.full((n * (d + 1), n * (d + 1)), mpmath.mpf(0), dtype=object)
    for i in range(n):
        own = slice(i * d, (i + 1) * d)
        for j in range(n):
            mixed = 2 * a[i] * np.array(slope(w[i], w[j]), dtype=object)
            matrix[own, j * d : (j + 1) * d] = 2 * a[i] * a[j] * cross_block(w[i], w[j])
            matrix[own, n * d + j], matrix[n * d + j, own] = mixed, mixed
            matrix[n * d + i, n * d + j] = 2 * expectation(w[i], w[j])
        for factor, u in others:
            matrix[own, own] += 2 * a[i] * factor * own_block(w[i], u)
            along = 2 * factor * np.array(slope(w[i], u), dtype=object)
            matrix[own, n * d + i] += along
            matrix[n * d + i, own] += along
    return matrix


def loss(weights, output, teacher_weights, teacher_output):
    vectors = [vector(row) for row in weights] + [vector(row) for row in teacher_weights]
    factors = vector(output) + [-b for b in vector(teacher_output)]
    return mpmath.fsum(
        x * y * expectation(u, v)
        for x, u in zip(factors, vectors, strict=True)
        for y, v in zip(factors, vectors, strict=True)
    )
