"""A symmetric problem and a symmetric student as exact text."""

import math
from typing import Any

import numpy as np

from gradflow._arithmetic import Numbers, balls, extended
from gradflow.problems import Orbit, SymmetricNetwork, SymmetricTeacherStudent
from gradflow.proofs.exactly import as_list, read, written

KIND = "symmetric teacher-student"
_PARTS = ("own", "others", "output")
# numbers are taken over as they are, whatever the precision is
_ANY = 64
# of which none is finite
_NO_NUMBERS = ("inf", "-inf", "nan")
# neurons of so many kinds have Hessians whose parts no proof has got through
_MOST_CLASSES = 200
_LONGEST_LABEL = 200
# of the exact families: powers of it leave the range of float64
_WIDEST = 10**30


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
    orbits = as_list(fields["orbits"])
    neurons = sum(_count(orbit["students"]) + len(as_list(orbit["teachers"])) for orbit in orbits)
    if len(orbits) > _MOST_CLASSES or neurons > _MOST_CLASSES:
        raise ValueError(f"more than {_MOST_CLASSES} kinds of neurons")
    return SymmetricTeacherStudent([_orbit(**orbit) for orbit in orbits])


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a count of neurons is an integer that is not negative")
    return value


def _orbit(size: Any, students: int, teachers: list[Any], label: str) -> Orbit:
    if not isinstance(label, str) or len(label) > _LONGEST_LABEL:
        raise ValueError(f"a label is a text of at most {_LONGEST_LABEL} characters")
    if not size <= _WIDEST:
        raise ValueError(f"a size beyond {_WIDEST:.0e}")
    return Orbit(size, students, tuple(teachers), label)


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


def _number(texts: Any, depth: int = 2) -> Any:
    if isinstance(texts, list) and depth:
        return [_number(text, depth - 1) for text in texts]
    if not isinstance(texts, str):
        raise TypeError(f"a number as text was expected, got {type(texts).__name__}")
    if texts not in _NO_NUMBERS:
        return read(texts)
    return float(texts)
