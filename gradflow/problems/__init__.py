"""A loss on parameters: the protocol, the user's own, the teacher–student problem, and its symmetric points."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
