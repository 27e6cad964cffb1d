"""The Gaussian expectation of erf(u/√2) erf(v/√2), in any arithmetic."""

from gradflow._arithmetic import Arithmetic, Numbers
from gradflow.activations.partial_derivatives import PartialDerivatives


def erf_expectation(c: Numbers, root: Numbers, arithmetic: Arithmetic) -> Numbers:
    """(2/π) atan2(c, D) in any arithmetic, D = `root`."""
    return 2 / arithmetic.pi * arithmetic.arctangent(c, root)


def erf_derivatives(p: Numbers, q: Numbers, c: Numbers, root: Numbers, arithmetic: Arithmetic) -> PartialDerivatives:
    """The formulas of `Erf.partial_derivatives` in any arithmetic, D = `root`."""
    a, b, square = 1 + p, 1 + q, root * root
    kappa = 2 / (arithmetic.pi * root)
    return PartialDerivatives(
        p=-kappa * c / (2 * a),
        q=-kappa * c / (2 * b),
        c=kappa,
        pp=kappa * c / 2 * (1 / (a * a) + b / (2 * a * square)),
        pq=kappa * c / (4 * square),
        pc=-kappa * b / (2 * square),
        qq=kappa * c / 2 * (1 / (b * b) + a / (2 * b * square)),
        qc=-kappa * a / (2 * square),
        cc=kappa * c / square,
    )
