"""What the neurons do, what the network is called, and its isotropy."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
