"""One predicate a decision, used wherever that decision is made."""

from itertools import combinations

import numpy as np
from jaxtyping import PyTree

from gradflow import _checks
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.evaluation import Values
from gradflow.problems.rounding import AT_FLOOR


def attains(values: Values, least_loss: float) -> bool:
    """The loss is its lower bound, to rounding: a global minimum."""
    return bool(np.isfinite(values.loss) and values.loss <= least_loss + AT_FLOOR * values.loss_floor)


def require_bound(verb: str, values: Values, least_loss: float, size: float) -> None:
    """Refuse a loss below its lower bound by more than rounding: that of its value, and what the gradient's makes of
    distances of the parameters' `size`.
    """
    rounding = AT_FLOOR * (values.loss_floor + size * values.gradient_floor)
    _checks.above_bound(verb, values.loss, least_loss, below=values.loss < least_loss - rounding)


def leaves_saddle(along_descent: float, allowed: float, values: Values, least_loss: float) -> bool:
    """More than what is allowed of a way lies along certainly negative curvature: there the flow leaves a saddle. Not
    where the loss is its lower bound: no flow descends from a global minimum, and the curvature along a set of them has
    the size and the sign of what the gradient leaves open.
    """
    return along_descent > allowed and not attains(values, least_loss)


def channel_pair(parameters: PyTree, *, alignment: float, duplicate: float, balance: float) -> tuple[int, int] | None:
    """Two neurons with `duplicate` < 1 − |cos| < `alignment` whose output weights, in a common sign of w, oppose each
    other, the smaller at least `balance` of the larger.
    """
    if not isinstance(parameters, TwoLayerNetwork):
        return None
    weights, output = np.asarray(parameters.weights), np.asarray(parameters.output)
    norms = np.linalg.norm(weights, axis=1)
    for i, j in combinations(range(len(output)), 2):
        if norms[i] == 0 or norms[j] == 0:
            continue
        first, second = weights[i] / norms[i], weights[j] / norms[j]
        sign = 1.0 if first @ second >= 0 else -1.0
        # ‖ŵ − ŵ′‖²/2 = 1 − cos, without the cancellation
        apart = np.sum((first - sign * second) ** 2) / 2
        opposed = output[i] * output[j] * sign < 0 and min(abs(output[[i, j]])) >= balance * max(abs(output[[i, j]]))
        if duplicate < apart < alignment and opposed:
            return i, j
    return None


def channel_goes_on(here: TwoLayerNetwork, further: TwoLayerNetwork, pair: tuple[int, int]) -> bool:
    """From `here` to `further` the pair's opposed output weights grow and its weight vectors approach: next to
    duplicates that only look like a channel it is the other way round.
    """

    def apart(network: TwoLayerNetwork) -> tuple[float, float]:
        (first, second), outputs = (np.asarray(network.weights)[list(pair)], np.asarray(network.output)[list(pair)])
        sign = 1.0 if first @ second >= 0 else -1.0
        return float(np.linalg.norm(first - sign * second)), abs(float(outputs[0] - sign * outputs[1]))

    (weights, outputs), (weights_further, outputs_further) = apart(here), apart(further)
    return outputs_further > outputs and weights_further < weights
