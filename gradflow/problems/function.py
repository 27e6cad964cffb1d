"""What the problems of a user's own function share: parameters of any structure, arguments, a function traced once."""

from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow import _checks
from gradflow.problems import claims
from gradflow.problems.base import AbstractProblem, ZeroModes, moved
from gradflow.problems.models import OfModel, split
from gradflow.problems.traced import Traced
from gradflow.symmetries import AbstractSymmetry, SymmetryGroup


class AbstractFunctionProblem(AbstractProblem):
    """A problem whose function is `traced`, at `start` with the arguments `args`, and has the `symmetries`.

    The trained parameters are a tree without what is not trained; `whole` puts that back.
    """

    traced: eqx.AbstractVar[Traced]
    start: eqx.AbstractVar[PyTree[Float[Array, "..."]]]
    args: eqx.AbstractVar[PyTree[Array]]
    symmetries: eqx.AbstractVar[tuple[AbstractSymmetry, ...]]

    def __check_init__(self) -> None:
        if self.symmetries:
            claims.verify(type(self).__name__, self, self.start, self.symmetries)

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

    def orbit_tangents(self, parameters: PyTree) -> Float[np.ndarray, "param orbit"]:
        """Those of the `symmetries`."""
        _checks.known("orbit_tangents", parameters)
        whole = self.whole(self.fitting("orbit_tangents", parameters))
        none = super().orbit_tangents(parameters)
        return np.concatenate([none, *(each.tangents(whole) for each in self.symmetries)], axis=1)

    def structural_zero_modes(self, parameters: PyTree) -> ZeroModes:
        """The tangents of orbits, which at a critical point consist of critical points."""
        none = super().structural_zero_modes(parameters)
        if not self.symmetries:
            return none
        tangents = self.orbit_tangents(parameters)
        return ZeroModes(curves=tangents / np.linalg.norm(tangents, axis=0), kernel=none.kernel)

    def invariants(self, parameters: PyTree) -> dict[str, Float[np.ndarray, "..."]]:
        """What the flow conserves because of the `symmetries`."""
        return self._conserved(parameters, None)

    def drift(self, first: PyTree, last: PyTree, rates: PyTree | None = None) -> dict[str, float]:
        """With `rates`, of what that flow conserves; NaN for a flow that ended where there are no numbers."""
        _checks.known("drift", (first, last))
        before = self._conserved(first, rates)
        if not all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(split(last)[0])):
            return dict.fromkeys(before, np.nan)
        return moved(before, self._conserved(last, rates))

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

    def _conserved(self, parameters: PyTree, rates: PyTree | None) -> dict[str, Float[np.ndarray, "..."]]:
        if not self.symmetries:
            return {}
        whole = self.whole(self.fitting("invariants", parameters))
        return SymmetryGroup(self.symmetries).invariants(whole, rates)


def prepared(problem: str, name: str, fn: Any, init: Any, args: Any, line: str) -> tuple[OfModel, PyTree, PyTree]:
    """`fn` of what is trained, and that and the arguments as arrays."""
    _checks.function(problem, name, fn, line)
    start, rest = split(_checks.model(problem, "init", init))
    return OfModel(fn, rest, takes_args=args is not None), start, _checks.arguments(problem, args)


def claimed(problem: str, symmetries: Any | None) -> tuple[AbstractSymmetry, ...]:
    """One symmetry, several or none."""
    given: tuple[AbstractSymmetry, ...] = ()
    if symmetries is not None:
        given = _checks.several_symmetries(problem, symmetries, AbstractSymmetry, empty=True)
    return given
