"""Integrators of the flow; one a file."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
