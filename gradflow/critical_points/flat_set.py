"""What lies around a critical point in the directions in which its Hessian vanishes.

Where the critical points near it form a manifold of as many dimensions as the Hessian has zero modes, a step along a
zero mode, brought back across them, ends at another one: ∇L at its floor, the same loss, as many zero modes and as many
negative eigenvalues. Where the loss is flatter than a quadratic, but not flat, the slope along the modes stays and
grows with a power of the distance.

In a loss that is analytic, a valley floor that is flat near the point is flat as far as it goes: a slope anywhere along
it means that the point is no point of a manifold. That is why long steps are looked at first.
"""

import enum
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow._text import counted
from gradflow.critical_points.inverse import eigen_inverse
from gradflow.critical_points.measured import Place, measured
from gradflow.critical_points.spectrum import Spectrum
from gradflow.critical_points.transversal import Landing, land
from gradflow.problems import evaluation
from gradflow.problems.rounding import AT_FLOOR

# steps along a zero mode, relative to max(‖θ‖, 1) and then, where that is less, to ‖θ‖, long ones first; a slope like
# |s|⁷ is at rounding below the last, and a bend of the manifold within it is taken for no manifold
_LENGTHS = (1.0, 0.3, 0.1, 0.03, 0.01)
# a curvature of this much of the largest would be seen: where the rounding of the Hessian is more, or all of it
# vanishes, nothing tells a flat loss from the rounding of one that is not
_SEEN = 1e-6
# random combinations of the zero modes, each in both directions; one where the Hessian's eigenvectors take long
_WAYS, _LARGE = 3, 300
# Newton's method back to the set, from as far as it can come: its first correction at most half of its first step
_CONTRACTION, _MOST_STEPS = 0.5, 12
# a slope is followed towards the point over so many halvings; two estimates of an exponent are the same within the
# second, and where the curvature vanishes it is more than 2. A slope that half the distance takes away more thoroughly
# than the last order would is that of another valley
_HALVINGS, _SAME_ORDER, _LEAST_ORDER, _MOST_ORDER = 8, 0.2, 2.2, 24


class Around(enum.Enum):
    """What a step along the zero modes met, and what all of them tell."""

    MANIFOLD = "a critical manifold"
    SLOPE = "a slope"
    FEWER = "fewer zero modes"
    UNKNOWN = "unknown"


class FlatSet(eqx.Module):
    """The surroundings of a critical point along its zero modes: numerical evidence, at `places` points up to `reach`
    · max(‖θ‖, 1) away.

    `is_manifold`: they are critical points too, of the same loss, nullity and index: with this one they lie on a
    critical manifold of `dimension` dimensions. `order`, if known: the loss changes like |s|^order along zero modes, s
    the distance; `falls` says that it falls on some side. `change` is the most by which the loss was seen to differ.
    """

    around: Around = eqx.field(static=True)
    dimension: int
    places: int
    reach: float
    order: float | None = None
    falls: bool = False
    change: float = 0.0

    @property
    def is_manifold(self) -> bool:
        return self.around is Around.MANIFOLD

    def __str__(self) -> str:
        modes = counted(self.dimension, "zero mode")
        if self.is_manifold:
            return (
                f"on a critical manifold of dimension {self.dimension}: {self.places} points along it, up to "
                f"{self.reach:.2g} |θ| away, are critical too, of the same loss, nullity and index (numerical)"
            )
        if self.around is Around.SLOPE:
            law = "at no clear order" if self.order is None else f"like |s|^{self.order:.3g}"
            sides = "falls on some side" if self.falls else "rises on all sides that were tried"
            return f"along {modes} the loss changes {law} and {sides} (numerical)"
        if self.around is Around.FEWER:
            return f"along {modes} lie critical points with fewer zero modes: no manifold of that dimension (numerical)"
        return f"what lies along {modes} could not be told"

    __repr__ = __str__


class _Met(NamedTuple):
    """What a step met; the slope that is left there, and how the loss differs, 0 within rounding."""

    around: Around
    slope: float = 0.0
    change: float = 0.0
    order: float | None = None


def flat_set_of(place: Place, here: Spectrum) -> FlatSet:
    """Steps along the modes that `here` counts as vanishing, at a point at its floor whose eigenvalues are known."""
    whole = eigen_inverse(place.hessian, place.rounding)
    softest = np.argsort(np.abs(whole.eigenvalues))[: here.vanishing]
    size = float(np.linalg.norm(np.asarray(place.problem.flatten(place.parameters))))
    units = [1.0, size] if 0 < size < 1 else [max(size, 1.0)]
    lengths = [unit * length for unit in units for length in _LENGTHS]
    met, reach = [], float("inf")
    for way in _ways(whole.eigenvectors[:, softest]):
        for sign in (1.0, -1.0):
            found, length = _along(place, here, sign * way, lengths)
            met.append(found)
            reach = min(reach, length / units[0])
    orders = [one.order for one in met if one.order is not None]
    kinds = {one.around for one in met}
    around = Around.UNKNOWN
    if orders:
        around = Around.SLOPE
    elif kinds <= {Around.MANIFOLD, Around.FEWER} and whole.rounding < _SEEN * float(np.max(np.abs(whole.eigenvalues))):
        around = Around.FEWER if Around.FEWER in kinds else Around.MANIFOLD
    return FlatSet(
        around=around,
        dimension=here.vanishing,
        places=len(met),
        reach=reach,
        order=min(orders, default=None),
        falls=any(one.change < 0 for one in met),
        change=max(abs(one.change) for one in met),
    )


def _along(place: Place, here: Spectrum, way: Float[np.ndarray, " param"], lengths: list[float]) -> tuple[_Met, float]:
    """What the longest step met that tells anything, and how long it was."""
    sloping = False
    for length in lengths:
        found = _met(place, here, length * way)
        if found.around is Around.SLOPE:
            nearer = [_met(place, here, length * way / 2**halvings) for halvings in range(1, _HALVINGS + 1)]
            kept = found.slope * 2.0 ** (1 - _MOST_ORDER) > AT_FLOOR * place.values.gradient_floor
            if any(one.around is Around.UNKNOWN for one in nearer[:2]) or (kept and not nearer[0].slope):
                continue  # another valley, which does not come from here
            sloping, order = True, _order([found.slope, *(one.slope for one in nearer)])
            if order is not None:
                return found._replace(order=order), length
        elif found.around is not Around.UNKNOWN:
            return _Met(Around.UNKNOWN) if sloping else found, length
    return _Met(Around.UNKNOWN), lengths[-1]


def _order(slopes: list[float]) -> float | None:
    """p of a loss like |s|^p, from its slopes at the distances 1, ½, ¼ …: by the nearest two halvings that agree; None
    where no two do.
    """
    seen = np.asarray(slopes[: slopes.index(0.0)] if 0.0 in slopes else slopes)
    orders = 1 + np.log2(seen[:-1] / seen[1:])
    agree = np.flatnonzero((np.abs(np.diff(orders)) <= _SAME_ORDER) & (orders[1:] > _LEAST_ORDER))
    return float(orders[agree[-1] + 1]) if len(agree) else None


def _ways(modes: Float[np.ndarray, "param modes"]) -> list[Float[np.ndarray, " param"]]:
    """Unit vectors in the space of the modes: projections of fixed vectors, whatever basis LAPACK chooses there."""
    size, count = modes.shape
    wanted = 1 if count == 1 or size > _LARGE else _WAYS
    projected = [modes @ (modes.T @ vector) for vector in np.random.default_rng(0).normal(size=(wanted, size))]
    return [vector / np.linalg.norm(vector) for vector in projected]


def _met(place: Place, here: Spectrum, step: Float[np.ndarray, " param"]) -> _Met:
    problem = place.problem
    start = evaluation.displaced(problem, place.parameters, step)
    there = land(problem, start, here.vanishing, contraction=_CONTRACTION, max_steps=_MOST_STEPS)
    if there is None or not _is_beside(place, there, step):
        return _Met(Around.UNKNOWN)
    change = there.values.loss - place.values.loss
    # the point itself has as much left as its neighbours
    if abs(change) <= AT_FLOOR * (there.values.loss_floor + place.values.loss_floor + 2 * there.loss_left):
        change = 0.0
    if there.slope:
        return _Met(Around.SLOPE, there.slope, change)
    matrix = evaluation.hessian(problem, there.parameters)
    spectrum = measured(Place(problem, there.parameters, there.values, *matrix, place.distance_left), "all").spectrum
    if change or spectrum.negative != here.negative or spectrum.vanishing > here.vanishing:
        return _Met(Around.UNKNOWN)  # another set of critical points
    return _Met(Around.MANIFOLD if spectrum.vanishing == here.vanishing else Around.FEWER)


def _is_beside(place: Place, there: Landing, step: Float[np.ndarray, " param"]) -> bool:
    """Newton's method came to the set where the step led, not to another or back, and the set goes on the same way."""
    length = float(np.linalg.norm(step))
    end = np.asarray(place.problem.flatten(there.parameters) - place.problem.flatten(place.parameters))
    return bool(np.linalg.norm(end - step) <= length / 2 and there.inverse.along_flat(step) >= length / 2)
