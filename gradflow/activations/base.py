"""What a loss needs to know of an activation: its Gaussian expectations and their derivatives."""

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array, Float


class PartialDerivatives(NamedTuple):
    """First and second partial derivatives of g(p, q, c) = E[σ(u)σ(v)]; c is the covariance, p and q the variances."""

    p: Float[Array, "..."]
    q: Float[Array, "..."]
    c: Float[Array, "..."]
    pp: Float[Array, "..."]
    pq: Float[Array, "..."]
    pc: Float[Array, "..."]
    qq: Float[Array, "..."]
    qc: Float[Array, "..."]
    cc: Float[Array, "..."]


class BlockCoefficients(NamedTuple):
    """A d × d block as identity·I + own·wwᵀ + mixed·(wrᵀ + rwᵀ) + residual·rrᵀ."""

    identity: Float[Array, "*pairs"]
    own: Float[Array, "*pairs"]
    mixed: Float[Array, "*pairs"]
    residual: Float[Array, "*pairs"]


class AbstractActivation(eqx.Module):
    """A scalar function σ with g(p, q, c) = E[σ(u)σ(v)] for (u, v) ~ N(0, [[p, c], [c, q]]).

    For vectors w, u with p = ‖w‖², q = ‖u‖², c = w·u the derivatives of g are written with the residual r = u − (c/A)
    w, A = p + `residual_shift`, in which nothing cancels; an activation supplies coefficients only, so that another
    activation needs no other gradient or Hessian. `gram_determinant` is pq − c², which from (p, q, c) alone can be
    known no better than one rounding of c allows.
    """

    @abstractmethod
    def __call__(self, u: Any) -> Float[Array, "..."]:
        """σ(u), element by element."""

    @abstractmethod
    def expectation(self, p: Any, q: Any, c: Any, *, gram_determinant: Any | None = None) -> Float[Array, "..."]:
        """g(p, q, c)."""

    @abstractmethod
    def partial_derivatives(self, p: Any, q: Any, c: Any, *, gram_determinant: Any | None = None) -> PartialDerivatives:
        """All first and second partial derivatives of g."""

    @property
    @abstractmethod
    def residual_shift(self) -> float:
        """A − p in r = u − (c/A) w."""

    @abstractmethod
    def gradient_coefficient(
        self,
        p: Float[Array, "..."],
        q: Float[Array, "..."],
        c: Float[Array, "..."],
        gram_determinant: Float[Array, "..."],
    ) -> Float[Array, "..."]:
        """The coefficient of r in ∇_w g."""

    @abstractmethod
    def own_block(
        self,
        p: Float[Array, "..."],
        q: Float[Array, "..."],
        c: Float[Array, "..."],
        gram_determinant: Float[Array, "..."],
    ) -> BlockCoefficients:
        """The coefficients of ∇_w∇_w g."""

    @abstractmethod
    def cross_block(
        self,
        p: Float[Array, "..."],
        q: Float[Array, "..."],
        c: Float[Array, "..."],
        gram_determinant: Float[Array, "..."],
    ) -> BlockCoefficients:
        """The coefficients of ∇_w∇_u g."""

    @abstractmethod
    def planar_cross_block(
        self,
        first: Float[Array, "first input"],
        second: Float[Array, "second input"],
        slope: Float[Array, "first second"],
    ) -> Float[Array, "first second input input"]:
        """∇_w∇_u g of all pairs in one or two input dimensions, where the coefficients of `cross_block` cancel; `slope`
        is `gradient_coefficient`.
        """

    @abstractmethod
    def expectation_size(
        self,
        p: Float[Array, "..."],
        q: Float[Array, "..."],
        c: Float[Array, "..."],
        gram_determinant: Float[Array, "..."],
        terms_of_c: Float[Array, "..."],
    ) -> Float[Array, "..."]:
        """What the rounding of g is relative to: |g|, or more where c = Σ_l w_l u_l cancels (`terms_of_c` = Σ_l |w_l
        u_l|).
        """
