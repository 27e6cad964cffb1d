"""Wilson's interval of a share."""

import pytest
from scipy.special import ndtri

from gradflow.sweeps.shares import share_interval


@pytest.mark.parametrize(
    ("count", "runs", "lower", "upper"),
    [
        # roots of (p̂ − q)² = z² q (1 − q)/N in 30 digits of mpmath, z = √2 erfinv(0.95)
        (0, 10, 0.0, 0.277532799862889252715),
        (7, 10, 0.396778147461145319882, 0.892208732593698979032),
        (10, 10, 0.722467200137110747285, 1.0),
        (1, 1, 0.206549314377237387968, 1.0),
        (333, 1000, 0.304477903348356226, 0.362800233985821918),
    ],
)
def test_the_ends_are_those_of_wilsons_formula(count, runs, lower, upper):
    assert share_interval(count, runs) == pytest.approx((lower, upper), rel=1e-13)
    # the same interval of the share of all other classes, seen from 1
    assert share_interval(runs - count, runs) == pytest.approx((1 - upper, 1 - lower), rel=1e-13)


def test_at_another_level_a_score_test_just_rejects_either_end():
    lower, upper = share_interval(3, 20, level=0.99)
    # mpmath, as above
    assert (lower, upper) == pytest.approx((0.0387870605080704326, 0.435586720261055782), rel=1e-13)
    for end in (lower, upper):
        assert abs(3 / 20 - end) / (end * (1 - end) / 20) ** 0.5 == pytest.approx(ndtri(0.995), rel=1e-13)


def test_nothing_seen_and_nothing_else_seen_end_exactly_at_0_and_1():
    assert all(
        share_interval(0, runs).lower == 0.0 and share_interval(runs, runs).upper == 1.0 for runs in range(1, 99)
    )
