"""Another law at another scale."""

from typing import TYPE_CHECKING

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks.initialisers.base import AbstractInitialiser, shown

if TYPE_CHECKING:
    import jax

    import gradflow


class Scaled(AbstractInitialiser):
    """W · `weights` and a · `output` of the (W, a) that `law` draws with the same key.

    The design is paired: a run of a sweep has the same random numbers at every scale, so that two scales are compared
    start by start.

    Raises `ValueError` for a scale that is negative (a sign is no scale) or not finite, and for `weights=0`, which
    leaves nothing random in the directions: all gradients then point along the teachers' sum, and with the paper's
    teacher the neurons never leave that line. `output=0` is a start like any other, with f = 0.
    """

    law: AbstractInitialiser
    weights: float
    output: float

    def __init__(
        self,
        law: Checked[AbstractInitialiser],
        weights: Checked[float] = 1.0,
        output: Checked[float] = 1.0,
    ):
        line = "gf.Scaled(gf.GlorotNormal(), weights=0.3, output=2.0)"
        self.law = _checks.instance("Scaled", "law", law, AbstractInitialiser, line)
        self.weights = _checks.tolerance("Scaled", "weights", weights, line=line)
        self.output = _checks.tolerance("Scaled", "output", output, zero=True, line=line)

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        from gradflow.networks.two_layer import TwoLayerNetwork

        drawn = self.law(key, width, input_dimension, activation)
        return TwoLayerNetwork(drawn.weights * self.weights, drawn.output * self.output, activation)

    @property
    def label(self) -> str:
        """The law's, and the scales that are not 1: "GlorotNormal, W × 0.3, a × 2"."""
        scales = [f"{name} × {shown(scale)}" for name, scale in (("W", self.weights), ("a", self.output)) if scale != 1]
        return ", ".join([self.law.label, *scales])
