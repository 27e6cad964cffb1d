"""Symmetries: the leaves that they act on, their elements, and whether a loss has them."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Int

from gradflow._checks.arrays import finite, float64
from gradflow._checks.descriptions import shown
from gradflow._checks.lists import listed
from gradflow._checks.numbers import count
from gradflow._errors import WrongType, WrongValue

# a matrix that is orthogonal but for this was meant to be: it is far above rounding, far below a slip
_ORTHOGONAL = 1e-10
_LEAVES = "one array of the parameters or several"


def axes(kind: str, name: str, value: Any) -> tuple[int, ...] | int:
    """One axis, or one a leaf; from the end if negative."""
    line = f"{name}=0, or {name}=(0, 1) with one axis a leaf"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return tuple(_axis(kind, name, axis, line) for axis in listed(kind, name, value, line))
    return _axis(kind, name, value, line)


def _axis(kind: str, name: str, value: Any, line: str) -> int:
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value < 0:
        return -count(kind, name, -int(value), line)
    return count(kind, name, value, line, least=0)


def chosen_leaves(kind: str, name: str, where: Callable[[Any], Any], tree: Any) -> list[Any]:
    """What a function of the parameters chooses of them."""
    line = f'{name}=lambda p: p["w"]'
    try:
        chosen = where(tree)
    except Exception as error:  # whatever a caller's function raises is kept as the cause
        raise WrongValue(
            f"{kind}: {name}(parameters) must return {_LEAVES}, and fails for parameters like {shown(tree)}. Write "
            f"{line}."
        ) from error
    leaves = list(chosen) if isinstance(chosen, list | tuple) else [chosen]
    if not leaves or not all(hasattr(leaf, "shape") and getattr(leaf, "size", 0) for leaf in leaves):
        raise WrongValue(f"{kind}: {name}(parameters) must return {_LEAVES}, got {shown(chosen)}. Write {line}.")
    return leaves


def no_arithmetic(kind: str, name: str, places: Sequence[Any], vector: Any, chosen: Sequence[Any]) -> None:
    """The numbers are those of the parameters, in whatever order and shape."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in (*chosen, vector)):
        return
    known = all(
        np.issubdtype(np.asarray(place).dtype, np.integer)
        and np.all((np.asarray(place) >= 0) & (np.asarray(place) < vector.size))
        for place in places
    )
    if not known or not all(
        np.array_equal(np.asarray(vector)[np.asarray(place)], leaf) for place, leaf in zip(places, chosen, strict=True)
    ):
        raise WrongValue(
            f"{kind}: {name}(parameters) must return arrays of the parameters as they are (transposed, cut or reshaped "
            f'at most), got numbers computed of them. Write {name}=lambda p: p["w"].'
        )


def axes_of(
    kind: str, name: str, chosen: tuple[int, ...] | int | None, shapes: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    """An axis for every leaf; left out, the second of a matrix and the only one of a vector."""
    if chosen is None:
        found = tuple(min(len(shape) - 1, 1) for shape in shapes)
    else:
        found = (chosen,) * len(shapes) if isinstance(chosen, int) else chosen
    fits = len(found) == len(shapes) and all(
        -len(shape) <= axis < len(shape) for axis, shape in zip(found, shapes, strict=True)
    )
    if not fits:
        raise WrongValue(
            f"{kind}: each leaf of {name} needs an axis that it has, got axes {chosen} for arrays of shapes "
            f"{', '.join(map(str, shapes))}. Write one axis for each, or an array with an axis."
        )
    return found


def one_length(kind: str, names: str, lengths: Sequence[int], shapes: Sequence[tuple[int, ...]]) -> None:
    if len(set(lengths)) > 1:
        raise WrongValue(
            f"{kind}: {names} must have one length along the axes on which the group acts, got "
            f"{', '.join(map(str, lengths))} of arrays of shapes {', '.join(map(str, shapes))}. Write the axes that "
            "count the units, as in axes=(0, 0, 1)."
        )


def no_number_twice(kind: str, names: str, places: Int[np.ndarray, " entry"]) -> None:
    if len(np.unique(places)) < len(places):
        raise WrongValue(
            f"{kind}: {names} must choose no number of the parameters twice, and do. Write each leaf once, on the side "
            "on which the group acts on it."
        )


def factors(verb: str, value: Any, units: int) -> Float[Array, " unit"]:
    """A positive factor for every unit, or for the only one a number."""
    found = finite(verb, "element", float64(verb, "element", value))
    found = found[None] if found.ndim == 0 and units == 1 else found
    if found.shape != (units,) or not _holds(found, lambda known: np.all(known > 0)):
        raise WrongValue(
            f"{verb}: element must be {units} positive factors, got {shown(value)}. Write "
            f"element=np.full({units}, 2.0)."
        )
    return found


def group_array(verb: str, value: Any, shape: tuple[int, ...], line: str) -> Float[Array, "..."]:
    found = finite(verb, "element", float64(verb, "element", value))
    if found.shape != shape:
        raise WrongValue(f"{verb}: element must be an array of shape {shape}, got {shown(value)}. Write {line}.")
    return found


def orthogonal_matrix(verb: str, value: Any, units: int, *, determinant: int | None) -> Float[Array, "axis axis"]:
    found = group_array(verb, value, (units, units), f"np.eye({units})")
    kept = _holds(found, lambda known: np.allclose(known @ known.T, np.eye(units), rtol=0, atol=_ORTHOGONAL))
    proper = determinant is None or _holds(found, lambda known: np.linalg.det(known) > 0)
    if not (kept and proper):
        what = "an orthogonal matrix" if determinant is None else "a rotation, an orthogonal matrix of determinant 1"
        raise WrongValue(f"{verb}: element must be {what}, got another. Write scipy.linalg.polar(element)[0], say.")
    return found


def invertible_matrix(verb: str, value: Any, units: int) -> Float[Array, "hidden hidden"]:
    found = group_array(verb, value, (units, units), f"np.eye({units})")
    if not _holds(found, lambda known: np.linalg.matrix_rank(known) == units):
        raise WrongValue(f"{verb}: element must be an invertible matrix, got a singular one. Write np.eye({units}).")
    return found


def _holds(value: Array, condition: Callable[[np.ndarray], Any]) -> bool:
    """Of a value that is known; one that JAX traces is believed."""
    return isinstance(value, jax.core.Tracer) or bool(condition(np.asarray(value)))


def several_symmetries(verb: str, value: Any, kind: type, *, empty: bool) -> tuple[Any, ...]:
    """One symmetry or several, or none where that is allowed."""
    line = "symmetries=[gf.Translations(lambda p: p), gf.Rotations(lambda p: p)]"
    given = [value] if isinstance(value, kind) else listed(verb, "symmetries", value, line, empty=empty)
    for each in given:
        if not isinstance(each, kind):
            raise WrongType(f"{verb}: each of symmetries must be a symmetry, got {shown(each)}. Write {line}.")
    return tuple(given)


def true_symmetry(problem: str, symmetry: str, advice: str, change: float, rounding: float, what: str) -> None:
    """A loss has a symmetry that is claimed, as far as rounding lets see: `what` changes by no more than that."""
    if not change <= rounding:
        raise WrongValue(
            f"{problem}: {symmetry} must leave the loss as it is, and {what} by {change:.3g}, where rounding is "
            f"{rounding:.1g}. Write {advice}; or leave it out."
        )
