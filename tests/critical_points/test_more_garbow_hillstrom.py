"""Badly scaled sums of squares end in their published minima; benchmarks/landscapes.py has all 18."""

import jax.numpy as jnp
import pytest
from oracles.more_garbow_hillstrom import CASES

import gradflow as gf

# of parameters that differ by up to twelve orders
_SOME = ("Meyer", "Brown badly scaled", "Powell badly scaled")


@pytest.mark.slow
@pytest.mark.parametrize("name", _SOME)
def test_the_flow_ends_in_a_published_minimum(name):
    residuals, start, minima = CASES[name]
    problem = gf.Loss(lambda x: jnp.sum(residuals(x) ** 2), init=start, least_loss=0.0)
    solution = gf.solve(problem, problem.init)
    assert solution.classification.kind == "minimum"
    assert any(solution.point.loss == pytest.approx(minimum, rel=1e-5, abs=1e-12) for minimum in minima)
