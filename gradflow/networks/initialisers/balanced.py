"""Another law with balanced layers."""

from typing import TYPE_CHECKING

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks.initialisers.base import AbstractInitialiser

if TYPE_CHECKING:
    import jax

    import gradflow


class Balanced(AbstractInitialiser):
    """The (W, a) that `law` draws with the same key, with the output weights

        a_i → sign(a_i) ‖w_i‖,  sign(0) = 1:

    every neuron's two layers have the same size, and only the sign of a_i is left of it.

    For a homogeneous activation the flow conserves ‖w_i‖² − a_i² neuron by neuron, so that a balanced start stays
    balanced and an unbalanced one does not forget which layer was the larger. Erf is homogeneous to leading order
    alone: d/dt (‖w_i‖² − a_i²) is a fraction of order ‖w_i‖² of what moves either term, so that the balance holds
    while the weights are small and is lost as they grow. A balanced start is then no invariant, only a place to start.
    Source: Du, Hu & Lee (2018), arXiv 1806.00900.
    """

    law: AbstractInitialiser

    def __init__(self, law: Checked[AbstractInitialiser]):
        line = "gf.Balanced(gf.GlorotNormal())"
        self.law = _checks.instance("Balanced", "law", law, AbstractInitialiser, line)

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        import jax.numpy as jnp

        from gradflow.networks.two_layer import TwoLayerNetwork

        drawn = self.law(key, width, input_dimension, activation)
        norms = jnp.linalg.norm(drawn.weights, axis=1)
        return TwoLayerNetwork(drawn.weights, jnp.where(drawn.output < 0, -norms, norms), activation)

    @property
    def label(self) -> str:
        """The law's: "GlorotNormal, balanced"."""
        return f"{self.law.label}, balanced"
