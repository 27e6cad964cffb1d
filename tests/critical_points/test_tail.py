"""Where a path that does not arrive is heading."""

import jax.numpy as jnp
import numpy as np
import pytest
from oracles.tails import POINT, TAILS

import gradflow as gf
from gradflow.critical_points import End
from gradflow.critical_points.tail import tail_of

# one of each family, in few dimensions
FEW = [tail for tail in TAILS if tail.name in ("x^4 + 3x^2y^2 + y^4", "x^4 + 2", "logistic regression")]
FEW = [tail for tail in FEW if tail.dimension < 4]


def power_path(rate, last=1e6, shift=1.0):
    """A path in the plane along (3, 4)/5 on which ‖∇L‖ = (t + shift)^(−rate), exactly, and L by its integral."""
    times = np.geomspace(1.0, last, 1 + 10 * round(np.log10(last)))
    clock = times + shift
    lengths = np.log(clock) if rate == 1 else clock ** (1 - rate) / (1 - rate)
    states = lengths[:, None] * np.array([0.6, 0.8]) + np.array([2.0, -1.0])
    losses = 3.0 + clock ** (1 - 2 * rate) / (2 * rate - 1)
    return times, states, losses, clock ** (-2 * rate)


@pytest.mark.parametrize("p", [3.0, 4.0, 6.0, 10.0])
def test_an_algebraic_path_to_a_point_gives_its_exponent_its_limit_and_its_loss(p):
    tail = tail_of(*power_path((p - 1) / (p - 2)))
    assert tail.end is End.DEGENERATE
    assert tail.exponent == pytest.approx(p, abs=1e-3)
    assert tail.rate == pytest.approx((p - 1) / (p - 2), abs=1e-3)
    assert tail.loss == pytest.approx(3.0, abs=1e-3 * tail.loss_left)
    left = 1e6 ** (-1 / (p - 2)) * (p - 2)
    np.testing.assert_allclose(tail.point, [2.0, -1.0], atol=1e-3 * left)


@pytest.mark.parametrize("q", [0.5, 1.0, 2.0, 4.0, np.inf])
def test_a_path_to_infinity_gives_its_exponent_its_direction_and_its_loss(q):
    tail = tail_of(*power_path(1.0 if np.isinf(q) else (q + 1) / (q + 2)))
    assert tail.end is End.INFINITY
    assert tail.exponent == pytest.approx(q, abs=1e-3)
    assert tail.loss == pytest.approx(3.0, abs=1e-3 * tail.loss_left)
    assert tail.point is None
    np.testing.assert_allclose(tail.direction, [0.6, 0.8], atol=1e-9)


def test_times_that_are_wrong_change_nothing():
    times, *rest = power_path(1.5)
    wrong = times * np.exp(0.3 * np.sin(np.arange(len(times)) / 5))
    assert tail_of(np.sort(wrong), *rest).exponent == pytest.approx(4.0, abs=1e-3)


def test_what_is_left_across_a_narrow_valley_does_not_hide_its_end():
    times, states, losses, squares = power_path(2 / 3)
    noisy = squares * np.exp(np.random.default_rng(0).normal(scale=3.0, size=len(times)))
    tail = tail_of(times, states, losses, noisy)
    assert (tail.end, tail.exponent) == (End.INFINITY, pytest.approx(1.0, abs=0.02))


def test_exponential_convergence_is_no_degenerate_point():
    times = np.geomspace(1.0, 20.0, 60)
    fall = np.exp(-times)
    tail = tail_of(times, fall[:, None] * np.array([[0.6, 0.8]]), fall**2 / 2, fall**2)
    assert tail.end is End.QUADRATIC


def test_a_logarithm_has_no_lower_bound():
    times, clock = np.geomspace(1.0, 1e6, 61), np.geomspace(1.0, 1e6, 61) + 1.0
    tail = tail_of(times, np.sqrt(2 * clock)[:, None], -np.log(2 * clock) / 2, 1 / (2 * clock))
    assert tail.end is End.UNBOUNDED


def test_a_path_that_no_law_describes_is_undecided():
    times, states, losses, squares = power_path(2 / 3)
    waves = np.exp(0.5 * np.sin(np.arange(len(times)) / 3))
    lengths = np.concatenate([[0.0], np.cumsum(np.diff(states[:, 0]) * waves[1:])])
    tail = tail_of(times, lengths[:, None], losses, squares * waves)
    assert tail.end is End.UNDECIDED
    assert "no law fits" in str(tail)


@pytest.mark.slow
def test_a_quadratic_of_very_different_curvatures_is_not_degenerate():
    # so many decay rates look like a power of the time, as long as the slowest has not won
    curvatures = np.geomspace(1e-7, 1.0, 30)
    problem = gf.Loss(lambda x: jnp.sum(curvatures * (x**2 + 1e-3 * x**4)), init=np.ones(30))
    path = gf.flow(problem, problem.init, gradient_tolerance=1e-5)
    verdict = gf.classify(problem, path, trajectory=path)
    assert verdict.kind is gf.Kind.UNDECIDED
    assert "the path still turns" in verdict.reason
    assert gf.solve(problem, problem.init).classification.kind is gf.Kind.MINIMUM


def test_few_steps_tell_nothing():
    times, *rest = power_path(1.5)
    assert "too few steps" in str(tail_of(times[-5:], *(values[-5:] for values in rest)))


@pytest.mark.slow
@pytest.mark.parametrize("known", FEW, ids=[f"{tail.name}, {tail.dimension}" for tail in FEW])
def test_solve_names_the_end_of_a_known_tail(known):
    problem = known.loss()
    solution = gf.solve(problem, problem.init)
    verdict = solution.classification
    assert verdict.kind is (gf.Kind.DEGENERATE if known.end == POINT else gf.Kind.MINIMUM_AT_INFINITY)
    assert verdict.tail.exponent == pytest.approx(known.exponent, abs=0.05)
    assert bool(solution.result == gf.RESULTS.successful)
    assert "ollow the flow further" not in str(solution)
    if known.end == POINT:
        assert verdict.global_minimum or "the loss tends to its lower bound" in verdict.reason
        way_left = np.linalg.norm(np.asarray(solution.trajectory.final) - known.limit)
        assert np.linalg.norm(verdict.tail.point - known.limit) <= 0.05 * way_left
        assert np.linalg.norm(np.asarray(solution.parameters) - known.limit) <= way_left
    else:
        assert "the loss tends to its lower bound" in verdict.reason


def test_a_tail_that_falls_faster_than_an_exponential_is_no_flat_point():
    problem = gf.Loss(lambda w: jnp.exp(-(w[0] ** 2) / 2), init=[1.0])
    verdict = gf.solve(problem, problem.init).classification
    assert verdict.kind is gf.Kind.MINIMUM_AT_INFINITY
    assert np.isinf(verdict.tail.exponent)


def test_a_ridge_of_the_loss_is_no_degenerate_minimum():
    problem = gf.Loss(lambda x: x[0] ** 4 - x[1] ** 2, init=[1.0, 0.0])
    path = gf.flow(problem, problem.init)
    verdict = gf.classify(problem, path, trajectory=path)
    assert (verdict.kind, verdict.index) == (gf.Kind.UNDECIDED, 1)
    assert "heads for a degenerate point" in verdict.reason


@pytest.mark.slow
def test_a_saddle_at_infinity_is_no_minimum_there():
    problem = gf.Loss(lambda x: (1 - x[1] ** 2 + x[1] ** 4) / (1 + x[0] ** 2), init=[0.6, 0.0])
    path = gf.flow(problem, problem.init)
    verdict = gf.classify(problem, path, trajectory=path)
    assert verdict.kind is gf.Kind.UNDECIDED
    assert "runs to infinity" in verdict.reason


@pytest.mark.slow
def test_powell_s_singular_function_ends_in_its_degenerate_minimum():
    # Powell (1962): a Hessian of rank 2 at the minimum 0
    def powell(x):
        return (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4

    solution = gf.solve(gf.Loss(powell, [3.0, -1.0, 0.0, 1.0], least_loss=0.0), [3.0, -1.0, 0.0, 1.0])
    verdict = solution.classification
    assert verdict.kind is gf.Kind.DEGENERATE
    assert verdict.tail.exponent == pytest.approx(4.0, abs=0.05)
    way_left = np.linalg.norm(solution.trajectory.final)
    np.testing.assert_allclose(verdict.tail.point, np.zeros(4), atol=0.05 * way_left)
    assert np.linalg.norm(solution.parameters) <= 1e-3 * way_left
    assert (verdict.global_minimum, verdict.nullity) == (True, 2)


def test_without_a_path_nothing_is_fitted():
    problem = gf.Loss(lambda w: jnp.exp(-w[0]), init=[0.0])
    verdict = gf.classify(problem, [18.0])
    assert (verdict.kind, verdict.tail) == (gf.Kind.UNDECIDED, None)


@pytest.mark.slow
def test_a_neuron_on_its_way_to_a_long_teacher_is_in_no_channel():
    # stopped half way, at w = 5e3 of 1e4: the law of the path changes there
    teacher = gf.TwoLayerNetwork([[1e4, 0.0]], [1.0])
    problem = gf.TeacherStudent(teacher, 1)
    path = gf.flow(problem, gf.TwoLayerNetwork([[0.5, 0.3]], [0.7]))
    verdict = gf.classify(problem, path, trajectory=path)
    assert verdict.kind is gf.Kind.UNDECIDED


@pytest.mark.slow
def test_a_valley_that_narrows_to_rounding_on_the_way_to_infinity_has_its_class():
    """Beale's function falls like 1/x along y = 1 + c/x, c = −13.875/14, across which its curvature grows like x²."""
    beale = gf.Loss(
        lambda x: sum((a - x[0] * (1 - x[1] ** i)) ** 2 for i, a in ((1, 1.5), (2, 2.25), (3, 2.625))), [-1.0, 2.0]
    )
    solution = gf.solve(beale, beale.init)
    assert solution.classification.kind is gf.Kind.MINIMUM_AT_INFINITY
    assert solution.classification.tail.exponent == pytest.approx(1, abs=0.1)
    assert solution.classification.tail.loss == pytest.approx(14.203125 - 13.875**2 / 14, abs=1e-4)
