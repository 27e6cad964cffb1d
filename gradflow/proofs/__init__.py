"""What is proved by computer: critical points, their indices, their losses."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
