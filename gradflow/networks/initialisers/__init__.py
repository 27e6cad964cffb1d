"""Laws of the initial weights, and laws made of other laws; one law a file."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
