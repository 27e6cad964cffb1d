"""Time of each derivative inside one compiled loop, over the time of its matrix products, against `jax.grad`,
`jax.hessian`, NumPy and numba.

    python benchmarks/derivatives.py
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import rivals
from jax import lax

from gradflow._text import table

SIZES = ((10, 20), (23, 50), (46, 100), (60, 100))
LARGEST_JAX_HESSIAN = 1_200  # parameters: beyond it jax.hessian holds P gradients' intermediates at once


def in_a_loop(function: Callable[[Any], Any], start: jax.Array, repetitions: int) -> float:
    """Microseconds a call: the median of five compiled loops, in which each call needs the one before and the result
    stays in one buffer.
    """

    @jax.jit
    def loop(start: jax.Array) -> Any:
        def body(_: Any, carry: Any) -> Any:
            point, _ = carry
            result = function(point)
            return point + 1e-30 * result.ravel()[0], result

        return lax.fori_loop(0, repetitions, body, (start, jnp.zeros_like(function(start))))

    jax.block_until_ready(loop(start))
    return _median(lambda: jax.block_until_ready(loop(start))) / repetitions


def by_hand(function: Callable[[Any], Any], start: np.ndarray, repetitions: int) -> float:
    """Microseconds a call of a function that is not JAX's."""

    def loop() -> None:
        for _ in range(repetitions):
            function(start)

    loop()
    return _median(loop) / repetitions


def numpy_gradient(n: int, k: int) -> Callable[[np.ndarray], np.ndarray]:
    """The same formulas in NumPy."""
    d = k + 1

    def gradient(vector: np.ndarray) -> np.ndarray:
        weights, output = vector[: n * d].reshape(n, d), vector[n * d :]
        c, across = weights @ weights.T, weights[:, :k]
        a = 1 + np.diagonal(c)
        root, root_across = np.sqrt(np.outer(a, a) - c * c), np.sqrt(2 * a[:, None] - across**2)
        own, other = 2 / np.pi / root * output, 2 / np.pi / root_across
        along = ((own * c).sum(1) - (other * across).sum(1)) / a
        moved = own @ weights - along[:, None] * weights
        moved[:, :k] -= other
        outputs = 4 / np.pi * (np.arctan2(c, root) @ output - np.arctan2(across, root_across).sum(1))
        return np.concatenate([(2 * output[:, None] * moved).ravel(), outputs])

    return gradient


def _median(run: Callable[[], Any]) -> float:
    times = []
    for _ in range(5):
        began = perf_counter()
        run()
        times.append(perf_counter() - began)
    return float(np.median(times)) * 1e6


def row_of(n: int, k: int) -> tuple[str, ...]:
    """One size."""
    d = k + 1
    problem = rivals.problem(n, k)
    student = problem.init(jax.random.key(0))
    start = problem.flatten(student)
    size, repetitions = start.size, 30_000 // n
    formula = rivals.formula(n, k, d)

    def at(vector: jax.Array) -> Any:
        return problem.unflatten(vector, student)

    def products(vector: jax.Array) -> jax.Array:
        weights = vector[: n * d].reshape(n, d)
        return (weights @ weights.T) @ weights

    def many_products(vector: jax.Array) -> jax.Array:
        operator = problem.hessian_operator(at(vector))
        return lax.fori_loop(0, 50, lambda _, v: 1e-3 * problem.flatten(operator(at(v))), vector)

    limit = in_a_loop(products, start, repetitions)
    gradient = in_a_loop(lambda v: problem.flatten(problem.gradient(at(v))), start, repetitions)
    loss = in_a_loop(lambda v: problem.loss(at(v))[None], start, repetitions)
    product = in_a_loop(many_products, start, repetitions // 50) / 50
    by_jax = in_a_loop(jax.grad(formula), start, repetitions // 4)
    by_numba = by_hand(rivals.numba_gradient(n, k), np.asarray(start), repetitions // 4)
    by_numpy = by_hand(numpy_gradient(n, k), np.asarray(start), repetitions // 4)
    few = max(1, 20_000_000 // size**2)
    hessian = in_a_loop(lambda v: problem.hessian(at(v)), start, few)
    numba_hessian = by_hand(rivals.numba_hessian(n, k), np.asarray(start), few)
    jax_hessian = ""
    if size <= LARGEST_JAX_HESSIAN:
        jax_hessian = f"{in_a_loop(jax.hessian(formula), start, max(1, few // 20)) / hessian:.0f}"
    return (
        f"({n}, {k})",
        f"{limit:.1f}",
        f"{loss / limit:.1f}",
        f"{gradient / limit:.1f}",
        f"{product / (1.5 * limit):.1f}",
        f"{gradient:.1f}",
        f"{by_jax / gradient:.1f}",
        f"{by_numba / gradient:.1f}",
        f"{by_numpy / gradient:.1f}",
        f"{product:.1f}",
        f"{hessian / 1e3:.2f}",
        jax_hessian,
        f"{numba_hessian / hessian:.1f}",
    )


def main() -> None:
    rivals.one_core()
    rows = [row_of(n, k) for n, k in SIZES]
    print("limit: the two matrix products of a gradient, µs; loss, gradient and H v over theirs (H v has three)")
    print("then microseconds, and how many times as long the others take")
    ours = ("(n, k)", "limit", "loss", "gradient", "H v", "gradient µs", "jax.grad", "numba", "NumPy")
    print(table((*ours, "H v µs", "Hessian ms", "jax.hessian", "numba"), rows))


if __name__ == "__main__":
    main()
