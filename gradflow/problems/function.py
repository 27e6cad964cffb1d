"""What the problems of a user's own function share: parameters of any structure, arguments, a function traced once."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow.problems.base import AbstractProblem
from gradflow.problems.models import OfModel, split
from gradflow.problems.traced import Traced


class AbstractFunctionProblem(AbstractProblem):
    """A problem whose function is `traced`, at `start` with the arguments `args`.

    The trained parameters are a tree without what is not trained; `whole` puts that back.
    """

    traced: eqx.AbstractVar[Traced]
    start: eqx.AbstractVar[PyTree[Float[Array, "..."]]]
    args: eqx.AbstractVar[PyTree[Array]]

    @property
    def init(self) -> PyTree:
        """The example of the parameters, as it was given."""
        return self.whole(self.start)

    @property
    def fn(self) -> Any:
        """The function as it was given."""
        return self.traced.fn.fn

    def fitting(self, verb: str, parameters: Any) -> PyTree:
        converted, rest = split(_checks.model(verb, "parameters", parameters))
        line = "parameters of the shape of problem.init"
        if rest:
            _checks.same_rest(verb, rest == self.traced.fn.rest, line)
        _checks.same_structure(verb, "parameters", converted, self.start, line)
        return converted

    def whole(self, parameters: PyTree) -> PyTree:
        """The model, with what is not trained."""
        rest = self.traced.fn.rest
        return rest.put_back(parameters) if rest else parameters

    def flatten(self, parameters: PyTree) -> Float[Array, " param"]:
        return super().flatten(split(parameters)[0] if self.traced.fn.rest else parameters)

    def unflatten(self, vector: Float[Array | np.ndarray, " param"], like: PyTree) -> PyTree:
        if not self.traced.fn.rest:
            return super().unflatten(vector, like)
        trained, rest = split(like)
        return rest.put_back(super().unflatten(vector, trained))


def prepared(problem: str, name: str, fn: Any, init: Any, args: Any, line: str) -> tuple[OfModel, PyTree, PyTree]:
    """`fn` of what is trained, and that and the arguments as arrays."""
    _checks.function(problem, name, fn, line)
    start, rest = split(_checks.model(problem, "init", init))
    return OfModel(fn, rest, takes_args=args is not None), start, _checks.arguments(problem, args)
