"""Every message about wrong use: what was given, what was expected, the line to write. Raised before anything runs."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
