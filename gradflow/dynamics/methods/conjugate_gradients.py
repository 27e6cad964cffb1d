"""Conjugate gradients that stop where the caller is content, and say when the operator is not definite.

lineax's CG wants an operator known to be definite, and a tolerance in norms; here the first is what is found out, and
the second is a predicate on the residual.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int


class Solved(NamedTuple):
    """x with Ax ≈ b; not `converged` where a direction of negative curvature showed up, or the products ran out."""

    solution: Float[Array, " param"]
    converged: Bool[Array, ""]
    products: Int[Array, ""]


class _Iterate(NamedTuple):
    solution: Float[Array, " param"]
    residual: Float[Array, " param"]
    direction: Float[Array, " param"]
    squared: Float[Array, ""]
    products: Int[Array, ""]
    definite: Bool[Array, ""]


def conjugate_gradients(
    operator: Callable[[Float[Array, " param"]], Float[Array, " param"]],
    right_side: Float[Array, " param"],
    content: Callable[[Float[Array, " param"]], Bool[Array, ""]],
    *,
    max_products: int,
) -> Solved:
    """Hestenes & Stiefel (1952), from x = 0 until `content(residual)`; in units of the largest entry of b, so that no
    square vanishes or overflows.
    """
    largest = jnp.max(jnp.abs(right_side))
    unit = jnp.where(largest > 0, largest, 1.0)
    right_side = right_side / unit

    def go_on(now: _Iterate) -> Bool[Array, ""]:
        return ~content(unit * now.residual) & now.definite & (now.products < max_products)

    def iterate(now: _Iterate) -> _Iterate:
        image = operator(now.direction)
        curvature = now.direction @ image
        definite = curvature > 0
        length = jnp.where(definite, now.squared / jnp.where(definite, curvature, 1), 0)
        residual = now.residual - length * image
        squared = residual @ residual
        return _Iterate(
            solution=now.solution + length * now.direction,
            residual=residual,
            direction=residual + squared / now.squared * now.direction,
            squared=squared,
            products=now.products + 1,
            definite=definite,
        )

    begin = _Iterate(
        solution=jnp.zeros_like(right_side),
        residual=right_side,
        direction=right_side,
        squared=right_side @ right_side,
        products=jnp.asarray(0),
        definite=jnp.asarray(True),
    )
    end: _Iterate = lax.while_loop(go_on, iterate, begin)
    return Solved(
        solution=unit * end.solution,
        converged=content(unit * end.residual) & end.definite,
        products=end.products,
    )
