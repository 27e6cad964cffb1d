"""gradflow: the gradient flow of small neural networks, followed to the critical point where it ends.

The table of contents is `__init__.pyi`, in the order of the pipeline. Names load on first use, so that `import
gradflow` alone costs no JAX; its one effect is that JAX will compute in 64 bit.
"""

from gradflow._lazy import attached as _attached
from gradflow._precision import switch_to_64_bit as _switch_to_64_bit
from gradflow._public import public as _public

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = _attached(__name__, _public)
__all__.insert(0, "__version__")

_switch_to_64_bit()
