"""Laws of the input x."""

import equinox as eqx


class Gaussian(eqx.Module):
    """x ~ N(0, I)."""
