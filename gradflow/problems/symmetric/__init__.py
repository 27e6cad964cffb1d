"""Symmetric points: neurons by classes, the reduced problem, and the full Hessian's spectrum block by block."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
