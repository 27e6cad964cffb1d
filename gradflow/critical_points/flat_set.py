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
# |s|⁷ is at rounding below the last, and a bend of the manifold within it is taken for no manifold. No two of them are
# in a simple ratio: what repeats itself is not met at the same place twice
_LENGTHS = (0.83, 0.31, 0.107, 0.037, 0.0113)
# a curvature of this much of the largest would be seen: where the rounding of the Hessian is more, or all of it
# vanishes, nothing tells a flat loss from the rounding of one that is not
_SEEN = 1e-6
# random combinations of the zero modes, each in both directions; one where the Hessian's eigenvectors take long
_WAYS, _LARGE = 5, 300
# Newton's method back to the set, from as far as it can come: its first correction at most half of its first step
_CONTRACTION, _MOST_STEPS = 0.5, 12
# a slope is followed towards the point over so many halvings, to 1e-7 of the step; rounding may spoil the last few. Two
# estimates of an exponent are the same within the third, and it is that of an analytic loss, whole and beyond 2, within
# the fourth: what lies between has not come to its end yet. A slope that half the distance takes away more thoroughly
# than the last order would is that of another valley
_HALVINGS, _SPOILT, _SAME_ORDER, _WHOLE, _MOST_ORDER = 24, 3, 0.2, 0.1, 24
# and it ends where the slope is this many times what rounding leaves of the point's own: ten times as far from the true
# point, in a quartic, as this one may be
_CLEAR = 1e3


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
    the distance; `falls` says that it falls on some side, `rises` that it rises on all that were tried. `change` is the
    most by which the loss was seen to differ.
    """

    around: Around = eqx.field(static=True)
    dimension: int
    places: int
    reach: float
    order: int | None = None
    falls: bool = False
    rises: bool = False
    change: float = 0.0

    @property
    def is_manifold(self) -> bool:
        return self.around is Around.MANIFOLD

    def __str__(self) -> str:
        modes = counted(self.dimension, "zero mode")
        if self.is_manifold:
            return (
                f"on a critical manifold of dimension {self.dimension}: {self.places} points along it, up to "
                f"{self.reach:.2g} max(|θ|, 1) away, are critical too, of the same loss, nullity and index (numerical)"
            )
        if self.around is Around.SLOPE:
            sides = " and falls on some side" if self.falls else " and rises on all sides that were tried"
            sides = sides if self.falls or self.rises else ""
            return f"along {modes} the loss changes like |s|^{self.order}{sides} (numerical)"
        if self.around is Around.FEWER:
            return f"along {modes} lie critical points with fewer zero modes: no manifold of that dimension (numerical)"
        return f"what lies along {modes} could not be told"

    __repr__ = __str__


class _Met(NamedTuple):
    """What a step met; the slope that is left there, its part outwards, how the loss differs, 0 within rounding,
    whether the slope is far above rounding, and the order of the loss.
    """

    around: Around
    slope: float = 0.0
    outwards: float = 0.0
    change: float = 0.0
    is_clear: bool = False
    order: int | None = None


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
    sloping = [one for one in met if one.order is not None]
    kinds = {one.around for one in met}
    around = Around.UNKNOWN
    order = min((one.order for one in met if one.order is not None), default=None)
    falls = any(one.outwards < 0 for one in sloping)
    if order is not None:
        # an odd order falls on one side
        around = Around.SLOPE if falls or order % 2 == 0 else Around.UNKNOWN
    elif kinds <= {Around.MANIFOLD, Around.FEWER} and whole.rounding < _SEEN * float(np.max(np.abs(whole.eigenvalues))):
        around = Around.FEWER if Around.FEWER in kinds else Around.MANIFOLD
    return FlatSet(
        around=around,
        dimension=here.vanishing,
        places=len(met),
        reach=reach,
        order=order,
        falls=falls,
        rises=bool(sloping) and all(one.outwards > 0 for one in met if one.around is not Around.MANIFOLD),
        change=max(abs(one.change) for one in met),
    )


def _along(place: Place, here: Spectrum, way: Float[np.ndarray, " param"], lengths: list[float]) -> tuple[_Met, float]:
    """What the longest step met that tells anything, and how long it was. Flat is what two lengths find flat."""
    sloping, before = False, _Met(Around.UNKNOWN)
    for length in lengths:
        found = _met(place, here, length * way)
        if found.around is Around.SLOPE:
            nearer = _towards(place, here, length * way)
            last, before_last = nearer[-1], (found, *nearer)[-2]
            kept = before_last.slope * 2.0 ** (1 - _MOST_ORDER) > AT_FLOOR * place.values.gradient_floor
            if any(one.around is Around.UNKNOWN for one in nearer) or (kept and not last.slope):
                continue  # another valley, which does not come from here
            sloping, slopes = True, [one for one in (found, *nearer) if one.around is Around.SLOPE]
            order, place_of_it = _order([one.slope for one in slopes])
            if order is not None:
                return found._replace(order=order, outwards=slopes[place_of_it].outwards), length
        elif found.around is not Around.UNKNOWN and not sloping and before.around is found.around:
            return found, length
        before = found if found.around is not Around.UNKNOWN else before
    return _Met(Around.UNKNOWN), lengths[-1]


def _towards(place: Place, here: Spectrum, step: Float[np.ndarray, " param"]) -> list[_Met]:
    """What half the step meets, and half of that, and so on, until there is no slope."""
    met: list[_Met] = []
    for halvings in range(1, _HALVINGS + 1):
        met.append(_met(place, here, step / 2**halvings))
        if not met[-1].is_clear:
            break
    return met


def _order(slopes: list[float]) -> tuple[int | None, int]:
    """p of a loss like |s|^p, from its slopes at the distances 1, ½, ¼ …, and which of them is the nearest that tells
    it; None where the last halvings, but for some that rounding spoils, do not agree on a whole one.
    """
    orders = 1 + np.log2(np.divide(slopes[:-1], slopes[1:]))
    agree = np.abs(np.diff(orders)) <= _SAME_ORDER
    for nearest in reversed(range(max(len(agree) - 1 - _SPOILT, 0), len(agree))):
        order = round(float(orders[nearest + 1]))
        if agree[nearest] and order > 2 and abs(orders[nearest + 1] - order) <= _WHOLE:
            return order, nearest + 2
    return None, 0


def _ways(modes: Float[np.ndarray, "param modes"]) -> list[Float[np.ndarray, " param"]]:
    """Unit vectors in the space of the modes: projections of fixed vectors, whatever basis LAPACK chooses there."""
    size, count = modes.shape
    wanted = 1 if count == 1 or size > _LARGE else _WAYS
    projected = [modes @ (modes.T @ vector) for vector in np.random.default_rng(0).normal(size=(wanted, size))]
    return [vector / np.linalg.norm(vector) for vector in projected]


def _met(place: Place, here: Spectrum, step: Float[np.ndarray, " param"]) -> _Met:
    problem = place.problem
    start = evaluation.displaced(problem, place.parameters, step)
    if not np.all(np.isfinite(problem.flatten(start))):
        return _Met(Around.UNKNOWN)
    there = land(problem, start, here.vanishing, contraction=_CONTRACTION, max_steps=_MOST_STEPS)
    if there is None or not _is_beside(place, there, step):
        return _Met(Around.UNKNOWN)
    change = there.values.loss - place.values.loss
    # the point itself has as much left as its neighbours
    if abs(change) <= AT_FLOOR * (there.values.loss_floor + place.values.loss_floor + 2 * there.loss_left):
        change = 0.0
    if there.slope:
        return _Met(
            Around.SLOPE, there.slope, there.outwards(step), change, there.slope > _CLEAR * there.slope_rounding
        )
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
