"""What a diagram is drawn against: the exact losses, the exact boundaries, and the transition that its runs show."""

import functools
from typing import NamedTuple

from gradflow.families import boundaries, copy_average, perturbed_n_copy
from gradflow.sweeps import PhaseDiagram

# of the exact boundaries: what happens as n/k grows past them, and what is true beyond
_CHANGES = {
    "pnc_stability": ("P-n-C becomes a minimum", "P-n-C is a minimum"),
    "loss_crossing": ("P-n-C falls below C-A", "P-n-C below C-A"),
    "copy_average_stability": ("C-A becomes a saddle", "C-A is a saddle"),
}


class Place(NamedTuple):
    """A place on the axis of n/k; `value` is None where there is none, and `status` says why. `label` is short."""

    name: str
    label: str
    value: float | None
    lower: float | None
    upper: float | None
    status: str


@functools.cache
def exact_losses(k: int) -> dict[str, tuple[float, ...]]:
    """Both exact families' losses at n = 1 … k."""
    widths = range(1, k + 1)
    return {
        "C-A": tuple(float(copy_average(k, n).loss) for n in widths),
        "P-n-C": tuple(float(perturbed_n_copy(k, n).loss) for n in widths),
    }


@functools.cache
def exact_boundaries(k: int) -> tuple[Place, ...]:
    """The boundaries that need no flow; none for k = 1."""
    if k < 2:
        return ()
    found = boundaries(k)
    return tuple(
        Place(
            name,
            label,
            None if one.ratio is None else float(one.ratio),
            None if one.lower is None else float(one.lower) / k,
            None if one.upper is None else float(one.upper) / k,
            one.status,
        )
        for field, (name, label) in _CHANGES.items()
        for one in (getattr(found, field),)
    )


def transition_places(diagram: PhaseDiagram) -> tuple[Place, ...]:
    """γ1, the 50 % point and γ2, estimated from the runs."""
    found = diagram.transition
    named = (("γ₁", "γ₁", found.gamma1), ("50 % point", "50 %", found.gamma50), ("γ₂", "γ₂", found.gamma2))
    return tuple(Place(name, label, one.value, one.lower, one.upper, one.status) for name, label, one in named)
