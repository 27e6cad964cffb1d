"""What one neuron does."""

import math
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Float, Int

from gradflow.families import average_weight
from gradflow.identification.kind import NeuronKind
from gradflow.identification.options import IdentifyOptions
from gradflow.networks import TwoLayerNetwork

# directions and distances that differ by less are the same: of numbers of order 1, thousands of roundings
_ROUNDING = 1e-12


class Neuron(eqx.Module):
    """One neuron of a student.

    `teachers` are those that it copies or averages; `cosine` is between its projection on the teachers' span and their
    mean (for `other`: and the nearest teacher), `norm` = ‖w‖ and `output` the output weight, all in the sign of w for
    which the cosine is positive. `in_span` is the fraction of ‖w‖² within the teachers' span; `alignments` are the
    cosines of that projection with every teacher.
    """

    kind: NeuronKind
    teachers: tuple[int, ...]
    cosine: float
    norm: float
    output: float
    in_span: float
    alignments: Float[np.ndarray, " teacher"]


class _Teacher(NamedTuple):
    """A teacher's neurons (v_j, b_j), their directions, and a basis of their span."""

    weights: Float[np.ndarray, "teacher input"]
    output: Float[np.ndarray, " teacher"]
    directions: Float[np.ndarray, "teacher input"]
    span: Float[np.ndarray, "rank input"]


def neurons(
    weights: Float[np.ndarray, "student input"],
    output: Float[np.ndarray, " student"],
    teacher: TwoLayerNetwork,
    *,
    tolerance: float,
    exact: bool,
    options: IdentifyOptions,
) -> tuple[Neuron, ...]:
    """Every neuron (w_i, a_i) of a student; `exact` says whether the exact families apply to the teacher."""
    vectors = np.asarray(teacher.weights)
    # hypot overflows only where the length itself does
    lengths = np.array([math.hypot(*vector) for vector in vectors])
    directions = vectors / np.maximum(lengths, np.finfo(float).tiny)[:, None]
    span = np.linalg.svd(directions, full_matrices=False)[2][: np.linalg.matrix_rank(directions)]
    those = _Teacher(vectors, np.asarray(teacher.output), directions, span)
    found: list[Neuron] = []
    for i in range(len(output)):
        # of teachers that are the same, each goes to a student of its own as long as there are any
        taken = {j for neuron in found for j in neuron.teachers}
        found.append(
            _neuron(weights[i], float(output[i]), those, taken, tolerance=tolerance, exact=exact, options=options)
        )
    return tuple(found)


def _neuron(
    weight: Float[np.ndarray, " input"],
    output: float,
    teacher: _Teacher,
    taken: set[int],
    *,
    tolerance: float,
    exact: bool,
    options: IdentifyOptions,
) -> Neuron:
    norm, projection = math.hypot(*weight), teacher.span.T @ (teacher.span @ weight)
    length = math.hypot(*projection)
    if length == 0:
        nothing = np.zeros(len(teacher.output))
        return Neuron(
            kind=NeuronKind.OTHER, teachers=(), cosine=0.0, norm=norm, output=output, in_span=0.0, alignments=nothing
        )
    cosines = teacher.directions @ projection / length
    teachers, cosine = _nearest_mean(cosines, teacher.directions, projection / length, options)
    kind = NeuronKind.OTHER
    if cosine**2 >= options.least_cosine_squared:
        if len(teachers) == 1:
            able = np.flatnonzero(cosines**2 >= options.least_cosine_squared)
            teachers = _nearest_copied(weight, output, cosines, able, teacher, taken)
            cosine = float(cosines[teachers[0]])
        copy = len(teachers) == 1
        sign = 1.0 if cosine >= 0 else -1.0
        kind = NeuronKind.APPROXIMATE_COPY if copy else NeuronKind.APPROXIMATE_AVERAGE
        if exact and _distance_to_exact(sign * weight, sign * output, teacher.directions, teachers) <= tolerance:
            kind = NeuronKind.EXACT_COPY if copy else NeuronKind.EXACT_AVERAGE
    else:
        teachers = ()
    sign = 1.0 if cosine >= 0 else -1.0
    return Neuron(
        kind=kind,
        teachers=teachers,
        cosine=abs(cosine),
        norm=norm,
        output=sign * output,
        in_span=(length / norm) ** 2,
        alignments=sign * cosines,
    )


def _nearest_copied(
    weight: Float[np.ndarray, " input"],
    output: float,
    cosines: Float[np.ndarray, " teacher"],
    able: Int[np.ndarray, " some"],
    teacher: _Teacher,
    taken: set[int],
) -> tuple[int, ...]:
    """Of the teachers that the neuron is aligned with, the one whose (v, b) is nearest to (w, a), in the sign of w for
    which their cosine is positive and relative to max(1, ‖(v, b)‖), as in `gf.distance`; or all those that share one v
    up to sign, if (v, Σ b) is nearer still. Orthonormal teachers leave no choice: cos² ≥ 0.9 holds with one at most.
    """
    signs = np.where(cosines >= 0, 1.0, -1.0)

    def distance(j: int, outputs: float) -> float:
        target = np.append(teacher.weights[j], outputs)
        far = signs[j] * np.append(weight, output) - target
        return math.hypot(*far) / max(1.0, math.hypot(*target))

    distances = {int(j): distance(int(j), float(teacher.output[j])) for j in able}
    least = min(distances.values())
    # equal to rounding: the same teacher twice
    nearest = min((j for j in distances if distances[j] <= least + _ROUNDING), key=lambda j: (j in taken, j))
    same = [
        j
        for j in distances
        if math.hypot(*(signs[j] * teacher.weights[j] - signs[nearest] * teacher.weights[nearest]))
        <= _ROUNDING * max(1.0, math.hypot(*teacher.weights[nearest]))
    ]
    together = float(np.sum(signs[same] * signs[nearest] * teacher.output[same]))
    return tuple(same) if len(same) > 1 and distance(nearest, together) < least - _ROUNDING else (nearest,)


def _nearest_mean(
    cosines: Float[np.ndarray, " teacher"],
    vectors: Float[np.ndarray, "teacher input"],
    direction: Float[np.ndarray, " input"],
    options: IdentifyOptions,
) -> tuple[tuple[int, ...], float]:
    """The set of teachers, overlaps within `spread` of their mean, whose mean is closest in angle; and the cosine with
    it. The mean of parallel teachers is no other direction: a set must be closer by more than rounding.
    """
    order = np.argsort(-np.abs(cosines), kind="stable")
    best = float(cosines[order[0]])
    teachers: tuple[int, ...] = (int(order[0]),)
    for size in range(2, len(order) + 1):
        chosen = order[:size]
        overlaps = cosines[chosen]
        if np.max(np.abs(overlaps - np.mean(overlaps))) > options.spread * abs(np.mean(overlaps)):
            continue
        mean = np.sum(vectors[chosen], axis=0)
        cosine = float(mean @ direction / np.linalg.norm(mean))
        if abs(cosine) > abs(best) + _ROUNDING:
            best, teachers = cosine, tuple(sorted(int(j) for j in chosen))
    return teachers, best


def _distance_to_exact(
    weight: Float[np.ndarray, " input"],
    output: float,
    vectors: Float[np.ndarray, "teacher input"],
    teachers: tuple[int, ...],
) -> float:
    """Of (w, a) to the exact copy or average of these teachers, relative to max(1, ‖(w, a)‖) of the exact one."""
    target = np.append(average_weight(len(teachers)) * np.sum(vectors[list(teachers)], axis=0), float(len(teachers)))
    return math.hypot(*(np.append(weight, output) - target)) / max(1.0, math.hypot(*target))
