"""Balls: every result contains the true value."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from gradflow._arithmetic import balls

BALLS = balls(100)


def test_every_operation_encloses_mpmaths_value_of_sixty_digits():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 50)), rng.uniform(0.1, 3, size=(2, 50))
    with BALLS.working(), mpmath.workdps(60):
        found = BALLS.arctangent(BALLS.array(x), BALLS.sqrt(BALLS.array(y))) / BALLS.pi
        for ball, a, b in zip(found.ravel(), x.ravel(), y.ravel(), strict=True):
            true = mpmath.atan2(mpmath.mpf(a), mpmath.sqrt(mpmath.mpf(b))) / mpmath.pi
            assert BALLS.encloses(ball, true)
            assert not BALLS.encloses(ball, true + mpmath.mpf(2) ** -90)


def test_comparisons_hold_for_every_number_of_a_ball():
    wide = BALLS.ball(0.0, 1.0)
    assert not wide > 0
    assert not wide < 0
    assert BALLS.ball(2.0, 1.0) > 0


def test_bounds_in_float64_are_on_the_safe_side():
    with BALLS.working():
        third = BALLS.number(1) / 3
    assert BALLS.lower(third) < BALLS.upper(third)
    assert 3 * mpmath.mpf(BALLS.lower(third)) < 1 < 3 * mpmath.mpf(BALLS.upper(third))
    assert BALLS.size(BALLS.array([1.0, -2.0])) == math.nextafter(2.0, math.inf)
    assert BALLS.size(BALLS.array([1.0, math.nan])) == math.inf
    assert BALLS.size(BALLS.array([])) == 0


def test_a_product_of_matrices_is_that_of_their_entries():
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    with BALLS.working():
        found = BALLS.product(BALLS.array(left), BALLS.array(right))
    for i in range(3):
        for j in range(2):
            with mpmath.workdps(60):
                true = mpmath.fsum(mpmath.mpf(left[i, m]) * mpmath.mpf(right[m, j]) for m in range(4))
            assert BALLS.encloses(found[i, j], true)
    assert BALLS.product(BALLS.array(np.zeros((3, 0))), BALLS.array(np.zeros((0, 2)))).shape == (3, 2)


@pytest.mark.parametrize("value", [0.1, -3.0, 0.0, 2.0**-1070])
def test_a_middle_is_kept_exactly(value):
    assert BALLS.exact(BALLS.number(value)) == Fraction(value)
    assert BALLS.number(Fraction(value)) == BALLS.number(value)


def test_a_fraction_that_is_no_float_is_enclosed():
    third = BALLS.number(Fraction(1, 3))
    assert not third.is_exact()
    assert (3 * third).contains(1)


def test_the_norm_of_balls_around_zero_is_finite():
    with BALLS.working():
        assert BALLS.norm(BALLS.around(BALLS.array([0.0, 0.0]), 1e-40)) < 1.5e-40
        assert BALLS.norm(BALLS.array([3.0, -4.0])) == pytest.approx(5, rel=1e-15)
        assert BALLS.norm(BALLS.array([1.0, math.nan])) == math.inf


def test_bounds_beyond_float64s_range_are_on_the_safe_side():
    with BALLS.working():
        vast = BALLS.number(2) ** 2000
    largest = float(np.finfo(np.float64).max)
    assert (BALLS.lower(vast), BALLS.upper(vast)) == (largest, math.inf)
    assert (BALLS.lower(-vast), BALLS.upper(-vast)) == (-math.inf, -largest)
    assert 0 < BALLS.upper(1 / vast) < 1e-300
