"""Numbers of several kinds behind one interface: float64, traced by JAX, as many digits as asked for, or balls that
enclose them.

Formulas written with +, −, ×, / and what stands here hold for all of them. Arrays of many digits and of balls are NumPy
arrays of objects.
"""

from gradflow._arithmetic.balls import Balls as Balls
from gradflow._arithmetic.balls import balls as balls
from gradflow._arithmetic.extended import Extended as Extended
from gradflow._arithmetic.extended import extended as extended
from gradflow._arithmetic.float64 import Float64 as Float64
from gradflow._arithmetic.numbers import FLOAT64_DIGITS as FLOAT64_DIGITS
from gradflow._arithmetic.numbers import Numbers as Numbers
from gradflow._arithmetic.traced import Traced as Traced

Arithmetic = Float64 | Traced | Extended | Balls

FLOAT64, TRACED = Float64(), Traced()


def arithmetic_of(digits: int) -> Float64 | Extended:
    """float64 as far as it goes."""
    return FLOAT64 if digits <= FLOAT64_DIGITS else extended(digits)
