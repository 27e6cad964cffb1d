"""How fast a path speeds up, and how long a step may be there."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradflow.dynamics.methods.newton import norm

# where the path speeds up like e^{λt}, as it does when it leaves a saddle, a step of order k takes 1 + O((λh)ᵏ) times
# the right time; with λh below these, by order, that is half a per cent (measured on ẋ = λx). The local error does not
# tell: of a displacement below the tolerance any multiple passes
GROWTH = np.array([0, 0.013, 0.17, 0.4, 0.6, 0.7, 0.7])
# what is looked at is at most ∇θ·∇²θ/|∇θ|² = 1 − e^{−λh} = 0.9: more is no growth that differences of a step tell
_MOST_GROWTH = 0.9
_TINY = float(np.finfo(np.float64).tiny)


def growing(first: Float[Array, " param"], second: Float[Array, " param"]) -> Float[Array, ""]:
    """λh of a path that speeds up like e^{λt}, from its differences ∇θ and ∇²θ = (1 − e^{−λh})∇θ; next to nothing where
    it does not.
    """
    return jnp.maximum(-jnp.log1p(-jnp.clip(along(first, second), 0.0, _MOST_GROWTH)), _TINY)


def rate(velocity: Float[Array, " param"], change: Float[Array, " param"]) -> Float[Array, ""]:
    """λ of a path that speeds up like e^{λt}, from its velocity v and the change λv of the velocity along it; next to
    nothing where it does not.
    """
    return jnp.maximum(along(velocity, change), _TINY)


def along(first: Float[Array, " param"], second: Float[Array, " param"]) -> Float[Array, ""]:
    """The second as a multiple of the first, as far as it is one."""
    unit = jnp.maximum(norm(first), _TINY)  # squares of large numbers overflow
    first, second = first / unit, second / unit
    return first @ second / jnp.maximum(first @ first, _TINY)
