"""Paths of students: kept, and of a teacher–student problem."""

from collections.abc import Mapping
from typing import Any

from gradflow._checks.descriptions import shown
from gradflow._errors import WrongType, WrongValue


def student_path_kind(verb: str, value: Any, is_one: bool) -> None:
    if not is_one:
        raise WrongType(
            f"{verb}: path must be the trajectory of a TeacherStudent problem or a record of a sweep, got "
            f"{shown(value)}. Write gf.{verb}(gf.flow(problem, student))."
        )


def path_is_kept(verb: str, address: object, is_kept: bool) -> None:
    if not is_kept:
        raise WrongValue(
            f"{verb}: the record of {address} has no weights along its path. Write gf.phase_diagram(..., "
            f"trajectories=True) to keep them in new records, or gf.{verb}(gf.flow(problem, student))."
        )


def named_points(verb: str, value: Any) -> dict[str, Any]:
    """Networks by name."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise WrongType(
            f"{verb}: points must be networks by name, got {shown(value)}. "
            'Write points={"optimal C-A": gf.copy_average(k=8, n=4)}.'
        )
    return dict(value)
