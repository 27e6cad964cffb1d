"""Where runs are done: here, in worker processes, on a cluster."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
