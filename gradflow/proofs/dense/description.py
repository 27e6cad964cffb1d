"""A teacher–student problem and a student as exact text."""

from typing import Any

import numpy as np

from gradflow.networks import TwoLayerNetwork
from gradflow.problems import TeacherStudent
from gradflow.proofs.exactly import as_list, read_matrix, read_vector, written_array

KIND = "teacher-student"


def described_problem(problem: TeacherStudent) -> dict[str, Any]:
    """Erf neurons, x ~ N(0, I)."""
    return {
        "kind": KIND,
        "activation": "erf",
        "teacher": described_network(problem.teacher),
        "width": problem.width,
        "free": list(problem.free),
    }


def read_problem(fields: dict[str, Any]) -> TeacherStudent:
    """Back from `described_problem`."""
    if fields["activation"] != "erf":
        raise ValueError(f"unknown activation {fields['activation']!r}")
    return TeacherStudent(read_network(fields["teacher"]), width=fields["width"], free=tuple(as_list(fields["free"])))


def described_network(network: TwoLayerNetwork) -> dict[str, Any]:
    """Its numbers in hexadecimal."""
    return {name: written_array(np.asarray(getattr(network, name))) for name in ("weights", "output")}


def read_network(fields: dict[str, Any]) -> TwoLayerNetwork:
    """Back from `described_network`."""
    return TwoLayerNetwork(read_matrix(fields["weights"]), read_vector(fields["output"]))
