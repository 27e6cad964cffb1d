"""The derivatives of a Gaussian expectation, in any arithmetic."""

from typing import NamedTuple

from gradflow._arithmetic import Numbers


class PartialDerivatives(NamedTuple):
    """First and second partial derivatives of g(p, q, c) = E[σ(u)σ(v)]; c is the covariance, p and q the variances.

    In the arithmetic of the arguments: JAX arrays, or those of an exact family.
    """

    p: Numbers
    q: Numbers
    c: Numbers
    pp: Numbers
    pq: Numbers
    pc: Numbers
    qq: Numbers
    qc: Numbers
    cc: Numbers
