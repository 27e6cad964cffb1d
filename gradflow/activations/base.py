"""What a loss needs to know of an activation: its Gaussian expectations and their derivatives."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

from gradflow.activations.partial_derivatives import PartialDerivatives


class Pairs(eqx.Module):
    """Pairs of vectors w_i and u_j as an activation sees them: p_i = ‖w_i‖², q_j = ‖u_j‖², c_ij = w_i·u_j, pq − c²."""

    p: Float[Array, "first 1"]
    q: Float[Array, "1 second"]
    c: Float[Array, "first second"]
    gram_determinant: Float[Array, "first second"]


class BlockCoefficients(NamedTuple):
    """A d × d block of every pair as projector·(I − wwᵀ/A) + own·wwᵀ + mixed·(wrᵀ + rwᵀ) + residual·rrᵀ.

    I and wwᵀ are taken together as far as they go, since a long w would cancel them. None is zero, and costs nothing.
    """

    projector: Float[Array, "..."]
    residual: Float[Array, "..."]
    own: Float[Array, "..."] | None = None
    mixed: Float[Array, "..."] | None = None

    def map(self, change: Callable[[Array], Array]) -> "BlockCoefficients":
        """The same change to each coefficient that is not zero."""
        own, mixed = (None if part is None else change(part) for part in (self.own, self.mixed))
        return BlockCoefficients(change(self.projector), change(self.residual), own, mixed)


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
    def gradient_coefficient(self, pairs: Pairs) -> Float[Array, "..."]:
        """The coefficient of r in ∇_w g."""

    @abstractmethod
    def own_block(self, pairs: Pairs) -> BlockCoefficients:
        """The coefficients of ∇_w∇_w g."""

    @abstractmethod
    def cross_block(self, pairs: Pairs) -> BlockCoefficients:
        """The coefficients of ∇_w∇_u g."""

    @abstractmethod
    def planar_cross_block(
        self, pairs: Pairs, first: Float[Array, "first input"], second: Float[Array, "second input"]
    ) -> Float[Array, "first second input input"]:
        """∇_w∇_u g of all pairs in one or two input dimensions, where the coefficients of `cross_block` cancel."""

    @abstractmethod
    def expectation_size(self, pairs: Pairs, terms_of_c: Float[Array, "..."]) -> Float[Array, "..."]:
        """What the rounding of g is relative to: |g|, or more where c = Σ_l w_l u_l cancels (`terms_of_c` = Σ_l |w_l
        u_l|).
        """
