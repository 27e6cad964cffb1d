"""Newton's method to as many digits as asked for, with one factor in float64."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gradflow._arithmetic import Balls, Numbers
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.student import Student

# a factor of float64 gains five digits a step where the least eigenvalue is 1e-10 of the largest, ten or more elsewhere
_MOST_STEPS = 200
# slower than that is no convergence
_LEAST_GAIN = 0.5


class Refined(NamedTuple):
    """Exact numbers (param,), and a bound on ‖∇L‖ (2-norm) there."""

    center: Numbers
    gradient_norm: float


def refined(
    student: Student, start: Numbers, newton: Callable[[np.ndarray], np.ndarray], target: float, arithmetic: Balls
) -> Refined:
    """From a near point until ‖∇L‖ is certainly below the target or does not fall any more.

    Belongs inside `arithmetic.working()`.
    """
    norm, gradient = _measured(student, start, arithmetic)
    best = Refined(start, norm)
    for _ in range(_MOST_STEPS):
        if best.gradient_norm <= target:
            break
        step = newton(arithmetic.float64(gradient))
        if not np.all(np.isfinite(step)):
            break
        center = arithmetic.middle(best.center - arithmetic.array(step))
        norm, gradient = _measured(student, center, arithmetic)
        if not norm < _LEAST_GAIN * best.gradient_norm:
            break
        best = Refined(center, norm)
    return best


def _measured(student: Student, center: Numbers, arithmetic: Balls) -> tuple[float, Numbers]:
    gradient = Landscape(student.at(center, arithmetic)).gradient()[student.trained]
    return arithmetic.norm(gradient), gradient
