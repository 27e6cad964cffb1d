"""64 bit: switched on when gradflow is imported, checked by every verb."""

import os
import sys

from gradflow._errors import WrongValue


def switch_to_64_bit() -> None:
    """Make JAX compute in float64, unless the user has set JAX_ENABLE_X64 to a false value.

    Through the environment if JAX is not loaded yet (so that `import gradflow` loads no JAX), else through its
    configuration. An explicit JAX_ENABLE_X64=0 is respected; every verb then refuses (`require_64_bit`).
    """
    if os.environ.get("JAX_ENABLE_X64") is None:
        os.environ["JAX_ENABLE_X64"] = "1"
        if "jax" in sys.modules:
            import jax

            jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]


def require_64_bit(verb: str) -> None:
    """Refuse to work in 32 bit: an end point at 1e-8 does not exist there."""
    if not _is_64_bit():
        raise WrongValue(
            f"{verb}: JAX is in 32-bit mode (JAX_ENABLE_X64={os.environ.get('JAX_ENABLE_X64')!r}), and gradflow works "
            "in float64. Unset JAX_ENABLE_X64, or write jax.config.update('jax_enable_x64', True)."
        )


def _is_64_bit() -> bool:
    """What JAX computes in, or will where it is not loaded: it reads the environment then, as written here."""
    if "jax" in sys.modules:
        import jax

        return bool(jax.config.read("jax_enable_x64"))  # type: ignore[no-untyped-call]
    return os.environ.get("JAX_ENABLE_X64", "").lower() in ("y", "yes", "t", "true", "on", "1")
