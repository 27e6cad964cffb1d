"""Whether a loss has the symmetries that a caller claims for it."""

from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow._errors import LossFailed, TooLarge
from gradflow.problems import evaluation
from gradflow.problems.base import AbstractProblem
from gradflow.problems.evaluation import Values
from gradflow.problems.perturbed import rounding_of, scales_of
from gradflow.problems.rounding import EPSILON, ROUNDINGS
from gradflow.symmetries import AbstractSymmetry

# the second place is this part of the parameters' scales away from the first, where more may be symmetric than
# elsewhere: near enough for the loss to be what it is there
_ASIDE = 0.1
_SEED = 0


def verify(kind: str, problem: AbstractProblem, start: PyTree, symmetries: Sequence[AbstractSymmetry]) -> None:
    """Refuse a symmetry along whose tangents the loss has a slope, or under one of whose `copies` it changes, beyond
    rounding: at `start` and at a place beside it. Where the loss is no number nothing is said.
    """
    _checks.known(kind, problem.loss(start), f"gf.{kind}(..., symmetries=...) there, or leave symmetries out")
    for where, place in _places(problem, start):
        here = _values(problem, place)
        if here is None:
            continue
        for number, symmetry in enumerate(symmetries):
            name = f"symmetries[{number}], {type(symmetry).__name__},"
            tangents = symmetry.tangents(problem.whole(place))
            slopes = np.abs(tangents.T @ here.gradient)
            allowed = np.abs(tangents).T @ (here.gradient_rounding + ROUNDINGS * EPSILON * np.abs(here.gradient))
            steepest = int(np.argmax(slopes - allowed)) if len(slopes) else None
            if steepest is not None:
                said = f"{where} it has a slope along the orbit, tangents {steepest}: it changes"
                _checks.true_symmetry(kind, name, symmetry.advice, slopes[steepest], allowed[steepest], said)
            for copy, rounding in _copies(problem, symmetry, place):
                there = _values(problem, copy)
                if there is not None:
                    carried = float(np.abs(there.gradient) @ rounding)
                    _checks.true_symmetry(
                        kind,
                        name,
                        symmetry.advice,
                        abs(there.loss - here.loss),
                        there.loss_floor + here.loss_floor + carried,
                        f"under one of its elements it goes from {here.loss:.6g} {where} to {there.loss:.6g}, changing",
                    )


def _places(problem: AbstractProblem, start: PyTree) -> Iterator[tuple[str, PyTree]]:
    yield "at init", start
    vector, scales = problem.flatten(start), problem.flatten(scales_of(start))
    step = _ASIDE * scales * jnp.asarray(np.random.default_rng(_SEED).normal(size=vector.size))
    yield "beside init", problem.unflatten(vector + step, start)


def _values(problem: AbstractProblem, place: PyTree) -> Values | None:
    try:
        found = evaluation.values(problem, place)
    except (LossFailed, TooLarge):
        return None
    return found if np.isfinite(found.loss) and np.all(np.isfinite(found.gradient)) else None


def _copies(
    problem: AbstractProblem, symmetry: AbstractSymmetry, place: PyTree
) -> Iterator[tuple[PyTree, Float[np.ndarray, " param"]]]:
    """The copies, and for each number of theirs the size of its rounding error."""

    def vectors(trained: PyTree) -> list[Float[Array, " param"]]:
        return [problem.flatten(copy) for copy in symmetry.copies(problem.whole(trained))]

    copies = jax.jit(lambda trained: (vectors(trained), rounding_of(vectors, trained)))(place)
    for vector, rounding in zip(*copies, strict=True):
        yield problem.unflatten(vector, place), np.asarray(rounding)
