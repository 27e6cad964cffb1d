"""What one neuron does."""

import enum

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow.families import average_weight
from gradflow.identification.options import IdentifyOptions
from gradflow.networks import TwoLayerNetwork


class NeuronKind(enum.StrEnum):
    """A copy follows one teacher, an average several; exact ones are the neurons of a copy-average point. They are the
    words that tables and stores say: `kind == "exact copy"`.
    """

    EXACT_COPY = "exact copy"
    EXACT_AVERAGE = "exact average"
    APPROXIMATE_COPY = "approximate copy"
    APPROXIMATE_AVERAGE = "approximate average"
    OTHER = "other"


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


def neurons(
    student: TwoLayerNetwork, teacher: TwoLayerNetwork, *, tolerance: float, exact: bool, options: IdentifyOptions
) -> tuple[Neuron, ...]:
    """Every neuron of the student; `exact` says whether the exact families apply to the teacher."""
    weights, output = np.asarray(student.weights), np.asarray(student.output)
    vectors = np.asarray(teacher.weights)
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(float).tiny)
    span = np.linalg.svd(vectors, full_matrices=False)[2][: np.linalg.matrix_rank(vectors)]
    return tuple(
        _neuron(weights[i], float(output[i]), vectors, span, tolerance=tolerance, exact=exact, options=options)
        for i in range(len(output))
    )


def _neuron(
    weight: Float[np.ndarray, " input"],
    output: float,
    vectors: Float[np.ndarray, "teacher input"],
    span: Float[np.ndarray, "rank input"],
    *,
    tolerance: float,
    exact: bool,
    options: IdentifyOptions,
) -> Neuron:
    norm, projection = float(np.linalg.norm(weight)), span.T @ (span @ weight)
    length = float(np.linalg.norm(projection))
    if length == 0:
        nothing = np.zeros(len(vectors))
        return Neuron(
            kind=NeuronKind.OTHER, teachers=(), cosine=0.0, norm=norm, output=output, in_span=0.0, alignments=nothing
        )
    cosines = vectors @ projection / length
    teachers, cosine = _nearest_mean(cosines, vectors, projection / length, options)
    sign = 1.0 if cosine >= 0 else -1.0
    kind = NeuronKind.OTHER
    if cosine**2 >= options.least_cosine_squared:
        copy = len(teachers) == 1
        kind = NeuronKind.APPROXIMATE_COPY if copy else NeuronKind.APPROXIMATE_AVERAGE
        if exact and _distance_to_exact(sign * weight, sign * output, vectors, teachers) <= tolerance:
            kind = NeuronKind.EXACT_COPY if copy else NeuronKind.EXACT_AVERAGE
    else:
        teachers = ()
    return Neuron(
        kind=kind,
        teachers=teachers,
        cosine=abs(cosine),
        norm=norm,
        output=sign * output,
        in_span=(length / norm) ** 2,
        alignments=sign * cosines,
    )


def _nearest_mean(
    cosines: Float[np.ndarray, " teacher"],
    vectors: Float[np.ndarray, "teacher input"],
    direction: Float[np.ndarray, " input"],
    options: IdentifyOptions,
) -> tuple[tuple[int, ...], float]:
    """The set of teachers, overlaps within `spread` of their mean, whose mean is closest in angle; and the cosine with
    it.
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
        if abs(cosine) > abs(best):
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
    return float(np.linalg.norm(np.append(weight, output) - target) / max(1.0, float(np.linalg.norm(target))))
