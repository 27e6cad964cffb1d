"""Linear networks and autoencoders: flat sets by formula, and the Hessian of a product of matrices in mpmath."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np

import gradflow as gf
from gradflow import Kind
from oracles.flat_set import FlatSet, told
from oracles.flat_traps import Truth
from oracles.inertia import settled
from oracles.landscape import Numbers, exact

# a singular value that is zero, or a product that is not there yet; those that are not zero are above 1e-3
NO_RANK = 1e-6


def linear_network(name: str, widths: Sequence[int], target: np.ndarray, most: int) -> FlatSet:
    """½ ‖W_L ⋯ W_1 − M‖², of a list of plain arrays W_l (widths[l + 1], widths[l])."""

    def loss(layers: Any) -> Any:
        product = layers[0]
        for layer in layers[1:]:
            product = layer @ product
        return 0.5 * jnp.sum((product - target) ** 2)

    def start(seed: int) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        return [rng.normal(size=(m, n)) / n**0.5 for n, m in pairwise(widths)]

    def truths(layers: Any) -> tuple[Truth, ...] | None:
        found = [np.asarray(layer) for layer in layers]
        if len(found) == 2:
            by_formula = two_layers(found, target)
            if by_formula is not None:
                return (by_formula,)
        return by_fifty_digits(found, target)

    return FlatSet(name, gf.Loss(loss, init=start(0)), start, most, truths)


def two_layers(layers: Sequence[np.ndarray], target: np.ndarray) -> Truth | None:
    """Of a minimum of ½ ‖BA − M‖², A (h, q), B (p, h), in closed form; None if it is another point.

    Where BA = M, the map (δA, δB) ↦ δB A + B δA has rank pq − (p − rank B)(q − rank A), which is that of the Hessian;
    {BA = M} is smooth there if that is pq, or if rank A + rank B = h + rank M, the most that it can be. Where
    rank M > h, BA is M's best approximation of rank h, unique up to GL(h), h² dimensions, and up to turns of singular
    vectors of the same singular value that are taken with those that are not, one a pair. Source: Baldi & Hornik,
    Neural Networks 2 (1989).
    """
    first, second = layers
    (h, q), p = first.shape, len(second)
    values = np.linalg.svd(target, compute_uv=False)
    rank = int(np.sum(values > NO_RANK))
    parameters = first.size + second.size
    # that much of the product is by how far a run stops short, and far less than a singular value
    if h < rank:
        missed = np.linalg.svd(target - second @ first, compute_uv=False)
        if np.max(np.abs(missed - np.sort([*values[h:], *[0.0] * h])[::-1])) > NO_RANK:
            return None
        ties = int(np.sum(np.abs(values[:h, None] - values[None, h:]) < NO_RANK))
        return Truth(Kind.MINIMUM_MANIFOLD, 0, h * h + ties)
    if np.max(np.abs(second @ first - target)) > NO_RANK:
        return None
    ranks = [int(np.linalg.matrix_rank(layer, tol=NO_RANK)) for layer in (second, first)]
    nullity = parameters - p * q + (p - ranks[0]) * (q - ranks[1])
    smooth = p == ranks[0] or q == ranks[1] or sum(ranks) == h + rank
    return Truth(Kind.MINIMUM_MANIFOLD if smooth else Kind.DEGENERATE, 0, nullity)


def by_fifty_digits(layers: Sequence[np.ndarray], target: np.ndarray) -> tuple[Truth, ...] | None:
    """By the Hessian; the set of minima of products of rank r is smooth of dimension P − r (p + q − r), where the map
    to matrices of rank r has full rank.
    """
    shapes = [layer.shape for layer in layers]
    start = np.concatenate([np.ravel(layer) for layer in layers])
    found = settled(start, lambda x: _slope(_layers(x, shapes), target), lambda x: _bend(_layers(x, shapes), target))
    if found is None:
        return None
    product = _product(_layers(found.point, shapes)).astype(np.float64)
    rank = int(np.linalg.matrix_rank(product, tol=NO_RANK))
    dimension = start.size - rank * (sum(product.shape) - rank)
    return told(found, dimension if found.inertia.nullity == dimension else None)


def _layers(vector: Numbers, shapes: Sequence[tuple[int, int]]) -> list[Numbers]:
    ends = np.cumsum([0] + [m * n for m, n in shapes])
    return [vector[a:b].reshape(s) for a, b, s in zip(ends[:-1], ends[1:], shapes, strict=True)]


def _product(layers: Sequence[Numbers]) -> Numbers:
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return product


def _around(layers: Sequence[Numbers], i: int) -> tuple[Numbers, Numbers]:
    """What stands left and right of the i-th layer in the product."""
    rows, columns = layers[-1].shape[0], layers[0].shape[1]
    after, before = layers[i + 1 :], layers[:i]
    return (_product(after) if after else exact(np.eye(rows))), (_product(before) if before else exact(np.eye(columns)))


def _slope(layers: Sequence[Numbers], target: np.ndarray) -> Numbers:
    residual = _product(layers) - exact(target)
    sides = [_around(layers, i) for i in range(len(layers))]
    return np.concatenate([(left.T @ residual @ right.T).ravel() for left, right in sides])


def _bend(layers: Sequence[Numbers], target: np.ndarray) -> Numbers:
    """JᵀJ, and ⟨R, ∂²(W_L ⋯ W_1)⟩, whose blocks are ⟨R, C δW_l B δW_k A⟩."""
    residual = _product(layers) - exact(target)
    sides = [_around(layers, i) for i in range(len(layers))]
    jacobian = np.concatenate([_columns(left, right) for left, right in sides], axis=1)
    matrix = jacobian.T @ jacobian
    ends = np.cumsum([0] + [layer.size for layer in layers])
    for upper in range(len(layers)):
        for lower in range(upper):
            between = layers[lower + 1 : upper]
            middle = _product(between) if between else exact(np.eye(layers[lower].shape[0]))
            outer = sides[upper][0].T @ residual @ sides[lower][1].T
            # entry (a, b) of the upper layer, (c, e) of the lower one
            block = np.einsum("ae,bc->abce", outer, middle, optimize=False)
            block = block.reshape(layers[upper].size, layers[lower].size)
            rows, columns = slice(ends[upper], ends[upper + 1]), slice(ends[lower], ends[lower + 1])
            matrix[rows, columns] += block
            matrix[columns, rows] += block.T
    return matrix


def _columns(left: Numbers, right: Numbers) -> Numbers:
    """∂(L W R)/∂W: rows are the entries of the product."""
    derivative = np.einsum("ia,bj->ijab", left, right, optimize=False)
    return derivative.reshape(left.shape[0] * right.shape[1], left.shape[1] * right.shape[0])


def of_rank(p: int, q: int, rank: int, seed: int) -> np.ndarray:
    """A matrix (p, q) whose rank is that exactly, in float64 too: of products of normal numbers rounded to quarters."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(p, rank)), rng.normal(size=(rank, q))
    found: np.ndarray = np.round(4 * factors[0]) @ np.round(4 * factors[1]) / 16
    return found


# properties (rows) of canary, salmon, oak and rose: grows, moves, roots, flies, swims, leaves, petals. Source: Saxe,
# McClelland & Ganguli (2013), figure 1, without its bark
SAXE = np.array(
    [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=float
)


def autoencoder(variances: Sequence[float], d: int) -> FlatSet:
    """tr[(I − AB) Σ (I − AB)ᵀ], A (D, d), B (d, D), Σ diagonal.

    Critical points are AB = P_I, I a set of r ≤ d axes, where index = #{(i, j) ∈ I × J: λ_j > λ_i} + (d − r)(D − r) and
    nullity = r² + 2r(d − r). Source: Baldi & Hornik (1989), with those of rank r < d.
    """
    lam = np.asarray(variances)

    def loss(parameters: Any) -> Any:
        rest = jnp.eye(len(lam)) - parameters[0] @ parameters[1]
        return jnp.sum(rest**2 * lam)

    def start(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return rng.normal(size=(len(lam), d)), rng.normal(size=(d, len(lam)))

    def truths(parameters: Any) -> tuple[Truth, ...] | None:
        product = np.asarray(parameters[0] @ parameters[1])
        taken = np.diagonal(product) > 0.5
        if np.max(np.abs(product - np.diag(taken))) > NO_RANK:
            return None
        r = int(np.sum(taken))
        index = int(np.sum(lam[~taken][None, :] > lam[taken][:, None])) + (d - r) * (len(lam) - r)
        kind = Kind.SADDLE if index else Kind.MINIMUM_MANIFOLD
        return (Truth(kind, index, r * r + 2 * r * (d - r)),)

    return FlatSet(f"autoencoder: d = {d} of {len(lam)}", gf.Loss(loss, init=start(0)), start, 20, truths)
