"""Sizes of orbits, real or of many digits, and what else exact families are given by."""

import math
from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from gradflow._precision import require_64_bit

# beyond, a width is a slip of the finger, and powers of it leave the range of float64
_WIDEST = 10**30


def is_plain(value: Any) -> bool:
    """A number that can be looked at: no array, nothing that JAX traces."""
    return not isinstance(value, bool) and (isinstance(value, int | float) or type(value).__name__ == "mpf")


def orbit_size(value: Any) -> Any:
    """A number that is not negative; arrays of them and traced values pass."""
    if isinstance(value, np.generic):
        value = value.item()
    line = "Write gf.Orbit(size=4, students=1)."
    if is_plain(value):
        if not (value >= 0 and math.isfinite(value)):
            raise ValueError(f"Orbit: size must be a finite number and not negative, got {value}. {line}")
    elif not isinstance(value, np.ndarray | jax.Array) or np.issubdtype(value.dtype, np.complexfloating):
        raise TypeError(f"Orbit: size must be a number, got {value!r}. {line}")
    elif not isinstance(value, jax.core.Tracer) and not np.all((np.asarray(value) >= 0) & np.isfinite(value)):
        raise ValueError(f"Orbit: size must be finite and not negative, got {value}. {line}")
    return value


def output_weights(value: Any) -> tuple[Any, ...]:
    """The output weights of the teachers of a unit."""
    line = "Write gf.Orbit(size=4, students=1, teachers=(1.0,))."
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"Orbit: teachers lists the output weight of every teacher in a unit, got {value!r}. {line}")
    found = tuple(value)
    for weight in found:
        if not is_plain(weight) and not isinstance(weight, np.generic | np.ndarray | jax.Array):
            raise TypeError(f"Orbit: an output weight of a teacher must be a number, got {weight!r}. {line}")
        if not isinstance(weight, jax.core.Tracer) and not math.isfinite(weight):
            raise ValueError(f"Orbit: an output weight of a teacher must be finite, got {weight}. {line}")
    return found


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
    for orbit in found:
        if is_plain(orbit.size) and orbit.size < 1:
            raise ValueError(
                f"SymmetricTeacherStudent: an orbit has at least one unit, got size {orbit.size}. Leave out what is "
                f"not there. Write {line}."
            )
    return found


def class_shapes(verb: str, network: Any, students: int, teachers: int) -> None:
    """Overlaps by classes."""
    expected = {"own": (students, teachers), "others": (students, teachers), "output": (students,)}
    for name, shape in expected.items():
        given = np.shape(getattr(network, name))
        if given != shape:
            raise ValueError(
                f"{verb}: {name} must have shape {shape}, for {students} classes of students and {teachers} of "
                f"teachers, got {given}. Write gf.SymmetricNetwork(own, others, output)."
            )


def many_digits(verb: str, network: Any) -> None:
    """Finite numbers, of however many digits."""
    for name in ("own", "others", "output"):
        for number in np.asarray(getattr(network, name), dtype=object).ravel():
            if not is_plain(number) or not math.isfinite(number):
                raise ValueError(
                    f"{verb}: {name} must hold finite numbers, got {number!r}. Write gf.SymmetricNetwork(own, others, "
                    "output)."
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
    require_64_bit(verb)
    if isinstance(value, int) and not isinstance(value, bool) and value > _WIDEST:
        raise ValueError(f"{verb}: {name} must be at most {_WIDEST:.0e}, got a larger integer. Write {example}.")
    value = real(verb, name, value, example)
    if value < least:
        raise ValueError(f"{verb}: {name} must be at least {least}, got {value}. Write {example}.")
    if value > _WIDEST:
        raise ValueError(f"{verb}: {name} must be at most {_WIDEST:.0e}, got {value}. Write {example}.")
    return int(value) if value == int(value) else value


def real(verb: str, name: str, value: Any, example: str) -> Any:
    """A finite real number; one of many digits keeps them."""
    if not is_plain(value) and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if not is_plain(value):
        raise TypeError(f"{verb}: {name} must be a number, got {value!r}. Write {example}.")
    if not math.isfinite(value):
        raise ValueError(f"{verb}: {name} must be a finite number, got {value}. Write {example}.")
    return value


def digits(verb: str, value: Any) -> int:
    """How many digits are asked for: what float64 has, or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{verb}: digits must be an integer, got {value!r}. Write digits=30.")
    if value < 15:
        raise ValueError(
            f"{verb}: digits must be at least 15, what float64 has, got {value}. Write digits=30, or leave it out."
        )
    return int(value)


def family_at(verb: str, found: Any, parameter: Any, kind: type) -> tuple[Any, ...]:
    """The orbits that a user's family gives."""
    orbits = tuple(getattr(found, "orbits", found)) if isinstance(found, Iterable) or hasattr(found, "orbits") else ()
    if not orbits or not all(isinstance(orbit, kind) for orbit in orbits):
        raise TypeError(
            f"{verb}: family must give several gf.Orbit or a gf.SymmetricTeacherStudent, got {found!r} at "
            f"{float(parameter):g}. Write family=lambda n: gf.PerturbedNCopy.orbits_of(50, n)."
        )
    return orbits


def reaches(verb: str, until: Any, error: ValueError) -> ValueError:
    """The family does not exist at the end."""
    return ValueError(f"{verb}: the family does not exist at until = {float(until):g}: {error}")


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
