"""The network that everything is about."""

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from gradflow import _checks, _memory
from gradflow._checks import Checked
from gradflow._hashable import HashableModule
from gradflow.activations import AbstractActivation, Erf


class TwoLayerNetwork(HashableModule):
    """f(x) = Σ_i a_i σ(w_i·x): `weights` W (width, input), `output` a (width,).

    Its leaves are exactly `weights` and `output`; the activation is static. Lists and integers are converted exactly;
    float32, complex and bool arrays are refused (`TypeError`), as are NaN, infinities and shapes that do not fit
    (`ValueError`).
    """

    weights: Float[Array, "width input"]
    output: Float[Array, " width"]
    activation: AbstractActivation = eqx.field(static=True)

    def __init__(self, weights: Any, output: Any, activation: Checked[AbstractActivation | None] = None):
        if activation is None:
            activation = Erf()
        _checks.instance("TwoLayerNetwork", "activation", activation, AbstractActivation, "activation=gf.Erf()")
        weights = _checks.finite("TwoLayerNetwork", "weights", _checks.float64("TwoLayerNetwork", "weights", weights))
        output = _checks.finite("TwoLayerNetwork", "output", _checks.float64("TwoLayerNetwork", "output", output))
        _checks.network_shapes(weights, output)
        self.weights, self.output, self.activation = weights, output, activation

    def __call__(self, x: Any) -> Float[Array, "..."]:
        """f(x) for inputs of shape (…, input)."""
        x = _checks.finite("TwoLayerNetwork", "x", _checks.float64("TwoLayerNetwork", "x", x))
        _checks.inputs_fit(x.shape, self.weights.shape[1])
        return self.activation(x @ self.weights.T) @ self.output

    @property
    def width(self) -> int:
        return self.weights.shape[0]

    @property
    def input_dimension(self) -> int:
        return self.weights.shape[1]

    @property
    def student(self) -> "TwoLayerNetwork":
        """Itself: every verb takes a network or anything that has one."""
        return self


def orthonormal_teacher(k: Checked[int], d: Checked[int | None] = None) -> TwoLayerNetwork:
    """The paper's teacher f*(x) = Σ_{j≤k} σ(x_j): orthonormal rows v_j = e_j, unit output weights, in `d` ≥ k
    dimensions (d = k if left out).
    """
    k = _checks.count("orthonormal_teacher", "k", k, "orthonormal_teacher(k=8)")
    d = k if d is None else _checks.count("orthonormal_teacher", "d", d, f"orthonormal_teacher(k={k}, d={k})")
    _checks.teacher_fits("orthonormal_teacher", k, d)
    _memory.require_matrix(
        "orthonormal_teacher", (k, d), "Write orthonormal_teacher(k=8) with fewer neurons or inputs."
    )
    return TwoLayerNetwork(np.eye(k, d), np.ones(k))
