"""A student's path, whether it was followed just now or stands in a record."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from gradflow import _checks
from gradflow._precision import require_64_bit
from gradflow.dynamics import Trajectory
from gradflow.networks import TwoLayerNetwork, orthonormal_teacher
from gradflow.problems import TeacherStudent
from gradflow.sweeps import Record
from gradflow.sweeps.experiment import padded_width


class StudentPath(NamedTuple):
    """The student at `times`, with the loss and ‖∇L‖∞ there."""

    problem: TeacherStudent
    times: Float[np.ndarray, " time"]
    weights: Float[np.ndarray, "time student input"]
    output: Float[np.ndarray, "time student"]
    losses: Float[np.ndarray, " time"]
    gradient_norms: Float[np.ndarray, " time"]

    def student(self, index: int) -> TwoLayerNetwork:
        """At `times[index]`."""
        return TwoLayerNetwork(self.weights[index], self.output[index], self.problem.activation)


def student_path(verb: str, path: Any) -> StudentPath:
    """Of a trajectory, of anything that has one, or of a record that keeps its path."""
    require_64_bit(verb)
    path = getattr(path, "trajectory", path)
    if isinstance(path, Record):
        return _of_record(verb, path)
    _checks.student_path_kind(verb, path, isinstance(path, Trajectory) and isinstance(path.problem, TeacherStudent))
    return StudentPath(
        problem=path.problem,
        times=path.times,
        weights=np.asarray(path.states.weights),
        output=np.asarray(path.states.output),
        losses=path.losses,
        gradient_norms=path.gradient_norms,
    )


def _of_record(verb: str, record: Record) -> StudentPath:
    arrays, (k, n, _) = record.arrays, record.address
    _checks.path_is_kept(verb, record.address, "path_weights" in arrays and "path_output" in arrays)
    d = arrays["path_weights"].shape[2]
    return StudentPath(
        problem=TeacherStudent(orthonormal_teacher(k, d), n, padded_width=padded_width(n)),
        times=arrays["times"],
        weights=arrays["path_weights"],
        output=arrays["path_output"],
        losses=arrays["losses"],
        gradient_norms=arrays["gradient_norms"],
    )
