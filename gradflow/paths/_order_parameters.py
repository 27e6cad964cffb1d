"""order_parameters: the overlaps along a path."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow._checks import Checked
from gradflow._text import table
from gradflow.critical_points.overflow import overflow_is_looked_at
from gradflow.identification import IdentifyOptions, Neuron
from gradflow.identification.neurons import neurons
from gradflow.paths.student_path import student_path


class OrderParameters(eqx.Module):
    """The overlaps of a student with itself and with its teacher along a path, on which alone the loss depends.

    `times` (time,); `Q` (time, student, student), `R` (time, student, teacher) and `T` (teacher, teacher), the overlaps
    of the weight vectors; `output` (time, student), the student's output weights a. `neurons` are what every student
    is at the last time, as `identify` says. Printed are the teachers that it copies or averages, R with the one that it
    is most aligned with, and a, in the sign of w for which they are aligned (σ is odd: −w with −a is the same neuron);
    the arrays have the signs of the path.
    """

    times: Float[np.ndarray, " time"]
    Q: Float[np.ndarray, "time student student"]
    R: Float[np.ndarray, "time student teacher"]
    T: Float[np.ndarray, "teacher teacher"]
    output: Float[np.ndarray, "time student"]
    neurons: tuple[Neuron, ...]

    def __str__(self) -> str:
        n, k = self.R.shape[1:]
        header = ("student", "Q at first", "Q at last", "a at first", "a at last", "R at last", "with teacher")
        rows = []
        for i, neuron in enumerate(self.neurons):
            among = list(neuron.teachers) or range(k)
            nearest = max(among, key=lambda j: abs(neuron.alignments[j]))
            overlap = self.R[-1, i, nearest]
            sign = 1.0 if overlap * neuron.alignments[nearest] >= 0 else -1.0
            rows.append(
                (
                    i,
                    f"{self.Q[0, i, i]:z.6f}",
                    f"{self.Q[-1, i, i]:z.6f}",
                    f"{sign * self.output[0, i]:z.6f}",
                    f"{sign * self.output[-1, i]:z.6f}",
                    f"{sign * overlap:z.6f}",
                    ", ".join(map(str, neuron.teachers)) or "-",
                )
            )
        return (
            f"order_parameters: n = {n}, k = {k}, {len(self.times)} times up to t = {self.times[-1]:.3g}\n"
            f"{table(header, rows)}"
        )

    __repr__ = __str__


@overflow_is_looked_at
def order_parameters(path: Checked[Any]) -> OrderParameters:
    """The order parameters along a path: Q = W Σ Wᵀ, R = W Σ Vᵀ, T = V Σ Vᵀ with the input covariance Σ = I, and a.

    `path`: a `Trajectory` of a `TeacherStudent` problem, anything that has one, or a `Record` of a sweep that keeps its
    path (`trajectories=True`).

    Raises `TypeError` for anything else and `ValueError` for a record without its path. Source: Saad & Solla, Phys.
    Rev. E 52 (1995).
    """
    found = student_path("order_parameters", path)
    teachers = np.asarray(found.problem.teacher.weights)
    return OrderParameters(
        times=found.times,
        Q=found.weights @ np.swapaxes(found.weights, 1, 2),
        R=found.weights @ teachers.T,
        T=teachers @ teachers.T,
        output=found.output,
        neurons=neurons(
            found.weights[-1],
            found.output[-1],
            found.problem.teacher,
            tolerance=0.0,
            exact=False,
            options=IdentifyOptions(),
        ),
    )
