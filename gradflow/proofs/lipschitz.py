"""How fast the Hessian can change."""

import math

import numpy as np
from jaxtyping import Float

# rounded up: √(2/π) ≥ |σ′|, |σ‴| and |σ″(u)|/|u|; 2/π
_SLOPE, _SLOPE_SQUARED = 0.79789, 0.63663
# √3 √(2/(πe)), the largest |σ″| times √E[x⁴]; √15 √(2/π), √15 = √E[x⁶]
_BEND, _THIRD = 0.83822, 3.0902
# 3 × the above × the largest |s| t² with s² + t² = 1, 2/(3√3)
_MIXED = 0.9679
_UP = 1 + 2.0**-20


def hessian_lipschitz(
    output: Float[np.ndarray, " student"],
    norms: Float[np.ndarray, " student"],
    loss: float,
    reach: float,
    counts: Float[np.ndarray, " student"] | None = None,
) -> float:
    """A bound on ‖H(θ) − H(θ′)‖/‖θ − θ′‖ (2-norms) for all θ, θ′ within `reach` of the point with output weights of
    these sizes, weight vectors of these norms and at most this loss; each neuron `counts` times.

    The change along δ is at most sup |D³L[δ, x, x]| over unit x, and that is at most ‖δ‖ sup |D³L[x, x, x]| (Banach,
    for symmetric forms). With ‖·‖ the norm of L²(x) and f the student,

        D³L[x,x,x] = 2 E[(f − f*) D³f[x,x,x]] + 6 E[Df[x] D²f[x,x]],
        ‖f − f*‖ = √L,  ‖Df[x]‖ ≤ √Σ(1 + (2/π) a_i²),
        ‖D²f[x,x]‖ ≤ √(2/π) + max_i |a_i| min(√(6/(πe)), √(30/π) ‖w_i‖),
        ‖D³f[x,x,x]‖ ≤ √(30/π) max_i |a_i| + 2 √(2/(πe)),

    from |σ| ≤ 1, the bounds on σ′, σ″, σ‴, E[(w·x)⁴] = 3‖w‖⁴, E[(w·x)⁶] = 15‖w‖⁶, and Σ(ȧ_i² + ‖ẇ_i‖²) = 1.
    """
    sizes, lengths = np.abs(output) + reach, norms + reach
    counts = np.ones_like(sizes) if counts is None else counts
    first = network_lipschitz(sizes, counts)
    second = _SLOPE + float(np.max(sizes * np.minimum(_BEND, _THIRD * lengths)))
    third = _THIRD * float(np.max(sizes)) + _MIXED
    return _UP * (2 * (math.sqrt(loss) + first * reach) * third + 6 * first * second)


def network_lipschitz(
    output: Float[np.ndarray, " student"], counts: Float[np.ndarray, " student"] | None = None
) -> float:
    """A bound on ‖f_θ − f_θ′‖/‖θ − θ′‖ where output weights have at most these sizes: √Σ(1 + (2/π) a_i²)."""
    counts = np.ones_like(output) if counts is None else counts
    return _UP * math.sqrt(float(np.sum(counts * (1 + _SLOPE_SQUARED * output * output))))


def output_slope_bend(loss: float) -> float:
    """A bound on |d²/dt² 2 E[(f − f*) σ((w + t e)·x)]|, ‖e‖ = 1, at a loss of at most this."""
    return _UP * 2 * math.sqrt(loss) * _BEND
