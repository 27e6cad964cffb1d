"""Orbits of whole sizes: where there is a full space."""

from gradflow.problems.symmetric import Orbit
from gradflow.proofs.unproved import Unproved


def whole_orbits(orbits: tuple[Orbit, ...]) -> tuple[Orbit, ...]:
    """With integers as sizes.

    Raises `Unproved` for others: formulas are continued to real sizes, but there is no space of parameters behind them
    in which there could be one critical point, or an index. An orbit of size 0 has no unit, so that its unknowns mean
    nothing.
    """
    for orbit in orbits:
        if orbit.size != int(orbit.size) or orbit.size < 1:
            raise Unproved(
                "sizes",
                f"an orbit has size {orbit.size}: only whole numbers of neurons make a space with an index",
                "Leave orbits of size 0 out; for real sizes ask for .spectrum.",
            )
    return tuple(
        Orbit(int(orbit.size), orbit.students, orbit.teachers, orbit.label, alone=int(orbit.size) == 1)
        for orbit in orbits
    )
