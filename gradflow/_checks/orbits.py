"""Sizes of orbits, real or of many digits, and what else exact families are given by."""

import math
from collections.abc import Iterable
from typing import Any

from gradflow._precision import require_64_bit


def is_plain(value: Any) -> bool:
    """A number that can be looked at: no array, nothing that JAX traces."""
    return not isinstance(value, bool) and (isinstance(value, int | float) or type(value).__name__ == "mpf")


def orbit_size(value: Any) -> Any:
    """A number that is not negative; arrays and traced values pass."""
    if is_plain(value) and not (value >= 0 and math.isfinite(value)):
        raise ValueError(
            f"Orbit: size must be a finite number and not negative, got {value}. Write gf.Orbit(size=4, students=1)."
        )
    if isinstance(value, bool | str) or value is None:
        raise TypeError(f"Orbit: size must be a number, got {value!r}. Write gf.Orbit(size=4, students=1).")
    return value


def output_weights(value: Any) -> tuple[Any, ...]:
    """The output weights of the teachers of a unit."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(
            f"Orbit: teachers lists the output weight of every teacher in a unit, got {value!r}. "
            "Write gf.Orbit(size=4, students=1, teachers=(1.0,))."
        )
    return tuple(value)


def orbits(value: Any, kind: type) -> tuple[Any, ...]:
    """At least one student and one teacher, in orbits."""
    line = "SymmetricTeacherStudent([gf.Orbit(4, students=1, teachers=(1.0,)), gf.Orbit(4, teachers=(1.0,))])"
    found = tuple(value) if isinstance(value, Iterable) else (value,)
    if not found or not all(isinstance(orbit, kind) for orbit in found):
        raise TypeError(f"SymmetricTeacherStudent: orbits must be several gf.Orbit, got {value!r}. Write {line}.")
    if not any(orbit.students for orbit in found) or not any(orbit.teachers for orbit in found):
        raise ValueError(
            f"SymmetricTeacherStudent: the orbits need a student and a teacher between them. Write {line}."
        )
    if any(is_plain(orbit.size) and orbit.size == 0 for orbit in found):
        raise ValueError(f"SymmetricTeacherStudent: an orbit of size 0 has no neurons; leave it out. Write {line}.")
    return found


def class_shapes(verb: str, given: dict[str, tuple[int, ...]], students: int, teachers: int) -> None:
    """Overlaps by classes."""
    expected = {"own": (students, teachers), "others": (students, teachers), "output": (students,)}
    for name, shape in expected.items():
        if given[name] != shape:
            raise ValueError(
                f"{verb}: {name} must have shape {shape}, for {students} classes of students and {teachers} of "
                f"teachers, got {given[name]}. Write gf.SymmetricNetwork(own, others, output)."
            )


def whole(verb: str, name: str, value: Any) -> int:
    """A real size where neurons are counted."""
    if value != int(value):
        raise ValueError(
            f"{verb}: {name} is {float(value):.6g}, and there are no arrays for sizes that are no integers. Write "
            "whole numbers n and k, or use what needs no arrays: the loss, the overlaps, the spectrum."
        )
    return int(value)


def real_size(verb: str, name: str, value: Any, example: str, *, least: int) -> Any:
    """A real number of neurons; kept as it was given, so that no digit is lost."""
    if not is_plain(value) and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    require_64_bit(verb)
    if not is_plain(value):
        raise TypeError(f"{verb}: {name} must be a number, got {value!r}. Write {example}.")
    if not math.isfinite(value):
        raise ValueError(f"{verb}: {name} must be a finite number, got {value}. Write {example}.")
    if value < least:
        raise ValueError(f"{verb}: {name} must be at least {least}, got {value}. Write {example}.")
    return int(value) if value == int(value) else value


def digits(verb: str, value: Any) -> int:
    """How many digits are asked for: what float64 has, or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{verb}: digits must be an integer, got {value!r}. Write digits=30.")
    if value < 15:
        raise ValueError(
            f"{verb}: digits must be at least 15, what float64 has, got {value}. Write digits=30, or leave it out."
        )
    return value


def apart(verb: str, at: Any, until: Any) -> None:
    """Two ends of a branch."""
    require_64_bit(verb)
    if at == until:
        raise ValueError(f"{verb}: at and until are both {float(at):g}: there is no way to go. Write at=4, until=2.")


def near_critical(verb: str, converged: bool, at: Any) -> None:
    """A start from which Newton's method converges."""
    if not converged:
        raise ValueError(
            f"{verb}: there is no critical point near start at {float(at):g}: Newton's method did not converge. Write "
            "start=gf.perturbed_n_copy(k=50, n=4), or refine it first."
        )
