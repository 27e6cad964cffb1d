"""σ(x) = erf(x/√2), the activation of Saad & Solla (1995)."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from gradflow import _checks
from gradflow._arithmetic import TRACED
from gradflow.activations.arctangent import arctangent
from gradflow.activations.base import AbstractActivation, BlockCoefficients, Pairs
from gradflow.activations.erf_formulas import erf_derivatives
from gradflow.activations.partial_derivatives import PartialDerivatives

_TWO_OVER_PI = 2 / math.pi


class Erf(AbstractActivation):
    """σ(x) = erf(x/√2), for which, with A = 1 + p, B = 1 + q and D = √(AB − c²),

        E[σ(u)σ(v)] = (2/π) asin(c/√(AB)) = (2/π) atan2(c, D).

    D² = 1 + p + q + (pq − c²) ≥ 1, so nothing is singular at zero norm or for parallel vectors. Source: Williams,
    Computing with infinite networks (1997); Saad & Solla, Phys. Rev. E 52 (1995).
    """

    def __call__(self, u: Any) -> Float[Array, "..."]:
        u = _checks.finite("Erf", "u", _checks.float64("Erf", "u", u))
        return jax.scipy.special.erf(u / math.sqrt(2))

    def expectation(self, p: Any, q: Any, c: Any, *, gram_determinant: Any | None = None) -> Float[Array, "..."]:
        """E[σ(u)σ(v)] for jointly normal u, v with variances `p`, `q` and covariance `c`; the arguments broadcast.

        `gram_determinant` = pq − c² may be given where it is known better than from p, q and c: long, nearly parallel
        vectors lose it to cancellation (at norm 1e6, D is off by 2e-4).

        Raises `ValueError` for negative variances, a covariance beyond √(pq), NaN or infinite values, and `TypeError`
        for arrays that are not float64.
        """
        p, q, c, gram_determinant = _checks.covariance("Erf.expectation", p, q, c, gram_determinant)
        angle: Float[Array, ...] = arctangent(*jnp.broadcast_arrays(c, _root(p, q, gram_determinant)))
        return _TWO_OVER_PI * angle

    def partial_derivatives(self, p: Any, q: Any, c: Any, *, gram_determinant: Any | None = None) -> PartialDerivatives:
        """All first and second partial derivatives of `expectation`, as functions of (p, q, c).

        With κ = (2/π)/D: g_c = κ, g_p = −κc/(2A), g_cc = κc/D², g_pc = −κB/(2D²), g_pq = κc/(4D²),
        g_pp = (κc/2)(1/A² + B/(2AD²)); those in q by symmetry. Raises as `expectation` does.
        """
        p, q, c, gram_determinant = _checks.covariance("Erf.partial_derivatives", p, q, c, gram_determinant)
        return erf_derivatives(p, q, c, _root(p, q, gram_determinant), TRACED)

    @property
    def residual_shift(self) -> float:
        return 1.0

    def gradient_coefficient(self, pairs: Pairs) -> Float[Array, "..."]:
        """∇_w g = (2/π) r/D."""
        return _TWO_OVER_PI / _root(pairs.p, pairs.q, pairs.gram_determinant)

    def own_block(self, pairs: Pairs) -> BlockCoefficients:
        """∇_w∇_w g = κ [−(c/A)(I − wwᵀ/A) − (wrᵀ + rwᵀ)/A + (c/D²) rrᵀ], κ = (2/π)/D.

        From dr/dw = −(c/A)(I − wwᵀ/A) − wrᵀ/A and ∇_w D² = 2(D²/A) w − 2c r.
        """
        d = _root(pairs.p, pairs.q, pairs.gram_determinant)
        kappa, a = _TWO_OVER_PI / d, 1 + pairs.p
        return BlockCoefficients(
            projector=-kappa * pairs.c / a,
            mixed=-kappa / a,
            residual=kappa * pairs.c / (d * d),
        )

    def cross_block(self, pairs: Pairs) -> BlockCoefficients:
        """∇_w∇_u g = κ [(I − wwᵀ/A) − (A/D²) rrᵀ], κ = (2/π)/D. From dr/du = I − wwᵀ/A and ∇_u D² = 2A r."""
        d = _root(pairs.p, pairs.q, pairs.gram_determinant)
        kappa, a = _TWO_OVER_PI / d, 1 + pairs.p
        return BlockCoefficients(projector=kappa, residual=-kappa * a / (d * d))

    def planar_cross_block(
        self, pairs: Pairs, first: Float[Array, "first input"], second: Float[Array, "second input"]
    ) -> Float[Array, "first second input input"]:
        """∇_w∇_u g = κ (I + wwᵀ + uuᵀ)⁻¹ = κ adj(I + wwᵀ + uuᵀ)/D², in which only sums of squares and one product are
        formed.

        The identity is E[σ′(w·x)σ′(u·x) xxᵀ] as a Gaussian integral; its determinant is D². In one dimension adj = 1.
        """
        d = _root(pairs.p, pairs.q, pairs.gram_determinant)
        w, u = first[:, None], second[None]
        if first.shape[1] == 1:
            adjugate = jnp.ones_like(d)[..., None, None]
        else:
            diagonal = 1 + (w * w + u * u)[..., ::-1]
            mixed = -(w[..., 0] * w[..., 1] + u[..., 0] * u[..., 1])
            rows = (jnp.stack([diagonal[..., 0], mixed], -1), jnp.stack([mixed, diagonal[..., 1]], -1))
            adjugate = jnp.stack(rows, -2)
        return (_TWO_OVER_PI / d**3)[..., None, None] * adjugate

    def expectation_size(self, pairs: Pairs, terms_of_c: Float[Array, "..."]) -> Float[Array, "..."]:
        """max(|g|, (2/π) D s/(AB)), s = `terms_of_c`: with x = c/D, a relative change of x moves atan x by x/(1 + x²) =
        cD/(AB).
        """
        d = _root(pairs.p, pairs.q, pairs.gram_determinant)
        value = _TWO_OVER_PI * jnp.abs(arctangent(*jnp.broadcast_arrays(pairs.c, d)))
        return jnp.maximum(value, _TWO_OVER_PI * d * terms_of_c / ((1 + pairs.p) * (1 + pairs.q)))


def _root(p: Float[Array, "..."], q: Float[Array, "..."], gram_determinant: Float[Array, "..."]) -> Float[Array, "..."]:
    """D = √(AB − c²). No maximum(·, 0) around the bracket: its derivative would be ½ on the diagonal."""
    return jnp.sqrt(1 + p + q + gram_determinant)
