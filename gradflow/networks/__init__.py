"""TwoLayerNetwork, initialisers, the symmetry group."""

from gradflow._lazy import attached

__getattr__, __dir__, __all__ = attached(__name__)
