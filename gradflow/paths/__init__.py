"""What happens along a path: order parameters, and the saddles that it passes."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
