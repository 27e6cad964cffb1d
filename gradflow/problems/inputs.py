"""Laws of the input x."""

from typing import Any

import equinox as eqx

from gradflow import _checks


class Gaussian(eqx.Module):
    """x ~ N(0, I)."""

    def __init__(self, *given: Any, **named: Any):
        _checks.standard_normal([*given, *named.values()])
