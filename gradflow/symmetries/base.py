"""What a symmetry of a loss is asked for."""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, PyTree

from gradflow._hashable import HashableModule
from gradflow.symmetries.flat import flat, known_pair


class AbstractSymmetry(HashableModule):
    """A group that acts on parameters and, so it is claimed, leaves a loss as it is: L(g·θ) = L(θ).

    `gf.Loss(fn, init, symmetries=[...])` verifies the claim. Parameters are any that `gf.Loss` takes; vectors (P,) are
    in the order of `problem.flatten`.
    """

    # what to write where the loss does not keep to the claim
    advice: ClassVar[str]
    # ‖g·θ − g·θ′‖ = ‖θ − θ′‖ for all g
    is_isometric: ClassVar[bool]

    @abstractmethod
    def tangents(self, parameters: Any) -> Float[np.ndarray, "param orbit"]:
        """Columns (P, m) that span the tangent space of the orbit at the parameters; as a rule neither orthogonal nor
        of unit length, sometimes dependent, none of them zero. ∇L is orthogonal to each, and HT = 0 where ∇L = 0.
        """

    @abstractmethod
    def copies(self, parameters: PyTree) -> list[PyTree]:
        """g·θ for a few g that generate the group, or of a continuous one, in general position: to verify the claim."""

    @abstractmethod
    def aligned(self, first: Any, second: Any) -> PyTree:
        """The point of the orbit of `second` (or of its closure) that is nearest to `first`, or as near as is known."""

    def starts(self, first: Any, second: Any) -> list[PyTree]:
        """Points of the orbit of `second` that may be near `first` once its units stand in another order."""
        return []

    def canonical(self, parameters: Any) -> PyTree:
        """A representative of the orbit, the same for every point of it; the parameters themselves if none is known."""
        return flat("canonical", "parameters", parameters).tree

    def invariants(self, parameters: Any, rates: Any | None = None) -> dict[str, Float[np.ndarray, "..."]]:
        """What the gradient flow of every loss with this symmetry conserves (Noether's theorem), by name; with the
        diagonal metric `rates` in the structure of the parameters, what dθ/dt = −M∇L does. Nothing if none is known.
        """
        return {}

    def distance(self, first: Any, second: Any) -> float:
        """The least of ‖θ − g·θ′‖ over g, θ = `first` and θ′ = `second`, or an upper bound: `aligned` says which.

        Where the group is no isometry it is not symmetric in the two.
        """
        one, other = known_pair("distance", first, second)
        moved = flat("distance", "second", self.aligned(one.tree, other.tree)).vector
        return float(np.linalg.norm(np.asarray(one.vector - moved)))
