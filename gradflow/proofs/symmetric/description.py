"""A symmetric problem and a symmetric student as exact text."""

import math
from typing import Any

import numpy as np

from gradflow._arithmetic import Numbers, balls, extended
from gradflow.problems import Orbit, SymmetricNetwork, SymmetricTeacherStudent
from gradflow.proofs.exactly import read, written

KIND = "symmetric teacher-student"
_PARTS = ("own", "others", "output")
# numbers are taken over as they are, whatever the precision is
_ANY = 64


def described_problem(problem: SymmetricTeacherStudent) -> dict[str, Any]:
    """Its orbits, numbers as Python's literals."""
    orbits = [
        {"size": orbit.size, "students": orbit.students, "teachers": list(orbit.teachers), "label": orbit.label}
        for orbit in problem.orbits
    ]
    return {"kind": KIND, "activation": "erf", "orbits": orbits}


def read_problem(fields: dict[str, Any]) -> SymmetricTeacherStudent:
    """Back from `described_problem`."""
    if fields["activation"] != "erf":
        raise ValueError(f"unknown activation {fields['activation']!r}")
    return SymmetricTeacherStudent([Orbit(**orbit) for orbit in fields["orbits"]])


def described_network(network: SymmetricNetwork) -> dict[str, Any]:
    """Its numbers exactly, float64 or of many digits."""
    return {name: _written(np.asarray(getattr(network, name)).tolist()) for name in _PARTS}


def read_network(fields: dict[str, Any]) -> SymmetricNetwork:
    """Back from `described_network`, float64 where that holds every number."""
    return SymmetricNetwork(*(_read(fields[name]) for name in _PARTS))


def _written(values: Any) -> Any:
    if isinstance(values, list):
        return [_written(value) for value in values]
    ball = balls(_ANY).number(values)
    return written(balls(_ANY).exact(ball)) if ball.is_finite() else str(float(values))


def _read(texts: Any) -> Numbers:
    numbers = np.asarray(_number(texts), dtype=object)
    if all(float(value) == value or value != value for value in numbers.ravel()):
        return numbers.astype(np.float64)
    bits = max(abs(value.numerator).bit_length() for value in numbers.ravel())
    return extended(math.ceil(bits * math.log10(2)) + 2).array(numbers)


def _number(texts: Any) -> Any:
    if isinstance(texts, list):
        return [_number(text) for text in texts]
    return read(texts) if "p" in texts else float(texts)
