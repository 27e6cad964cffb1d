"""Networks, teachers and partitions: shapes that fit."""

import math
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._checks.lists import listed
from gradflow._checks.numbers import count
from gradflow._checks.orbits import whole
from gradflow._checks.traced import Tracer
from gradflow._errors import WrongType, WrongValue


def inputs_fit(given: tuple[int, ...], dimension: int) -> None:
    if not given or given[-1] != dimension:
        raise WrongValue(
            f"TwoLayerNetwork: x must have shape (..., {dimension}), got {given}. Write net(x) with one row an input."
        )


def teacher_fits(verb: str, k: int, d: int) -> None:
    if d < k:
        raise WrongValue(
            f"{verb}: {k} orthonormal teachers need an input dimension of at least {k}, got d = {d}. "
            f"Write d={k}, or more."
        )


def network_shapes(weights: Any, output: Any) -> None:
    if weights.ndim != 2 or output.ndim != 1 or weights.shape[0] != output.shape[0] or 0 in weights.shape:
        raise WrongValue(
            "TwoLayerNetwork: weights must have shape (width, input) and output (width,), both at least 1, got "
            f"{weights.shape} and {output.shape}. Write TwoLayerNetwork(weights, output) with one output weight a row."
        )


def permutation(verb: str, name: str, value: Any, size: int) -> np.ndarray:
    """Every number from 0 to size − 1 once."""
    line = f"{name}={list(range(size))[::-1] if size < 6 else 'np.arange(network.width)[::-1]'}"
    found = [count(verb, f"each of {name}", place, line, least=0) for place in listed(verb, name, value, line)]
    if sorted(found) != list(range(size)):
        raise WrongValue(
            f"{verb}: {name} must have every number from 0 to {size - 1} once, got {shown(value)}. Write {line}."
        )
    return np.asarray(found)


def signs(verb: str, name: str, value: Any, size: int) -> np.ndarray:
    """So many of ±1."""
    from gradflow._checks.arrays import float64

    found = np.asarray(float64(verb, name, value))
    if found.shape != (size,) or not np.all(np.abs(found) == 1):
        raise WrongValue(
            f"{verb}: {name} must be {size} numbers, each 1 or -1, got {shown(value)}. Write {name}=[1, -1, ...]."
        )
    return found


def same_shape(verb: str, given: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if given != expected:
        raise WrongValue(
            f"{verb}: both networks must have one shape (width, input), got {given} and {expected}. Write "
            f"gf.{verb}(network, reference) with a reference of {given[0]} neurons in {given[1]} dimensions."
        )


def same_activation(activation: Any, teachers: Any) -> None:
    if activation != teachers:
        raise WrongValue(
            f"TeacherStudent: student and teacher must share one activation, got {activation!r} and {teachers!r}. "
            "Write TeacherStudent(teacher, width=4) for the teacher's."
        )


def student_shape(verb: str, given: tuple[int, ...], expected: tuple[int, int]) -> None:
    if given != expected:
        line = (
            f"TeacherStudent(teacher, width={given[0]})"
            if given[1] == expected[1]
            else "TwoLayerNetwork(weights, output)"
        )
        raise WrongValue(
            f"{verb}: the student's weights must have shape (width, input) = {expected}, got {given}. "
            f"Write {line}, or draw a student with problem.init(jax.random.key(0))."
        )


def known_teacher(weights: Any, output: Any) -> None:
    """Numbers, not what stands for them while JAX traces: E[f*²] is summed on the host, once."""
    if isinstance(weights, Tracer) or isinstance(output, Tracer):
        raise WrongType(
            "TeacherStudent: teacher must be numbers, got traced arrays: the problem cannot be made inside jax.jit, "
            "jax.grad or jax.vmap. Make teacher and problem = gf.TeacherStudent(teacher, width=4) outside of them, and "
            "write problem.loss or problem.gradient inside."
        )


def free_leaves(free: Any) -> tuple[str, ...]:
    known = ("weights", "output")
    line = "free=('weights', 'output')"
    chosen = (free,) if isinstance(free, str) else tuple(listed("TeacherStudent", "free", free, line, empty=True))
    if (
        not chosen
        or not all(isinstance(name, str) and name in known for name in chosen)
        or len(set(chosen)) < len(chosen)
    ):
        raise WrongValue(
            f"TeacherStudent: free names the trained leaves, any of {known}, got {shown(free)}. Write {line}."
        )
    return tuple(name for name in known if name in chosen)


def partition(
    verb: str, value: Any, k: int, n: int, example: tuple[int, ...], *, fewer: bool = False
) -> tuple[int, ...]:
    """Positive integers, n of them (or `fewer`), that sum to k; sorted."""
    value = tuple(listed(verb, "partition", value, f"partition={example}"))
    sizes = tuple(sorted(count(verb, "a part of the partition", part, f"partition={example}") for part in value))
    if sum(sizes) != k or len(sizes) > n or (len(sizes) < n and not fewer):
        uses_fewer = sum(sizes) == k and len(sizes) < n
        line = f'partition={sizes}, rest="dead" for students without a task' if uses_fewer else f"partition={example}"
        raise WrongValue(
            f"{verb}: the partition must have n = {n} parts that sum to k = {k}, got {tuple(value)} "
            f"({len(sizes)} parts, sum {sum(sizes)}). Write {line}."
        )
    return sizes


def input_dimension(verb: str, k: Any, n: Any, d: Any) -> int | None:
    """An input dimension that has room for the teachers, or None."""
    if d is None:
        return None
    dimension = count(verb, "d", d, f"{verb}(k={k}, n={n}, d={math.ceil(k)})")
    teacher_fits(verb, whole(verb, "k", k), dimension)
    return dimension


def no_more_students(verb: str, n: Any, k: Any) -> None:
    if n > k:
        raise WrongValue(f"{verb}: the family exists for n <= k, got n = {n}, k = {k}. Write {verb}(k={n}, n={n}).")


def orthonormal(verb: str, is_orthonormal: bool, line: str) -> None:
    """The paper's teacher, whose symmetries are known."""
    if not is_orthonormal:
        raise WrongValue(
            f"{verb}: the teacher must have orthonormal rows and unit output weights; the symmetries of others are not "
            f"known here. Write {line}."
        )
