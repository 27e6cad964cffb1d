"""How far a path is from named points."""

from typing import Any

import numpy as np
from jaxtyping import Float

from gradflow.identification.placement import Rows, named_points, nearest_placement, rows_in_frame
from gradflow.paths.student_path import StudentPath
from gradflow.problems import is_orthonormal
from gradflow.problems.base import parameters_of


def distances_to(
    path: StudentPath, points: dict[str, Any] | None
) -> tuple[tuple[str, ...], Float[np.ndarray, "time point"]]:
    """Names, and the distance to each at every time; the exact points of the problem if none are given.

    The order of the teachers that was found for one time is tried for the time before it too.
    """
    problem = path.problem
    known = is_orthonormal(problem.teacher)
    # teachers that are not orthonormal stay in their places
    teachers = np.asarray(problem.teacher.weights) if known else np.zeros((0, problem.teacher.input_dimension))
    k, d = teachers.shape
    named: dict[str, Rows] = {}
    if points is not None:
        for name, given in points.items():
            named[name] = rows_in_frame(problem.check("passed_points", parameters_of(given)), teachers)
    elif known:
        named = {name: rows_in_frame(exact, np.eye(k, d)) for name, exact in named_points(k, problem.width, d).items()}
    distances = np.zeros((len(path.times), len(named)))
    placed: dict[str, Any] = dict.fromkeys(named)
    for time in reversed(range(len(path.times))):
        rows = rows_in_frame(path.student(time), teachers)
        for column, (name, point) in enumerate(named.items()):
            placement = nearest_placement(rows, point, k, placed[name])
            distances[time, column], placed[name] = placement
    return tuple(named), distances
