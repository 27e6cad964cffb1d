"""What a person looks at."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
