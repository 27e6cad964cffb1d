"""nearby_critical_point: saddles that a student is near to, found by Newton's method with damped steps."""

import numpy as np
import pytest

import gradflow as gf
from gradflow.critical_points import nearby_critical_point


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [1e-4, 1e-2])
def test_the_saddle_is_found_from_around_it(problem, seed, size):
    exact = gf.perturbed_n_copy(8, 4)
    noise = size * np.random.default_rng(seed).standard_normal(exact.student.weights.shape)
    start = gf.TwoLayerNetwork(exact.student.weights + noise, exact.student.output)
    found = nearby_critical_point(problem, start, 0.1)
    # reference.md: P-n-C at k = 8, n = 4
    assert found.loss == pytest.approx(0.0811155210088311603, abs=1e-14)
    assert gf.identify(problem, found).name == "P-n-C"
    way = np.asarray(problem.flatten(found.student) - problem.flatten(start))
    assert found.moved == pytest.approx(np.linalg.norm(way) / np.linalg.norm(problem.flatten(start)), rel=1e-12)
    assert found.gradient_norm <= 2 * found.gradient_floor


def test_none_is_farther_away_than_allowed(problem):
    exact = gf.perturbed_n_copy(8, 4).student
    start = gf.TwoLayerNetwork(exact.weights + 0.01, exact.output)
    assert nearby_critical_point(problem, start, 0.1) is not None
    assert nearby_critical_point(problem, start, 1e-4) is None


def test_where_there_is_none_none_is_found():
    # x + x³/3: the derivative is at least 1
    slope = gf.Loss(lambda x: x[0] + x[0] ** 3 / 3, [0.5])
    assert nearby_critical_point(slope, slope.init, 1.0) is None


def test_damped_steps_climb_to_a_saddle_where_newton_s_first_step_leads_away():
    # critical points of (x² − 1)² + y²: minima at x = ±1 and a saddle at 0; the curvature 12x² − 4 is small at 0.55
    well = gf.Loss(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2, [0.55, 0.3])
    assert not bool(
        gf.refine(well, well.init, options=gf.RefineOptions(saddle_distance=1.0)).result == gf.RESULTS.successful
    )
    found = nearby_critical_point(well, well.init, 1.0)
    assert np.allclose(found.parameters, 0, atol=1e-12)
    assert gf.classify(well, found).index == 1
