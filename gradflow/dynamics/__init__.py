"""flow: the gradient flow as a stiff ODE, with any method, and what holds along it."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
