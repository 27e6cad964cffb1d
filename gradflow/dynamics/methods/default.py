"""Which method follows a flow if none is asked for."""

from gradflow.dynamics.methods.base import AbstractMethod
from gradflow.dynamics.methods.diffrax import Diffrax
from gradflow.dynamics.methods.ndf import NDF
from gradflow.problems import AbstractProblem, Smoothness


def default_method(problem: AbstractProblem) -> AbstractMethod:
    """`NDF` for a smooth loss, at every size and on every device: it was the fastest of those tried from 40 parameters
    to 6,060 on a CPU (`benchmarks/README.md`), and holds a few vectors of memory.

    A loss with kinks gets Kvaerno5: a formula that carries differences across a kink steps on beside it for ever, where
    one that starts anew at every step stops and says so.
    """
    return NDF() if bool(problem.smoothness == Smoothness.SMOOTH) else Diffrax()
