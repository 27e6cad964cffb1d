"""The pipeline over widths and starts: experiment, store, executors, diagram."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
