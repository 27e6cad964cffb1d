"""The parameters of a symmetric student."""

from typing import Any

from gradflow import _checks
from gradflow._arithmetic import Numbers
from gradflow._plain import Pytree


class SymmetricNetwork(Pytree):
    """Overlaps and output weights of a student by classes, (student class, teacher class) and (student class,).

    `own`: overlap with the teacher of the neuron's own unit, 0 where student and teacher belong to different orbits;
    `others`: with the teachers of the other units of the orbit, or with all those of another orbit; `output`: a.
    float64, or numbers of many digits.
    """

    own: Numbers
    others: Numbers
    output: Numbers

    def __init__(self, own: Any, others: Any, output: Any):
        own, others, output = (
            _checks.class_numbers(name, value) for name, value in (("own", own), ("others", others), ("output", output))
        )
        _checks.class_parts(own.shape, others.shape, output.shape)
        self.own, self.others, self.output = own, others, output
