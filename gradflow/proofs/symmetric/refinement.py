"""Newton's method in balls, as a search: nothing that it finds is proved."""

import math

from gradflow._arithmetic import Balls, Numbers
from gradflow.problems.symmetric import Orbit
from gradflow.proofs.symmetric.isolation import newton_step
from gradflow.proofs.symmetric.place import SymmetricPlace
from gradflow.proofs.unproved import Unproved

# from float64 three double its digits to a hundred; from a few digits some more
_MOST_STEPS = 20


def refined(orbits: tuple[Orbit, ...], vector: Numbers, target: float, arithmetic: Balls) -> Numbers:
    """Exact numbers, from a point nearby, in the metric of the full space; a last step of at most `target`, if the
    arithmetic allows it.

    Raises `Unproved` where steps grow.
    """
    vector, last = arithmetic.middle(vector), math.inf
    for _ in range(_MOST_STEPS):
        step = newton_step(SymmetricPlace(orbits, vector, 0, arithmetic))
        size = math.inf if step is None else arithmetic.norm(step)
        if not size < math.inf:
            break
        vector = arithmetic.middle(vector - step)
        # at the level of rounding steps no longer shrink
        if size <= target or (size >= last and last < target**0.5):
            return vector
        last = size
    raise Unproved(
        "refinement",
        f"Newton's method did not settle (its last step is {last:.1e} long)",
        "Refine the point first: gf.refine(problem, point).",
    )
