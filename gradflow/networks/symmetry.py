"""The symmetry group of a two-layer network with an odd activation: permutations and signs of its neurons.

(w_i, a_i) → (−w_i, −a_i) leaves f unchanged because σ is odd. Equality of networks is equality modulo this group.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.networks.two_layer import TwoLayerNetwork

# sums of squares of thousands of numbers below this are numbers
_SQUARABLE = 1e150


def permute(network: Checked[TwoLayerNetwork], order: Any) -> TwoLayerNetwork:
    """The same function with its neurons in another order: every number from 0 to width − 1 once."""
    order = _checks.permutation("permute", "order", order, _network("permute", "network", network).width)
    weights, output = np.asarray(network.weights), np.asarray(network.output)
    return TwoLayerNetwork(weights[order], output[order], network.activation)


def flip(network: Checked[TwoLayerNetwork], signs: Any) -> TwoLayerNetwork:
    """The same function with (w_i, a_i) multiplied by signs_i = ±1 (for an odd activation)."""
    signs = _checks.signs("flip", "signs", signs, _network("flip", "network", network).width)
    weights, output = np.asarray(network.weights), np.asarray(network.output)
    return TwoLayerNetwork(weights * signs[:, None], output * signs, network.activation)


def align(network: Checked[TwoLayerNetwork], reference: Checked[TwoLayerNetwork]) -> TwoLayerNetwork:
    """`network` with its neurons permuted and flipped so that they stand where those of `reference` do.

    The assignment minimises the sum of the squared distances Σ_i ‖(w, a)_i − (w, a)′_i‖², each relative as in
    `distance`. Raises `ValueError` for networks of different shapes.
    """
    given = _network("align", "network", network).weights.shape
    _checks.same_shape("align", given, _network("align", "reference", reference).weights.shape)
    order, signs = matched(_rows(network), _rows(reference))
    return flip(permute(network, order), signs)


def matched(
    ours: Float[np.ndarray, "width row"], theirs: Float[np.ndarray, "width row"]
) -> tuple[Int[np.ndarray, " width"], Float[np.ndarray, " width"]]:
    """Which of our rows (w, a) stands for each of theirs, and with which sign: the least sum of squared distances."""
    same, opposite = _relative(ours, theirs), _relative(-ours, theirs)
    rows, columns = linear_sum_assignment(np.minimum(np.minimum(same, opposite), _SQUARABLE).T ** 2)
    order = columns[np.argsort(rows)]
    places = np.arange(len(order))
    return order, np.where(same[order, places] <= opposite[order, places], 1.0, -1.0)


def distance(network: Checked[TwoLayerNetwork], reference: Checked[TwoLayerNetwork]) -> float:
    """The largest over neurons of ‖(w, a) − (w, a)′‖ / max(1, ‖(w, a)′‖) at the best permutation and signs; infinite
    for networks of different shapes.
    """
    given = _network("distance", "network", network).weights.shape
    if given != _network("distance", "reference", reference).weights.shape:
        return float("inf")
    return float(np.max(neuron_distances(align(network, reference), reference)))


def neuron_distances(network: TwoLayerNetwork, reference: TwoLayerNetwork) -> Float[np.ndarray, " width"]:
    """‖(w, a) − (w, a)′‖ / max(1, ‖(w, a)′‖), neuron by neuron as they stand."""
    return row_distances(_rows(network), _rows(reference))


def row_distances(
    ours: Float[np.ndarray, "width row"], theirs: Float[np.ndarray, "width row"]
) -> Float[np.ndarray, " width"]:
    """The same of rows (w, a)."""
    return np.diagonal(_relative(ours, theirs))


def _network(verb: str, name: str, value: Any) -> TwoLayerNetwork:
    """One network; the states of a path are many."""
    network: TwoLayerNetwork = _checks.instance(verb, name, value, TwoLayerNetwork, f"gf.{verb}(point.student, ...)")
    _checks.network_shapes(network.weights, network.output)
    return network


def _rows(network: TwoLayerNetwork) -> Float[np.ndarray, "width row"]:
    return np.concatenate([np.asarray(network.weights), np.asarray(network.output)[:, None]], axis=1)


def _relative(
    ours: Float[np.ndarray, "width row"], theirs: Float[np.ndarray, "width row"]
) -> Float[np.ndarray, "width width"]:
    unit = max(unit_of(ours), unit_of(theirs))
    ours, theirs = ours / unit, theirs / unit
    difference = np.linalg.norm(ours[:, None] - theirs[None], axis=2)
    relative: Float[np.ndarray, "width width"] = difference / np.maximum(1 / unit, np.linalg.norm(theirs, axis=1))
    return relative


def unit_of(rows: Float[np.ndarray, "width row"]) -> float:
    """1, or where squares of the entries would overflow a power of two of their size, which rounds nothing away."""
    largest = float(np.max(np.abs(rows), initial=0.0))
    return 1.0 if largest < _SQUARABLE else 2.0 ** (math.frexp(largest)[1] + 1)
