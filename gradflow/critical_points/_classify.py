"""classify: what kind of critical point this is, by its Hessian, or an honest "undecided"."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import counted
from gradflow.critical_points import predicates
from gradflow.critical_points.classification import Classification
from gradflow.critical_points.flat_set import Around, FlatSet, flat_set_of
from gradflow.critical_points.inverse import SAME_DIRECTION
from gradflow.critical_points.kind import Kind
from gradflow.critical_points.learning_coefficient import learning_coefficient
from gradflow.critical_points.measured import DISTANCE_LEFT, Place, measured, require_memory
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.critical_points.spectrum import Spectrum, balanced_newton_step
from gradflow.critical_points.tail import DECADES, End, Tail, tail_of
from gradflow.critical_points.words import no_tangents, without_a_number
from gradflow.problems import AbstractProblem, Smoothness, evaluation
from gradflow.problems.base import parameters_of
from gradflow.problems.rounding import AT_FLOOR, EPSILON

# of ‖θ‖: the Newton step that is left at a point that is not there yet. At rounding level it is 1e-8 or less even next
# to a double root; down a tail that falls like exp(−x) it is 1/‖θ‖, 0.03 at ‖∇L‖ = 1e-14
_FAR = 0.01

_GLOBAL = "; the loss is its lower bound: a global minimum"

# λt of a curvature that vanishes with |x|^(p−2) on the way to a degenerate point is (p − 1)/(p − 2), 3 for p = 2.5;
# what stays has converged long ago
_VANISHING = 10.0

# 1 − |cos| of neurons, 25°, that a path without an end brings together
_GROWING_ALIGNMENT = 0.1


class ClassifyOptions(eqx.Module):
    """Thresholds, each with the failure that it prevents.

    `channel_alignment`, `channel_newton_step`: a run that enters a channel stops at ‖∇L‖ ≈ 1e-8 with
    all eigenvalues positive (1 − |cos| = 4e-5 at t = 4.6e8) and would pass for a minimum; along the channel the Newton
    step is 0.33 of ‖θ‖. Next to duplicated neurons the Newton step is as small as the distance from
    them (1.1e-3 was seen from 1e-3 away), or leads out of the channel; it is taken in balanced variables here
    (`balanced_newton_step`), unlike `.newton_step`, since far down a channel the cut pseudo-inverse loses it.
    `channel_duplicate`: neurons closer to parallel than that are duplicates, and no channel. `channel_balance`: an
    output weight of −1e-14 beside one of 1 is a dead neuron, not one that opposes. `distance_left`: next to a double
    root a Newton step covers half of the distance that is left, next to a triple root a third; four of them cover all
    of it.

    `spectrum` is how much of the Hessian's spectrum is computed: "all" eigenvalues; "extreme", the least eight and the
    largest, where Cholesky's method proves it definite; "inertia", the number of negative ones alone, by LDLᵀ. "auto"
    is "all" up to 3,000 parameters and "extreme" beyond, and "inertia" beyond 10,000 where it is not definite.
    """

    channel_alignment: Checked[float] = 1e-3
    channel_duplicate: Checked[float] = 1e-12
    channel_balance: Checked[float] = 0.1
    channel_newton_step: Checked[float] = 0.05
    distance_left: Checked[float] = DISTANCE_LEFT
    spectrum: Checked[str] = "auto"

    def __check_init__(self) -> None:
        for name in (
            "channel_alignment",
            "channel_duplicate",
            "channel_balance",
            "channel_newton_step",
            "distance_left",
        ):
            _checks.tolerance("ClassifyOptions", name, getattr(self, name), zero=True)
        _checks.choice("ClassifyOptions", "spectrum", self.spectrum, ("auto", "all", "extreme", "inertia"))


@overflow_is_looked_at
def classify(
    problem: Checked[AbstractProblem],
    student: Any,
    *,
    trajectory: Any | None = None,
    options: Checked[ClassifyOptions | None] = None,
) -> Classification:
    """The kind of a critical point, with its index, nullity and spectrum. Measures where the point stands and moves
    nothing.

    Decided by the point in this order: CHANNEL; UNDECIDED "not critical" (above twice the gradient floor); SADDLE (an
    eigenvalue certainly negative; UNDECIDED where the loss is its lower bound all the same); MINIMUM; MINIMUM_MANIFOLD;
    DEGENERATE; UNDECIDED. Eigenvalues inside their error bound that no zero mode of the problem's explains, and zero
    modes that are no tangents of known curves, are explored by steps along them (`FlatSet`): numerical evidence. The
    error bound of an eigenvalue holds the rounding of H and of the eigensolver, and the change of the eigenvalue over
    the distance to the critical point that the gradient's rounding leaves open.
    Columns of a `gf.Loss`'s `curves` that are no zero modes are named in the reason. Raises `ValueError` where the loss
    is below the problem's stated `least_loss`.

    `student`: parameters, or anything that has them (a `Point`, a `Trajectory`). With the `trajectory` that led there,
    what the point leaves open is told by the tail of its path (`Tail`): MINIMUM_AT_INFINITY; CHANNEL, where two neurons
    grow against each other on the way to infinity; DEGENERATE, on the way to a point where the loss is flatter than a
    quadratic. That is evidence, no proof: a flow that slows down here and turns much later looks the same. DEGENERATE
    and UNDECIDED do not mean "saddle", nor do they mean "minimum".
    """
    _checks.instance("classify", "problem", problem, AbstractProblem, "gf.classify(problem, point)")
    parameters = problem.check("classify", parameters_of(student))
    options = _checks.instance(
        "classify",
        "options",
        ClassifyOptions() if options is None else options,
        ClassifyOptions,
        "options=gf.ClassifyOptions()",
    )
    _checks.path("classify", trajectory)
    _checks.smooth("classify", bool(problem.smoothness == Smoothness.SMOOTH))
    values = evaluation.values(problem, parameters)
    predicates.require_bound("classify", values, problem.least_loss, evaluation.size(problem, parameters))
    require_memory("classify", len(values.gradient))
    matrix, rounding = evaluation.hessian(problem, parameters)
    place = Place(problem, parameters, values, matrix, rounding, options.distance_left)
    here, newton_step = measured(place, options.spectrum)
    kind, reason, nullity, around = _decide(place, here, options)
    if np.isfinite(rounding):
        reason += no_tangents(place)
    left = float(np.linalg.norm(newton_step)) / evaluation.size(problem, parameters)
    tail, index, attained = None, here.negative, _attained(place, around)
    if trajectory is not None and _points_on(kind, left, around):
        tail = _tail(problem, trajectory)
        kind, reason, nullity = _by_tail(place, here, tail, options, (kind, reason, nullity))
        if kind in (Kind.DEGENERATE, Kind.CHANNEL, Kind.MINIMUM_AT_INFINITY):
            index = 0  # curvatures below 1/t vanish on the way, whatever their sign is here
    told = around is not None and around.around is not Around.UNKNOWN
    proves = f"{here.proves}; steps along zero modes are evidence, no proof" if told else here.proves
    return Classification(
        kind=kind,
        reason=reason,
        index=index,
        nullity=nullity,
        eigenvalues=here.eigenvalues,
        eigenvalue_error=here.error,
        proves=proves,
        gradient_norm=values.gradient_norm,
        gradient_floor=values.gradient_floor,
        newton_step=left,
        tail=tail,
        flat_set=around,
        global_minimum=attained,
        learning_coefficient=learning_coefficient(
            kind, nullity, len(values.gradient), proves, is_minimum=attained or _only_rises(around)
        ),
    )


def _decide(place: Place, here: Spectrum, options: ClassifyOptions) -> tuple[Kind, str, int, FlatSet | None]:
    """Kind, reason and nullity, and what lies along zero modes that no known curve explains."""
    kind, reason, nullity = _by_known_reasons(place, here, options)
    explained = nullity == here.vanishing and kind is not Kind.DEGENERATE
    known = place.values.at_floor and np.isfinite(place.rounding) and len(here.eigenvalues) == len(place.hessian)
    if explained or not known or kind is Kind.CHANNEL:
        return kind, reason, nullity, None
    around = flat_set_of(place, here)
    attained = _attained(place, around)
    if around.around is Around.UNKNOWN or (here.negative and attained):
        return kind, f"{reason}; {around}", nullity, around
    perfect = _GLOBAL if attained else ""
    if here.negative:
        found = counted(here.negative, "negative eigenvalue")
        return Kind.SADDLE, f"{found}, {around}", here.vanishing, around
    kind = Kind.MINIMUM_MANIFOLD if around.is_manifold else Kind.DEGENERATE
    return kind, f"{around}{perfect}", here.vanishing, around


def _by_known_reasons(place: Place, here: Spectrum, options: ClassifyOptions) -> tuple[Kind, str, int]:
    """Kind, reason and nullity."""
    channel = _channel(place, options)
    if channel:
        return Kind.CHANNEL, channel, 0
    problem, values = place.problem, place.values
    attained = predicates.attains(values, problem.least_loss)
    perfect = _GLOBAL if attained else ""
    unknown = without_a_number(place)
    if unknown:
        return Kind.UNDECIDED, unknown, 0
    if not values.at_floor:
        worst = int(np.argmax(np.abs(values.gradient) - AT_FLOOR * values.gradient_rounding))
        slope, rounding = abs(values.gradient[worst]), values.gradient_rounding[worst]
        left = f"a slope of {slope:.1e}, whose rounding is {rounding:.1e}"
        if attained:
            return Kind.UNDECIDED, f"the Hessian tells nothing at {left}{_GLOBAL}", 0
        return Kind.UNDECIDED, f"not critical: {left}", 0
    curves, modes = _zero_modes(place) if here.vanishing else (0, 0)
    nullity = min(modes, here.vanishing)
    curves = min(curves, nullity)
    unexplained = here.vanishing - nullity
    undecided = (
        f"{counted(unexplained, 'eigenvalue')} inside the error bound without a known reason, among {_listed(here)}"
    )
    if here.negative and attained:
        # what the loss says and what its second derivatives say cannot both be right of the critical point
        return Kind.UNDECIDED, counted(here.negative, "negative eigenvalue") + perfect, nullity
    if here.negative:
        return (
            Kind.SADDLE,
            counted(here.negative, "negative eigenvalue") + (f"; {undecided}" if unexplained else ""),
            nullity,
        )
    if unexplained:
        return Kind.UNDECIDED, undecided + perfect, nullity
    if nullity == 0:
        return Kind.MINIMUM, "all eigenvalues are positive" + perfect, 0
    if curves == nullity:
        return (
            Kind.MINIMUM_MANIFOLD,
            f"all {nullity} zero modes are tangent to curves of critical points" + perfect,
            nullity,
        )
    flat = f"{nullity - curves} of {nullity} zero modes are not tangent to a known curve of critical points"
    return Kind.DEGENERATE, flat + perfect, nullity


def _channel(place: Place, options: ClassifyOptions) -> str:
    """Why this is a channel, or nothing. A global minimum is none."""
    problem, parameters, values = place.problem, place.parameters, place.values
    if predicates.attains(values, problem.least_loss):
        return ""
    pair = predicates.channel_pair(
        parameters,
        alignment=options.channel_alignment,
        duplicate=options.channel_duplicate,
        balance=options.channel_balance,
    )
    if pair is not None and np.isfinite(place.rounding):
        step = balanced_newton_step(place.hessian, values.gradient)
        size = float(np.linalg.norm(step)) / evaluation.size(problem, parameters)
        further = evaluation.displaced(problem, parameters, step)
        if size > options.channel_newton_step and predicates.channel_goes_on(parameters, further, pair):
            return f"neurons {pair[0]} and {pair[1]} align with opposed output weights, Newton step {size:.1e}"
    return ""


def _attained(place: Place, around: FlatSet | None) -> bool:
    """The loss is its lower bound to rounding: that of its terms or, at a degenerate point, of what it is nearby. There
    the loss of a point that is exact to rounding falls with a power of that, and so does the rounding of its terms.
    """
    values, least = place.values, place.problem.least_loss
    nearby = EPSILON * around.change if around is not None and around.around is Around.SLOPE else 0.0
    return predicates.attains(values, least) or bool(abs(values.loss - least) <= nearby)


def _only_rises(around: FlatSet | None) -> bool:
    """The loss rises both ways along the one zero mode: of several, there are ways that were not tried."""
    return around is not None and around.rises and around.dimension == 1


def _points_on(kind: Kind, left: float, around: FlatSet | None) -> bool:
    """The point alone does not tell what the path is heading for. Far out at infinity rounding can pass for a minimum,
    where the Newton step that is left is large, and for a critical manifold.
    """
    if kind is Kind.MINIMUM_MANIFOLD:
        return around is not None
    return kind in (Kind.UNDECIDED, Kind.DEGENERATE) or (kind is Kind.MINIMUM and left > _FAR)


def _tail(problem: AbstractProblem, trajectory: Any) -> Tail:
    times = np.asarray(trajectory.times)
    last = np.flatnonzero(times >= times[-1] / 10**DECADES)
    states = [np.asarray(problem.flatten(problem.check("classify", trajectory.state(int(i))))) for i in last]
    losses, squares = (np.asarray(values)[last] for values in (trajectory.losses, trajectory.squared_gradient_norms))
    return tail_of(times[last], np.stack(states), losses, squares)


def _by_tail(
    place: Place, here: Spectrum, tail: Tail, options: ClassifyOptions, verdict: tuple[Kind, str, int]
) -> tuple[Kind, str, int]:
    """Kind, reason and nullity, where the tail decides; else the `verdict`, with what the tail says beside it."""
    kind, reason, nullity = verdict
    if tail.end is End.QUADRATIC or (kind is Kind.DEGENERATE and tail.end is not End.DEGENERATE):
        return verdict
    if kind is Kind.MINIMUM_MANIFOLD and tail.end is not End.INFINITY:
        return verdict
    told = f"{reason}; {tail}"
    if tail.end in (End.UNDECIDED, End.UNBOUNDED):
        return (kind, told, nullity) if kind is Kind.UNDECIDED else verdict
    if kind is Kind.DEGENERATE:
        return kind, told, nullity
    # what grows faster than the tail falls leaves it: no end of the flow's. A path that turns slowly has negative
    # eigenvalues too, below 1/t
    unstable = here.eigenvalues[0] * tail.time < -1 if len(here.eigenvalues) else here.negative > 0
    if unstable or not np.isfinite(place.rounding):
        return kind, told, nullity
    perfect = "; the loss tends to its lower bound" if tail.attains(place.problem.least_loss) else ""
    if tail.end is End.INFINITY:
        pair = predicates.channel_pair(
            place.parameters,
            alignment=_GROWING_ALIGNMENT,
            duplicate=options.channel_duplicate,
            balance=options.channel_balance,
        )
        further = evaluation.displaced(place.problem, place.parameters, tail.direction)
        if pair is not None and predicates.channel_goes_on(place.parameters, further, pair):
            return Kind.CHANNEL, f"neurons {pair[0]} and {pair[1]} grow against each other; {tail}", 0
        return Kind.MINIMUM_AT_INFINITY, f"{tail}{perfect}", 0
    if not _flattens(place, tail):
        return (kind, f"{told}, where the Hessian does not vanish", nullity) if kind is Kind.UNDECIDED else verdict
    evidence = f"{tail}; evidence of its path, where the Hessian proves nothing"
    vanishing = int(np.sum(np.abs(here.eigenvalues) * tail.time < _VANISHING)) if len(here.eigenvalues) else 1
    return Kind.DEGENERATE, evidence + (f"{perfect}: a global minimum" if perfect else ""), max(vanishing, 1)


def _flattens(place: Place, tail: Tail) -> bool:
    """Along the way to the extrapolated point the curvature vanishes with |x|^(p−2). A quadratic with very different
    curvatures takes a path to its minimum that looks algebraic for long, and its Hessian stays.
    """
    problem = place.problem
    assert tail.point is not None
    way = tail.point - np.asarray(problem.flatten(place.parameters))
    length = float(np.linalg.norm(way))
    if length == 0:
        return True
    there = evaluation.displaced(problem, place.parameters, way)
    lost = (place.hessian @ way - evaluation.product(problem, there)(way)) @ way / length**2
    # that of the law, from what is left of the loss
    expected = tail.exponent * (tail.exponent - 1) * tail.loss_left / length**2
    return bool(lost >= expected / 2)


def _zero_modes(place: Place) -> tuple[int, int]:
    """How many independent zero modes are known: tangents of curves, and all."""
    curves, kernel = place.zero_modes()
    return _rank(curves), _rank(np.concatenate([curves, kernel], axis=1))


def _rank(columns: Float[np.ndarray, "param modes"]) -> int:
    """Columns have unit length."""
    return int(np.linalg.matrix_rank(columns, tol=SAME_DIRECTION)) if columns.shape[1] else 0


def _listed(here: Spectrum) -> str:
    if not len(here.eigenvalues):
        return f"{here.vanishing}"
    unclear = here.unclear
    shown = [
        f"{value:.1e} (±{error:.0e})"
        for value, error in zip(here.eigenvalues[unclear], here.error[unclear], strict=True)
    ]
    return ", ".join(shown[:3]) + (", …" if len(shown) > 3 else "")
