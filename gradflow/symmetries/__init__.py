"""Symmetries of losses: how a group acts on the parameters, what that makes zero, and equality modulo the group."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
