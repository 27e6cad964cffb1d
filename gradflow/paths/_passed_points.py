"""passed_points: how far a path is from named points, and the critical points that it slows down at."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float
from scipy.signal import find_peaks

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import counted, table
from gradflow.critical_points import Classification, Kind, Point, classify, nearby_critical_point
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.identification import IdentifyOptions, Isotropy, identify, isotropy
from gradflow.identification.labels import compact
from gradflow.networks.symmetry import neuron_distances
from gradflow.paths.distances import distances_to
from gradflow.paths.student_path import StudentPath, student_path
from gradflow.problems import is_orthonormal

# the gradient's largest entry ripples where another entry becomes the largest; a passage rises by more on both sides
_RISE = 1.1


class Passage(eqx.Module):
    """A local minimum of the gradient norm along a path, and what Newton's method finds from there.

    `index` is its place in the path's times. `nearest` is the named point that is closest, at `distance` (modulo
    symmetry). `point` is the critical point that is passed, with its `classification`, its `name` (that of the
    configuration) and its `isotropy` (for an orthonormal teacher only); all four are None if it is not decided, since
    Newton's method found none within the distance. Next to a critical point the gradient may have several local minima;
    they are one passage, `index` and `time` being those at which the path is closest to the point, and `slow_times`
    all of them.
    """

    index: int
    time: float
    slow_times: tuple[float, ...]
    loss: float
    gradient_norm: float
    nearest: str | None
    distance: float
    point: Point | None
    classification: Classification | None
    name: str | None
    isotropy: Isotropy | None

    @property
    def is_saddle(self) -> bool:
        """Whether what is passed is certainly a saddle."""
        return self.classification is not None and self.classification.kind is Kind.SADDLE


class PassedPoints(eqx.Module):
    """What a path passes; `print` it for the table.

    `distances` (time, point) to the points of these `names`, modulo symmetry; `passages` where the gradient norm has a
    local minimum; `within` is how far Newton's method may have gone from there.
    """

    times: Float[np.ndarray, " time"]
    names: tuple[str, ...]
    distances: Float[np.ndarray, "time point"]
    passages: tuple[Passage, ...]
    within: float

    @property
    def saddles(self) -> tuple[Passage, ...]:
        """The passages of a saddle."""
        return tuple(passage for passage in self.passages if passage.is_saddle)

    def __str__(self) -> str:
        lines = [
            f"passed_points: {counted(len(self.passages), 'slow passage')}, {counted(len(self.saddles), 'saddle')} "
            f"within {self.within:g}"
        ]
        if self.passages:
            header = ("time", "loss", "gradient", "nearest", "distance", "passes", "kind", "index", "moved")
            lines.append(table(header, [_cells(passage) for passage in self.passages]))
        if self.names:
            last = int(np.argmin(self.distances[-1]))
            lines.append(f"ends {self.distances[-1, last]:.1e} from {compact(self.names[last])}")
        return "\n".join(lines)

    __repr__ = __str__


@overflow_is_looked_at
def passed_points(
    path: Checked[Any], points: Checked[Mapping[str, Any] | None] = None, *, within: Checked[float] = 0.1
) -> PassedPoints:
    """The distance to named points along a path, and the critical points where it slows down.

    A slow passage is a local minimum of ‖∇L‖∞ in time, over the times that the path keeps, with a rise by a tenth or
    more on both sides. The critical point that it passes is the one to which Newton's method converges from there,
    damped where it must be (`gf.refine` has the last word), if that is at most `within` of max(‖θ‖, 1) away; anything
    else is "not decided". So a saddle is passed if the gradient has a local minimum there and Newton's method converges
    to the saddle within that distance. A critical point is listed once, however often the gradient has a local minimum
    next to it; its image under a symmetry is another. The start counts if the gradient rises from it and it is next to
    a critical point in that sense.

    `path` as in `order_parameters`. `points`: networks of the student's shape by name; left out, all copy-average
    points of n students and k teachers (the optimal one if there are more than 200) and P-n-C, for an orthonormal
    teacher. Distances are those of `gf.distance`, the teachers of the point permuted too; far from a point a smaller
    one may exist.

    "Not decided" does not mean that no saddle is near: saddles of narrower networks, with students that are dead,
    silent or duplicates, are not isolated, and Newton's method does not converge there. A path between two kept times,
    or with a gradient that only bends, is not looked at. Raises `TypeError` and `ValueError` as
    `order_parameters` does.
    """
    found = student_path("passed_points", path)
    within = _checks.tolerance("passed_points", "within", within)
    given = None if points is None else _checks.named_points("passed_points", points)
    names, distances = distances_to(found, given)
    start, slow = _slow(found.gradient_norms)
    passages = [_passage(found, index, names, distances, within) for index in slow]
    if start:
        first = _passage(found, 0, names, distances, within)
        passages = [first, *passages] if first.point is not None else passages
    return PassedPoints(
        times=found.times, names=names, distances=distances, passages=_once_each(passages), within=within
    )


def _slow(gradient_norms: Float[np.ndarray, " time"]) -> tuple[bool, list[int]]:
    """Whether the gradient rises from the start, and where it has a local minimum after it."""
    # an end point that is critical to the last bit has no logarithm
    size = np.log(np.maximum(gradient_norms, np.finfo(float).tiny))
    places, _ = find_peaks(-np.concatenate([[np.inf], size]), prominence=np.log(_RISE))
    found = [int(place) - 1 for place in places]
    return found[:1] == [0], [place for place in found if place > 0]


def _passage(
    path: StudentPath,
    index: int,
    names: tuple[str, ...],
    distances: Float[np.ndarray, "time point"],
    within: float,
) -> Passage:
    closest = int(np.argmin(distances[index])) if names else None
    problem, student = path.problem, path.student(index)
    point = nearby_critical_point(problem, student, within)
    return Passage(
        index=index,
        time=float(path.times[index]),
        slow_times=(float(path.times[index]),),
        loss=float(path.losses[index]),
        gradient_norm=float(path.gradient_norms[index]),
        nearest=None if closest is None else names[closest],
        distance=float("inf") if closest is None else float(distances[index, closest]),
        point=point,
        classification=None if point is None else classify(problem, point),
        name=None if point is None else identify(problem, point).label,
        isotropy=isotropy(problem, point) if point is not None and is_orthonormal(problem.teacher) else None,
    )


def _once_each(passages: list[Passage]) -> tuple[Passage, ...]:
    """Passages of one critical point as one, where the path is closest to it; in the order of time."""
    groups: list[list[Passage]] = []
    for passage in passages:
        group = next((group for group in groups if _one_point(group[0].point, passage.point)), None)
        if group is None:
            groups.append([passage])
        else:
            group.append(passage)
    closest = [
        replace(
            min(group, key=lambda passage: 0.0 if passage.point is None else passage.point.moved),
            slow_times=tuple(passage.time for passage in group),
        )
        for group in groups
    ]
    return tuple(sorted(closest, key=lambda passage: passage.time))


def _one_point(first: Point | None, second: Point | None) -> bool:
    """Whether two refined points are the same one, as they stand: its image under a symmetry is another."""
    if first is None or second is None:
        return False
    apart = float(np.max(neuron_distances(first.student, second.student)))
    return apart <= IdentifyOptions().tolerance(max(first.newton_step, second.newton_step))


def _cells(passage: Passage) -> tuple[object, ...]:
    shown: tuple[object, ...] = (
        ", ".join(f"{time:.3g}" for time in passage.slow_times),
        f"{passage.loss:z.8f}",
        f"{passage.gradient_norm:.1e}",
        compact(passage.nearest or "-"),
        f"{passage.distance:.1e}",
    )
    verdict, point = passage.classification, passage.point
    if verdict is None or point is None:
        return (*shown, "not decided", "", "", "")
    symmetry = "" if passage.isotropy is None else f" with {passage.isotropy.label}"
    said = f"{compact(passage.name or '')}{symmetry}, loss {point.loss:z.8f}"
    return (*shown, said, verdict.kind, verdict.index, f"{point.moved:.1e}")
