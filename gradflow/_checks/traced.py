"""What of JAX a value may be. Where nobody has loaded JAX nothing is, and so it need not be loaded to ask."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jax import Array
    from jax.core import Tracer as Tracer

    JaxArray = Array
else:

    class _Asked(type):
        """`isinstance` asks JAX if it is there."""

        def __instancecheck__(cls, value: object) -> bool:
            jax = sys.modules.get("jax")
            return jax is not None and isinstance(value, cls.of(jax))

    class JaxArray(metaclass=_Asked):
        """`jax.Array`: an array of JAX, traced or not."""

        @staticmethod
        def of(jax: object) -> type:
            return jax.Array

    class Tracer(metaclass=_Asked):
        """`jax.core.Tracer`: a value that is not known yet."""

        @staticmethod
        def of(jax: object) -> type:
            return jax.core.Tracer
