"""Sizes of orbits, real or of many digits, and what else exact families are given by."""

import math
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._checks.lists import listed
from gradflow._checks.numbers import count
from gradflow._checks.traced import JaxArray, Tracer
from gradflow._errors import WrongType, WrongValue
from gradflow._precision import require_64_bit

# beyond, a width is a slip of the finger, and powers of it leave the range of float64
_WIDEST = 10**30
# neurons in one unit of an orbit: there are as many classes of overlaps as pairs of them
MOST_IN_A_UNIT = 1_000
# what can be asked for: Python prints no integer of more than 4,300 digits, and guard digits come on top
MOST_DIGITS = 4_000
# beyond, squares of overlaps leave the range of float64 in sums of products
_LONGEST = 1e30


def is_plain(value: Any) -> bool:
    """A number that can be looked at: no array, nothing that JAX traces."""
    return not isinstance(value, bool) and (isinstance(value, int | float) or type(value).__name__ == "mpf")


def is_finite(value: Any) -> bool:
    """Also of an integer beyond all floats, which is not."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_real_array(value: Any) -> bool:
    """Of NumPy or JAX, of whatever shape, traced or not."""
    return isinstance(value, np.generic | np.ndarray | JaxArray) and (
        value.dtype.kind in "iu" or value.dtype == np.float64
    )


def orbit_size(value: Any) -> Any:
    """A number that is not negative; arrays of them and traced values pass."""
    if isinstance(value, np.generic):
        value = value.item()
    line = "Write gf.Orbit(size=4, students=1)."
    if is_plain(value):
        if not (value >= 0 and is_finite(value)):
            raise WrongValue(f"Orbit: size must be a finite number and not negative, got {shown(value)}. {line}")
    elif not _is_real_array(value):
        raise WrongType(f"Orbit: size must be a number, got {shown(value)}. {line}")
    elif not isinstance(value, Tracer) and not np.all((np.asarray(value) >= 0) & np.isfinite(value)):
        raise WrongValue(f"Orbit: size must be finite and not negative, got {shown(value)}. {line}")
    return value


def family_sizes(verb: str, k: Any, n: Any, least: int) -> None:
    """Real numbers of teachers and students, of however many digits, traced or many at once."""
    for name, value in (("k", k), ("n", n)):
        if not is_plain(value) and not _is_real_array(value):
            raise WrongType(f"{verb}: {name} must be a number, got {shown(value)}. Write {verb}(k=8, n=4).")
        known = not is_plain(value) and not isinstance(value, Tracer)
        if known and not np.all((np.asarray(value) >= least) & np.isfinite(value)):
            raise WrongValue(
                f"{verb}: {name} must be finite and at least {least}, got {shown(value)}. Write {verb}(k=8, n=4)."
            )
        if is_plain(value) and not (is_finite(value) and least <= value <= _WIDEST):
            raise WrongValue(
                f"{verb}: {name} must be at least {least} and at most {_WIDEST:.0e}, got {shown(value)}. Write "
                f"{verb}(k=8, n=4)."
            )
    if not any(isinstance(value, Tracer) for value in (k, n)) and np.any(np.asarray(n > k)):
        raise WrongValue(f"{verb}: n must be at most k, got n = {shown(n)}, k = {shown(k)}. Write {verb}(k=8, n=4).")


def output_weights(value: Any) -> tuple[Any, ...]:
    """The output weights of the teachers of a unit."""
    line = "Write gf.Orbit(size=4, students=1, teachers=(1.0,))."
    found = tuple(listed("Orbit", "teachers", value, "gf.Orbit(size=4, students=1, teachers=(1.0,))", empty=True))
    count("Orbit", "the number of teachers", len(found), "teachers=(1.0,)", least=0, most=MOST_IN_A_UNIT)
    for weight in found:
        if not is_plain(weight) and not (_is_real_array(weight) and weight.ndim == 0):
            raise WrongType(f"Orbit: an output weight of a teacher must be a number, got {shown(weight)}. {line}")
        if not isinstance(weight, Tracer) and not is_finite(weight):
            raise WrongValue(f"Orbit: an output weight of a teacher must be finite, got {shown(weight)}. {line}")
    return found


def several_orbits(value: Any, kind: type) -> tuple[Any, ...]:
    """At least one student and one teacher, in orbits."""
    line = "SymmetricTeacherStudent([gf.Orbit(4, students=1, teachers=(1.0,)), gf.Orbit(4, teachers=(1.0,))])"
    found = (value,) if isinstance(value, kind) else tuple(listed("SymmetricTeacherStudent", "orbits", value, line))
    if not all(isinstance(orbit, kind) for orbit in found):
        raise WrongType(f"SymmetricTeacherStudent: orbits must be several gf.Orbit, got {shown(value)}. Write {line}.")
    if not any(orbit.students for orbit in found) or not any(orbit.teachers for orbit in found):
        raise WrongValue(
            f"SymmetricTeacherStudent: the orbits need a student and a teacher between them. Write {line}."
        )
    for orbit in found:
        if np.ndim(orbit.size) > 0:
            raise WrongValue(f"SymmetricTeacherStudent: a size is one number, got {shown(orbit.size)}. Write {line}.")
        if is_plain(orbit.size) and orbit.size < 1:
            raise WrongValue(
                f"SymmetricTeacherStudent: an orbit has at least one unit, got size {orbit.size}. Leave out what is "
                f"not there. Write {line}."
            )
    return found


def class_numbers(name: str, value: Any) -> Any:
    """Overlaps or output weights by classes: float64, traced, or an array of numbers of many digits."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        for number in value.ravel():
            if number is None or isinstance(number, str | bytes | bool | complex | list | dict):
                line = "gf.SymmetricNetwork(own, others, output)"
                raise WrongType(f"SymmetricNetwork: {name} must hold numbers, got {shown(number)}. Write {line}.")
        return value
    if isinstance(value, Tracer | np.ndarray) and value.dtype == np.float64:
        return value
    from gradflow._checks.arrays import float64

    return float64("SymmetricNetwork", name, value)


def class_parts(own: tuple[int, ...], others: tuple[int, ...], output: tuple[int, ...]) -> None:
    """Shapes (..., student class, teacher class) twice, and (..., student class)."""
    if len(own) < 2 or own != others or own[:-1] != output:
        raise WrongValue(
            "SymmetricNetwork: own and others must have shape (student classes, teacher classes) and output (student "
            f"classes,), got {own}, {others} and {output}. Write gf.SymmetricNetwork(own, others, output)."
        )


def class_shapes(verb: str, network: Any, students: int, teachers: int) -> None:
    """Overlaps by classes."""
    expected = {"own": (students, teachers), "others": (students, teachers), "output": (students,)}
    for name, shape in expected.items():
        given = np.shape(getattr(network, name))
        if given != shape:
            raise WrongValue(
                f"{verb}: {name} must have shape {shape}, for {students} classes of students and {teachers} of "
                f"teachers, got {given}. Write gf.SymmetricNetwork(own, others, output)."
            )


def many_digits(verb: str, network: Any) -> None:
    """Finite numbers, of however many digits."""
    for name in ("own", "others", "output"):
        for number in np.asarray(getattr(network, name), dtype=object).ravel():
            if not is_plain(number) or not is_finite(number) or abs(number) > _LONGEST:
                raise WrongValue(
                    f"{verb}: {name} must hold finite numbers up to {_LONGEST:.0e}, got {shown(number)}. Write "
                    "gf.SymmetricNetwork(own, others, output)."
                )


def whole(verb: str, name: str, value: Any) -> int:
    """A real size where neurons are counted."""
    if value != int(value):
        raise WrongValue(
            f"{verb}: {name} is {float(value):.6g}, and there are no arrays for sizes that are no integers. Write "
            "whole numbers n and k, or use what needs no arrays: the loss, the overlaps, the spectrum."
        )
    return int(value)


def real_size(verb: str, name: str, value: Any, example: str, *, least: int) -> Any:
    """A real number of neurons; kept as it was given, so that no digit is lost."""
    require_64_bit(verb)
    if isinstance(value, int) and not isinstance(value, bool) and value > _WIDEST:
        raise WrongValue(f"{verb}: {name} must be at most {_WIDEST:.0e}, got a larger integer. Write {example}.")
    value = real(verb, name, value, example)
    if value < least:
        raise WrongValue(f"{verb}: {name} must be at least {least}, got {value}. Write {example}.")
    if value > _WIDEST:
        raise WrongValue(f"{verb}: {name} must be at most {_WIDEST:.0e}, got {value}. Write {example}.")
    return int(value) if value == int(value) else value


def real(verb: str, name: str, value: Any, example: str) -> Any:
    """A finite real number; one of many digits keeps them."""
    if not is_plain(value) and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if not is_plain(value):
        raise WrongType(f"{verb}: {name} must be a number, got {shown(value)}. Write {example}.")
    if not is_finite(value):
        raise WrongValue(f"{verb}: {name} must be a finite number, got {shown(value)}. Write {example}.")
    return value


def digits(verb: str, value: Any, most: int = MOST_DIGITS) -> int:
    """How many digits are asked for: what float64 has, or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise WrongType(f"{verb}: digits must be an integer, got {shown(value)}. Write digits=30.")
    if value < 15:
        raise WrongValue(
            f"{verb}: digits must be at least 15, what float64 has, got {shown(value)}. "
            "Write digits=30, or leave it out."
        )
    if value > most:
        reason = "since error bounds are float64" if most < MOST_DIGITS else "since Python prints no more"
        raise WrongValue(f"{verb}: digits must be at most {most}, {reason}, got {shown(value)}. Write digits=100.")
    return int(value)


def family_at(verb: str, found: Any, parameter: Any, kind: type) -> tuple[Any, ...]:
    """The orbits that a user's family gives."""
    given = getattr(found, "orbits", found)
    orbits = tuple(given) if isinstance(given, tuple | list) else ()
    if not orbits or not all(isinstance(orbit, kind) for orbit in orbits):
        raise WrongType(
            f"{verb}: family must give several gf.Orbit or a gf.SymmetricTeacherStudent, got {shown(found)} at "
            f"{float(parameter):g}. Write family=lambda n: gf.PerturbedNCopy.orbits_of(50, n)."
        )
    return orbits


def same_orbits(verb: str, found: tuple[Any, ...], first: tuple[Any, ...], parameter: Any) -> None:
    """The family keeps its kinds of neurons."""
    kinds = [[(orbit.students, len(orbit.teachers)) for orbit in orbits] for orbits in (first, found)]
    if kinds[0] != kinds[1]:
        raise WrongValue(
            f"{verb}: family must have the same orbits at every parameter, got (students, teachers) = {kinds[1]} at "
            f"{float(parameter):g} in place of {kinds[0]}. Write one family=lambda n: ... that changes sizes and "
            "output weights only."
        )
    for orbit in found:
        if np.ndim(orbit.size) > 0:
            raise WrongValue(
                f"{verb}: a size is one number, got {shown(orbit.size)}. Write family=lambda n: [gf.Orbit(n, 1)]."
            )


def reaches(verb: str, until: Any, error: ValueError) -> ValueError:
    """The family does not exist at the end."""
    return WrongValue(f"{verb}: the family does not exist at until = {float(until):g}: {error}")


def apart(verb: str, at: Any, until: Any) -> None:
    """Two ends of a branch."""
    require_64_bit(verb)
    if at == until:
        raise WrongValue(f"{verb}: at and until are both {float(at):g}: there is no way to go. Write at=4, until=2.")


def near_critical(verb: str, converged: bool, at: Any) -> None:
    """A start from which Newton's method converges."""
    if not converged:
        raise WrongValue(
            f"{verb}: there is no critical point near start at {float(at):g}: Newton's method did not converge. Write "
            "start=gf.perturbed_n_copy(k=50, n=4), or refine it first."
        )
