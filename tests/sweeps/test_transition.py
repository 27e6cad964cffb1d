"""gamma1, the 50 % point and gamma2: a logistic fit with intervals, or the reason why there is none."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from gradflow.sweeps.transition import Estimate, Transition, transition

# the shares of the k = 30 sweep of the figures, 10 runs a width
RATIOS = tuple(n / 30 for n in range(13, 25))
COPIES = (10, 10, 7, 4, 2, 2, 0, 1, 0, 0, 1, 0)
RUNS = (10,) * 12


def log_likelihood(gamma, slope, share):
    """The definition, independent of the code's own form."""
    level = np.log(share / (1 - share))
    logits = level - np.multiply.outer(slope, np.array(RATIOS) - gamma)
    return np.sum(np.array(COPIES) * log_expit(logits) + (10 - np.array(COPIES)) * log_expit(-logits), axis=-1)


@pytest.mark.parametrize(("name", "share"), [("gamma1", 0.95), ("gamma50", 0.5), ("gamma2", 0.05)])
def test_the_points_are_the_likeliest_and_their_intervals_the_profile_likelihoods(name, share):
    found = getattr(transition(RATIOS, COPIES, RUNS), name)
    best = minimize(
        lambda v: -log_likelihood(v[0], np.exp(v[1]), share),
        [0.5, 3.0],
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2_000},
    )
    assert found.value == pytest.approx(best.x[0], abs=1e-6)
    slopes = np.exp(np.linspace(1, 6, 100_001))
    for bound in (found.lower, found.upper):
        profile = log_likelihood(bound, slopes, share).max()
        # chi-squared with one degree of freedom: 3.841458820694124 at 95 % (any table)
        assert -best.fun - profile == pytest.approx(3.841458820694124 / 2, abs=1e-6)
    assert found.lower < found.value < found.upper


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say():
    x = np.arange(1, 20) / 20
    truth = expit(-20 * (x - 0.55))
    rng = np.random.default_rng(0)
    draws = [transition(tuple(x), tuple(map(int, rng.binomial(20, truth))), (20,) * 19).gamma50 for _ in range(50)]
    held = sum(draw.lower <= 0.55 <= draw.upper for draw in draws)
    # 47.5 of 50, less three standard deviations (1.5)
    assert held >= 43


def test_a_step_has_an_interval_and_no_value():
    found = transition((0.2, 0.4, 0.6, 0.8), (10, 10, 0, 0), (10, 10, 10, 10))
    assert found.gamma50.value is None
    assert 0.4 < found.gamma50.lower < 0.41 < 0.59 < found.gamma50.upper < 0.6
    assert "no width has both" in found.status


def test_a_single_width_that_has_both_does_not_tell_how_steep_the_curve_is():
    found = transition((0.2, 0.4, 0.6, 0.8), (10, 10, 6, 0), (10, 10, 10, 10))
    assert (found.gamma1.value, found.gamma50.value, found.gamma2.value) == (None, None, None)
    assert 0.4 < found.gamma50.lower < 0.6 < found.gamma50.upper < 0.8
    assert "only one width has both" in found.status


def test_an_outlier_far_beyond_the_curve_is_told():
    ratios, runs = tuple(np.arange(1, 21) / 20), (40,) * 20
    copies = [40] * 9 + [36, 20, 4] + [0] * 8
    assert transition(ratios, tuple(copies), runs).status == "found"
    copies[17] = 6
    assert "scatter more than a logistic curve allows" in transition(ratios, tuple(copies), runs).status


@pytest.mark.parametrize(
    ("copies", "runs", "reason"),
    [
        ((10, 10), (10, 10), "up to n/k = 0.500 all of the two are C-A"),
        ((0, 0), (10, 10), "from n/k = 0.250 on all of the two are P-n-C"),
        ((0, 0), (0, 0), "no run with n < k ended in C-A or P-n-C"),
        ((2, 7), (10, 10), "does not fall as n/k grows"),
        ((5, 0), (10, 0), "one width alone has no curve"),
    ],
)
def test_where_there_is_no_transition_there_is_a_reason(copies, runs, reason):
    found = transition((0.25, 0.5), copies, runs)
    assert (found.gamma1.value, found.gamma2.lower) == (None, None)
    assert reason in found.gamma1.status
    assert reason in str(found)
    assert str(found.gamma1) == "undecided"


def test_without_a_width_below_the_teachers_there_is_nothing_to_say():
    assert str(transition((), (), ())) == "no run with n < k; at n = k C-A and P-n-C are one point"


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        ((0.5, 0.4, 0.6), "0.500 [0.400, 0.600]"),
        ((0.5, None, 0.6), "0.500 [?, 0.600]"),
        ((None, 0.559, 0.833), "undecided, in [0.559, 0.833]"),
        ((None, 0.559, None), "undecided, at least 0.559"),
        ((None, None, 0.833), "undecided, at most 0.833"),
        ((None, None, None), "undecided"),
        ((-0.0001, -0.0004, 0.1), "0.000 [0.000, 0.100]"),
    ],
)
def test_an_estimate_without_a_value_shows_no_interval_as_if_it_had_one(estimate, said):
    assert str(Estimate(*estimate, status="")) == said
    whole = str(Transition(*[Estimate(*estimate, status="found")] * 3, deviance=0.0, degrees_of_freedom=1))
    assert "- [" not in whole
    assert ("=" in whole) == (estimate[0] is not None)
