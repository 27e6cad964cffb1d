"""order_parameters: the overlaps along a path."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Float

from gradflow._checks import Checked
from gradflow._text import table
from gradflow.paths.student_path import student_path


class OrderParameters(eqx.Module):
    """The overlaps of a student with itself and with its teacher along a path, on which alone the loss depends.

    `times` (time,); `Q` (time, student, student), `R` (time, student, teacher) and `T` (teacher, teacher), the overlaps
    of the weight vectors; `output` (time, student), the student's output weights a.
    """

    times: Float[np.ndarray, " time"]
    Q: Float[np.ndarray, "time student student"]
    R: Float[np.ndarray, "time student teacher"]
    T: Float[np.ndarray, "teacher teacher"]
    output: Float[np.ndarray, "time student"]

    def __str__(self) -> str:
        n, k = self.R.shape[1:]
        header = ("student", "Q at first", "Q at last", "a at first", "a at last", "R at last", "with teacher")
        nearest = np.argmax(np.abs(self.R[-1]), axis=1)
        rows = [
            (
                i,
                f"{self.Q[0, i, i]:z.6f}",
                f"{self.Q[-1, i, i]:z.6f}",
                f"{self.output[0, i]:z.6f}",
                f"{self.output[-1, i]:z.6f}",
                f"{self.R[-1, i, nearest[i]]:z.6f}",
                nearest[i],
            )
            for i in range(n)
        ]
        return (
            f"order_parameters: n = {n}, k = {k}, {len(self.times)} times up to t = {self.times[-1]:.3g}\n"
            f"{table(header, rows)}"
        )

    __repr__ = __str__


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
    )
