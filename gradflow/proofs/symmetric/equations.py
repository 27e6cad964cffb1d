"""P-n-C's four equations, for real n."""

from typing import Any

from gradflow.proofs.symmetric.slopes import Sloped


def residuals(unknowns: list[Any], k: int) -> list[Any]:
    """What is zero at a critical point with w_i = α v_i + β Σ_{j≤n, j≠i} v_j + γ Σ_{j>n} v_j and output weights a, for
    (α, β, γ, a, n): the loss's derivatives (π/4)/(n a) ∂L/∂α, (π/4)/(n (n − 1) a) ∂L/∂β, (π/4)/(n (k − n) a) ∂L/∂γ and
    (π/4)/n ∂L/∂a, in which nothing is singular at n = k or n = 1.

    With q = ‖w_i‖², p = w_i·w_j, A = 1 + q, D² = A² − p² = (1 + (α − β)²)(A + p), E_c² = 2A − c², m = α + (n − 1)β,
    V = a/D and U the derivative in q less V, the first two are U c + V m − 1/E_c at c = α and c = β, the third is
    (U + n V) γ − 1/E_γ. Numbers are balls, power series of balls, or these with slopes.
    """
    alpha, beta, gamma, a, n = unknowns
    others, left = n - 1, k - n
    beside = gamma * gamma * left
    q = alpha * alpha + others * beta * beta + beside
    p = beta * (2 * alpha + (n - 2) * beta) + beside
    size, apart = q + 1, alpha - beta
    root = ((apart * apart + 1) * (size + p)).sqrt()
    ends = [(2 * size - c * c).sqrt() for c in (alpha, beta, gamma)]
    v = a / root
    pull = alpha / ends[0] + others * beta / ends[1] + left * gamma / ends[2]
    u = (a / (2 * q + 1).sqrt() - others * p * v + pull) / size - v
    along = v * (alpha + others * beta)
    length = (2 * size).sqrt()
    students = (q / size).asin() + others * (p / size).asin()
    teachers = (alpha / length).asin() + others * (beta / length).asin() + left * (gamma / length).asin()
    return [
        u * alpha + along - 1 / ends[0],
        u * beta + along - 1 / ends[1],
        (u + n * v) * gamma - 1 / ends[2],
        a * students - teachers,
    ]


def with_slopes(unknowns: list[Any], k: int) -> tuple[list[Any], list[list[Any]]]:
    """The residuals, and their derivatives: a row of five for each."""
    # what is 0 or 1 of their kind
    nothing, one = 0 * unknowns[0], 0 * unknowns[0] + 1
    places = range(len(unknowns))
    sloped = [Sloped(value, [one if i == j else nothing for j in places]) for i, value in enumerate(unknowns)]
    found = residuals(sloped, k)
    return [each.value for each in found], [each.slopes for each in found]
