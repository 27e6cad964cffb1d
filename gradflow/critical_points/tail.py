"""Where a flow that does not arrive is heading: a fit of the end of its path."""

import enum
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from gradflow._text import told
from gradflow.critical_points.tail_law import TailLaw, tail_law

# decades of time that are fitted; of them the last alone must say the same. With samples this far apart, in decades,
# rounding does not hide the way between two of them; so few samples fit anything
DECADES, _LAST, _APART, _FEWEST = 2.0, 1.0, 0.08, 7
# what a law may be off from log ‖∇L‖ (root of the mean square), and η of both ranges from each other: on 40 known tails
# a fit of the right law is off by 1e-3 at most, and one that is spoilt by 0.03 or more
_RESIDUAL, _DISAGREEMENT = 0.02, 0.02
# η = −1 is a quadratic minimum; up to here, p = 2.1, convergence is as good as exponential, and Newton's method quick
_QUADRATIC = -0.9
# η = 0 is an exponential tail, and within this of it no power tells itself from one: p or q of 50
_EXPONENTIAL = 0.02
# tails that fall faster than exponentials, exp(−x²) say, look like p = 10 and more, and p grows; of a point it stays
# to within this fraction
_FLAT, _DRIFT, _STEADY = -0.1, 0.05, 0.01
# η = 1 is a logarithm, which has no lower bound
_UNBOUNDED = 0.95
# the cosine of the last decade's way and the one before. Along a tail it tends to 1; where the minimum is a quadratic
# of very different curvatures, whose many rates together look like a power of the time, each decade goes its own way
# (0.4 and less)
_STRAIGHT = 0.9
# of what is left of the loss: the extrapolated limit is right to this much of it (1e-3 of it on known tails)
_LIMIT = 0.05


class End(enum.StrEnum):
    """What a path is heading for."""

    QUADRATIC = "a minimum, exponentially"
    DEGENERATE = "a degenerate point"
    INFINITY = "infinity"
    UNBOUNDED = "a loss without a lower bound"
    UNDECIDED = "undecided"


class Tail(NamedTuple):
    """What the last two decades of a path say of its end. Evidence, no proof.

    Along a path of length s, 1/(d log ‖∇L‖/ds) is linear in s for every law that an end has: the `slope` −η is that of
    L − L∞ ~ |x|^p with η = −1/(p − 1), of x^(−q) with η = 1/(q + 1), and of exp(−x) with η = 0. The gradient then falls
    like t^(−r), `rate` r = 1/(1 + η): beyond 1 at a finite point, 1 for exponential tails, less at infinity. Neither
    times nor the place where the path ends enter the fit, so that an inaccurate time and a step along the path, which
    only moves it on, do no harm.

    `exponent` is p or q, infinite for an exponential tail and what falls faster, with `exponent_error`; `loss` the
    extrapolated L∞, `loss_left` above it where the path stops; `point` the extrapolated end in the trained parameters
    (param,), at infinity None, and `point_error` what the last decade alone makes of it; `direction` (param,) the unit
    vector of the last decade's way; `decades` of time fitted, with `residual` in log ‖∇L‖; `time` where the path stops.
    """

    end: End
    reason: str
    slope: float
    exponent: float
    exponent_error: float
    loss: float
    loss_left: float
    point: Float[np.ndarray, " param"] | None
    point_error: float
    direction: Float[np.ndarray, " param"]
    decades: float
    residual: float
    time: float

    @property
    def rate(self) -> float:
        """r = −d log ‖∇L‖ / d log t."""
        return float(np.inf) if self.slope <= -1 else 1 / (1 + self.slope)

    def attains(self, least_loss: float) -> bool:
        """The loss tends to its lower bound, as far as the tail tells."""
        return bool(abs(self.loss - least_loss) <= _LIMIT * abs(self.loss_left))

    def __str__(self) -> str:
        if self.end is End.UNDECIDED:
            return f"the path's tail is undecided: {self.reason}"
        over = f"over the last {self.decades:z.1f} decades of time"
        limit = told(self.loss, _LIMIT * abs(self.loss_left), ".6g")
        if self.end is End.QUADRATIC:
            return f"the path heads for a minimum, exponentially, {over}"
        if self.end is End.DEGENERATE:
            point = _shown(self.point, self.point_error)
            law = f"|x|^{self.exponent:.3g}"
            return f"the path heads for a degenerate point, {point}: the loss tends to {limit} like {law} {over}"
        if self.end is End.UNBOUNDED:
            return f"the path runs to infinity, and the loss falls like a logarithm or faster {over}: no lower bound"
        faster = "exp(-x)" if abs(self.slope) <= _EXPONENTIAL else "exp(-x^a), a > 1,"
        law = faster if np.isinf(self.exponent) else f"x^-{self.exponent:.3g}"
        return f"the path runs to infinity: the loss tends to {limit} like {law} {over}"


def tail_of(
    times: Float[np.ndarray, " time"],
    states: Float[np.ndarray, "time param"],
    losses: Float[np.ndarray, " time"],
    squared_gradient_norms: Float[np.ndarray, " time"],
) -> Tail:
    """The fit of a path's last two decades. `states` are the trained parameters as vectors."""
    kept = _kept(times, squared_gradient_norms)
    if len(kept) < _FEWEST or times[kept[-1]] < 10**_LAST * times[kept[0]]:
        return _undecided(times, states, "there are too few steps in the last two decades of time")
    times, states, losses = times[kept], states[kept], losses[kept]
    ways = np.linalg.norm(np.diff(states, axis=0), axis=1)
    if not np.all((ways > 0) & np.isfinite(ways)):
        return _undecided(times, states, "the path does not move any more")
    lengths = np.concatenate([[0.0], np.cumsum(ways)])
    laws = _laws(times, lengths, losses, np.log(squared_gradient_norms[kept]) / 2)
    end, reason = _end(laws)
    late = times >= times[-1] / 10**_LAST
    turn = int(np.flatnonzero(late)[0])
    before, way = states[turn] - states[0], states[-1] - states[turn]
    if end is not End.QUADRATIC and not before @ way >= _STRAIGHT * np.linalg.norm(before) * np.linalg.norm(way):
        end, reason = End.UNDECIDED, "the path still turns"
    if end is End.UNDECIDED:
        return _undecided(times, states, reason)
    law = min(laws.whole, laws.last, key=lambda one: one.residual)
    exponent, factor = _exponent(end, law.slope)
    left = _loss_left(losses, law.gradients(lengths), law.slope)
    point, error = None, 0.0
    if end is End.DEGENERATE:
        point = _limit(states, lengths, law)
        error = float(np.linalg.norm(_limit(states[late], lengths[late], law) - point))
    return Tail(
        end=end,
        reason="",
        slope=law.slope,
        exponent=exponent,
        exponent_error=(abs(laws.last.slope - laws.whole.slope) + law.residual / len(kept) ** 0.5) * factor,
        loss=float(losses[-1]) - left,
        loss_left=left,
        point=point,
        point_error=error,
        direction=way / float(np.linalg.norm(way)),
        decades=float(np.log10(times[-1] / times[0])),
        residual=law.residual,
        time=float(times[-1]),
    )


def _kept(
    times: Float[np.ndarray, " time"], squared_gradient_norms: Float[np.ndarray, " time"]
) -> Int[np.ndarray, " kept"]:
    """The samples to fit, from the last one backwards."""
    kept: list[int] = []
    for i in reversed(range(len(times))):
        if not (times[i] > 0 and times[i] >= times[-1] / 10**DECADES and squared_gradient_norms[i] > 0):
            break
        if not kept or times[kept[-1]] >= 10**_APART * times[i]:
            kept.append(i)
    return np.array(kept[::-1], dtype=int)


class _Laws(NamedTuple):
    """Of the whole range, of its last decade, and of what comes before the last samples."""

    whole: TailLaw
    last: TailLaw
    before: TailLaw


def _laws(
    times: Float[np.ndarray, " kept"],
    lengths: Float[np.ndarray, " kept"],
    losses: Float[np.ndarray, " kept"],
    gradients: Float[np.ndarray, " kept"],
) -> _Laws:
    """The laws of log ‖∇L‖, or of log(−ΔL/Δs) between samples where that is smoother: in a narrow valley the gradient
    is that across it, left there by the method's error, which the loss hardly feels.
    """
    found = [_in_ranges(times, lengths, gradients)]
    fallen = -np.diff(losses) / np.diff(lengths)
    if len(fallen) >= _FEWEST and np.all(fallen > 0):
        found.append(_in_ranges(times[1:], (lengths[1:] + lengths[:-1]) / 2, np.log(fallen)))
    return min(found, key=lambda laws: min(laws.whole.residual, laws.last.residual))


def _in_ranges(
    times: Float[np.ndarray, " kept"], lengths: Float[np.ndarray, " kept"], gradients: Float[np.ndarray, " kept"]
) -> _Laws:
    whole = tail_law(lengths, gradients)
    first = min(int(np.searchsorted(times, times[-1] / 10**_LAST)), len(times) - _FEWEST)
    before = tail_law(lengths[:first], gradients[:first]) if first >= _FEWEST else whole
    return _Laws(whole=whole, last=tail_law(lengths[first:], gradients[first:]), before=before)


def _end(laws: _Laws) -> tuple[End, str]:
    """The end, and why there is none."""
    whole, last, before = laws
    if whole.slope <= _QUADRATIC and last.slope <= _QUADRATIC:
        return End.QUADRATIC, ""
    residual = min(whole.residual, last.residual)
    if not residual <= _RESIDUAL:
        return End.UNDECIDED, f"no law fits, the best to {residual:.1g} in the gradient's logarithm"
    if not abs(last.slope - whole.slope) <= _DISAGREEMENT:
        return End.UNDECIDED, "the gradient does not fall by the same law over the last decade of time and over two"
    if whole.slope >= _UNBOUNDED:
        return End.UNBOUNDED, ""
    if whole.slope > -_EXPONENTIAL:
        return End.INFINITY, ""
    if whole.slope > _FLAT:
        drift = 1 - last.slope / before.slope
        if drift > _DRIFT:
            return End.INFINITY, ""
        if abs(drift) > _STEADY:
            return End.UNDECIDED, "it is too flat to tell a degenerate point from infinity"
    return End.DEGENERATE, ""


def _exponent(end: End, slope: float) -> tuple[float, float]:
    """p or q, and what an error of the slope is in it."""
    if end is End.DEGENERATE:
        return 1 - 1 / slope, slope**-2
    if end is End.INFINITY:
        return (1 / slope - 1, slope**-2) if slope > _EXPONENTIAL else (float("inf"), 0.0)
    return float("nan"), 0.0


def _limit(
    states: Float[np.ndarray, "kept param"], lengths: Float[np.ndarray, " kept"], law: TailLaw
) -> Float[np.ndarray, " param"]:
    """θ∞, to which every coordinate tends as the path's length tends to its limit: by least squares, linear in the
    length that is left, weighted by it. That the path bends is seen where the last decade alone says something else.
    """
    left = law.length - lengths
    columns = np.stack([1 / left, np.ones_like(left)], axis=1)
    # seen from the last state, so that what is left to go keeps its digits
    (offsets, _), *_ = np.linalg.lstsq(columns, (states - states[-1]) / left[:, None], rcond=None)
    limit: Float[np.ndarray, " param"] = states[-1] + offsets
    return limit


def _loss_left(losses: Float[np.ndarray, " kept"], gradients: Float[np.ndarray, " kept"], slope: float) -> float:
    """L − L∞ at the last sample: it goes like ‖∇L‖^(1 − η), the integral of ‖∇L‖ ds."""
    fallen = float(np.expm1((1 - slope) * (gradients[0] - gradients[-1])))
    return float(losses[0] - losses[-1]) / fallen if fallen > 0 else float("inf")


def _undecided(times: Float[np.ndarray, " time"], states: Float[np.ndarray, "time param"], reason: str) -> Tail:
    nothing = float("nan")
    return Tail(
        end=End.UNDECIDED,
        reason=reason,
        slope=nothing,
        exponent=nothing,
        exponent_error=nothing,
        loss=nothing,
        loss_left=nothing,
        point=None,
        point_error=nothing,
        direction=np.zeros(states.shape[1]),
        decades=0.0,
        residual=nothing,
        time=float(times[-1]),
    )


def _shown(point: Any, error: float) -> str:
    """A few coordinates."""
    first = ", ".join(told(value, error, ".4g") for value in point[:4])
    return f"({first}{', …' if len(point) > 4 else ''})"
