"""The problems of Moré, Garbow & Hillstrom from their standard starts: where the flow ends, and what it is called.

A flow need not end in the lowest minimum, but in a published one, or in a saddle to which a symmetric start leads.

    PYTHONPATH=tests python benchmarks/landscapes.py
"""

from time import perf_counter

import jax.numpy as jnp
from oracles.more_garbow_hillstrom import CASES

import gradflow as gf
from gradflow._text import table


def main() -> None:
    rows = []
    for name, (residuals, start, minima) in CASES.items():
        began = perf_counter()
        problem = gf.Loss(lambda x, residuals=residuals: jnp.sum(residuals(x) ** 2), init=start, least_loss=0.0)
        solution = gf.solve(problem, problem.init, throw=False)
        loss = solution.trajectory.losses[-1] if solution.point is None else solution.point.loss
        kind = "-" if solution.classification is None else str(solution.classification.kind)
        published = " or ".join(f"{minimum:.6g}" for minimum in minima)
        steps, seconds = solution.trajectory.stats["steps"], perf_counter() - began
        rows.append([name, f"{loss:.6g}", published, kind, str(solution.result), steps, f"{seconds:.1f}"])
    print(table(["problem", "loss", "published", "kind", "result", "steps", "s with compiling"], rows))


if __name__ == "__main__":
    main()
