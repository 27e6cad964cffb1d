"""How fast the Hessian can change."""

import math

import numpy as np
from jaxtyping import Float

# rounded up: √(2/π) ≥ |σ′|, |σ‴| and |σ″(u)|/|u|; 2/π
_SLOPE, _SLOPE_SQUARED = 0.79789, 0.63663
# √3 √(2/(πe)), the largest |σ″| times √E[x⁴]; √15 √(2/π), √15 = √E[x⁶]
_BEND, _THIRD = 0.83822, 3.0902
_UP = 1 + 2.0**-20


def hessian_lipschitz(
    output: Float[np.ndarray, " student"],
    norms: Float[np.ndarray, " student"],
    loss: float,
    reach: float,
    counts: Float[np.ndarray, " student"] | None = None,
    scales: Float[np.ndarray, " student"] | None = None,
) -> float:
    """A bound on ‖D⁻¹(H(θ) − H(θ′))D⁻¹‖/‖θ − θ′‖ (2-norms) for all θ, θ′ within `reach` of the point with output
    weights of these sizes, weight vectors of these norms and at most this loss; each neuron `counts` times. D is
    s_i ≥ 1 for the weights of a neuron, its `scales`, and 1 for output weights and where they are left out.

    The change along δ is at most sup |D³L[δ, x, x]| over |x| = 1, where |x|² = Σ(ȧ_i² + s_i²‖ẇ_i‖²). With ‖·‖ the norm
    of L²(x), f the student, β_i = |a_i| min(√(6/(πe)), √(30/π) ‖w_i‖) and ‖δ‖ = 1,

        D³L[δ,x,x] = 2 E[(f − f*) D³f[δ,x,x]] + 4 E[Df[x] D²f[δ,x]] + 2 E[Df[δ] D²f[x,x]],
        ‖f − f*‖ = √L,  ‖Df[δ]‖ ≤ √Σ(1 + (2/π) a_i²),  ‖Df[x]‖ ≤ √Σ(1 + (2/π) a_i²/s_i²),
        ‖D²f[x,x]‖ ≤ max_i (√(2/π)/s_i + β_i/s_i²),  ‖D²f[δ,x]‖ ≤ max_i √(2/π + (2/π)/s_i² + β_i²/s_i²),
        ‖D³f[δ,x,x]‖ ≤ max_i (√(6/(πe)) (1/s_i + 1/s_i²) + √(30/π) |a_i|/s_i²),

    from |σ| ≤ 1, the bounds on σ′, σ″, σ‴ (√(2/π), √(2/(πe)) or √(2/π)|u|, √(2/π)) and Hölder's inequality with
    E[(w·x)⁴] = 3‖w‖⁴, E[(w·x)⁶] = 15‖w‖⁶.
    """
    sizes = np.abs(output) + reach
    scales = np.ones_like(sizes) if scales is None else scales
    bends = sizes * np.minimum(_BEND, _THIRD * (norms + reach))
    everywhere, scaled = network_lipschitz(sizes, counts), network_lipschitz(sizes / scales, counts)
    second = float(np.max(_SLOPE / scales + bends / scales**2))
    mixed = math.sqrt(float(np.max(_SLOPE_SQUARED * (1 + 1 / scales**2) + (bends / scales) ** 2)))
    third = float(np.max(_BEND * (1 / scales + 1 / scales**2) + _THIRD * sizes / scales**2))
    return _UP * (2 * (math.sqrt(loss) + everywhere * reach) * third + 4 * scaled * mixed + 2 * everywhere * second)


def network_lipschitz(
    output: Float[np.ndarray, " student"], counts: Float[np.ndarray, " student"] | None = None
) -> float:
    """A bound on ‖f_θ − f_θ′‖/‖θ − θ′‖ where output weights have at most these sizes: √Σ(1 + (2/π) a_i²)."""
    counts = np.ones_like(output) if counts is None else counts
    return _UP * math.sqrt(float(np.sum(counts * (1 + _SLOPE_SQUARED * output * output))))


def output_slope_bend(loss: float) -> float:
    """A bound on |d²/dt² 2 E[(f − f*) σ((w + t e)·x)]|, ‖e‖ = 1, at a loss of at most this."""
    return _UP * 2 * math.sqrt(loss) * _BEND
