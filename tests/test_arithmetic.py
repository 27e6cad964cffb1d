"""Arithmetics: float64 and many digits behind one interface."""

import mpmath
import numpy as np
import pytest

from gradflow._arithmetic import FLOAT64, arithmetic_of, extended


@pytest.mark.parametrize("arithmetic", [FLOAT64, extended(40)])
def test_both_kinds_compute_the_same(arithmetic):
    values = arithmetic.array([[2.0, 0.5], [0.5, 1.0]])
    assert float(arithmetic.sqrt(values)[0, 0]) == 2**0.5
    assert float(arithmetic.arctangent(values, values + 1)[1, 1]) == pytest.approx(np.arctan2(1, 2), rel=1e-15)
    eigenvalues = arithmetic.eigenvalues(values)
    np.testing.assert_allclose(eigenvalues.astype(float), [1.5 - 0.5**0.5, 1.5 + 0.5**0.5], rtol=1e-15)
    solution = arithmetic.solve(values, arithmetic.array([1.0, 2.0]))
    np.testing.assert_allclose(solution.astype(float), [0.0, 2.0], atol=1e-15)
    assert arithmetic.stack([1.0, values]).shape == (2, 2, 2)


@pytest.mark.parametrize("arithmetic", [FLOAT64, extended(40)])
def test_a_singular_system_has_no_finite_solution(arithmetic):
    solution = arithmetic.solve(arithmetic.array([[1.0, 1.0], [1.0, 1.0]]), arithmetic.array([1.0, 2.0]))
    assert not np.any(np.isfinite(solution.astype(float)))


def test_digits_are_those_asked_for():
    assert arithmetic_of(15) is FLOAT64
    arithmetic = arithmetic_of(50)
    assert arithmetic is extended(50)
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(arithmetic.sqrt(arithmetic.array(2.0)).item()) - mpmath.sqrt(2)) < 1e-49
    # a float is taken as the number that it is
    assert arithmetic.number(0.1) == mpmath.mpf(0.1)
    assert arithmetic.number(np.float64(0.1)) == mpmath.mpf(0.1)
