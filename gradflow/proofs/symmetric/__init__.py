"""Proofs by symmetry: the full space from a handful of enclosed numbers."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
