"""The flow's time: along algebraic tails, on leaving a saddle, and after steps that led to nowhere."""

import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

TAIL = gf.Loss(lambda w: jnp.exp(-w[0]), init=[0.0])  # L(t)(1 + t) = 1
# ẋ = x − x³ leaves the saddle at 0; y relaxes ten times as fast
WELLS = gf.Loss(lambda p: -(p[0] ** 2) / 2 + p[0] ** 4 / 4 + 5 * p[1] ** 2 + (p[0] * p[1]) ** 2, init=[0.0, 1.0])
SQUARE_ROOT = gf.Loss(lambda x: (jnp.sqrt(x[0]) - 0.1) ** 2, init=[1.0])
LOGARITHM = gf.Loss(lambda x: x[0] - 1e-6 * jnp.log(x[0]), init=[1.0])
METHODS = pytest.mark.parametrize("method", [None, gf.Diffrax()], ids=["NDF", "Kvaerno5"])


@pytest.mark.parametrize(
    ("rtol", "steps_of_bdf"), [(1e-3, 207), (1e-6, 624), (1e-9, 1736)], ids=["1e-3", "1e-6", "1e-9"]
)
def test_an_algebraic_tail_has_the_right_time_to_a_gradient_of_1e_14(rtol, steps_of_bdf):
    path = gf.flow(TAIL, [0.0], rtol=rtol, atol=1e-3 * rtol, gradient_tolerance=1e-14)
    # w grows to 32, so that rtol is 32 rtol of the loss a step: 5, 12 and 49 rtol were measured, where SciPy's BDF, in
    # which the errors of the t/h steps that are not forgotten yet add up, is off by 15, 66 and 167
    assert np.max(np.abs(path.losses * (1 + path.times) - 1)) <= 100 * rtol
    assert path.stats["steps"] <= 2 * steps_of_bdf
    assert path.stats["rejected"] <= 10


def time_to(path, radius):
    """When |x| passes a radius, between two samples by the logarithm of |x|."""
    sizes = np.abs(path.states[:, 0])
    after = int(np.argmax(sizes > radius))
    lower, upper = np.log(sizes[after - 1 : after + 1])
    return np.interp(np.log(radius), [lower, upper], path.times[after - 1 : after + 1])


@pytest.mark.slow
@pytest.mark.parametrize("displacement", [1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-11])
def test_a_saddle_is_left_when_it_should_be_however_small_the_displacement(displacement):
    path = gf.flow(WELLS, [displacement, 0.0], gradient_tolerance=1e-14, samples_per_decade=1_000)

    def clock(x):
        return np.log(x / np.sqrt(1 - x**2))  # of ẋ = x − x³

    assert time_to(path, 0.5) == pytest.approx(clock(0.5) - clock(displacement), rel=0.01)


@pytest.mark.slow
@METHODS
def test_a_trial_step_into_a_region_without_a_loss_leaves_no_trace(method):
    path = gf.flow(SQUARE_ROOT, [300.0], method=method)
    assert path.final[0] == pytest.approx(0.01, rel=1e-6)


@pytest.mark.slow
@METHODS
def test_a_step_onto_a_loss_that_is_not_a_number_is_rejected(method):
    path = gf.flow(LOGARITHM, [1.0], method=method)
    assert path.final[0] == pytest.approx(1e-6, rel=1e-6)
    assert np.all(np.isfinite(path.losses))


@pytest.mark.slow
def test_a_tolerance_near_rounding_is_followed_to_its_end():
    # of the residual of a long step rounding leaves more than this tolerance: 10,000 steps did not do
    problem = gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 4)
    start = gf.TwoLayerNetwork(np.sin(1 + np.arange(36.0)).reshape(4, 9), np.full(4, 0.5))
    path = gf.flow(problem, start, rtol=1e-9, atol=1e-12, gradient_tolerance=1e-12)
    assert path.stats["steps"] < 3_000
    assert path.stats["rejected"] < 200


@METHODS
def test_far_from_zero_a_flow_is_as_accurate_as_near_it(method):
    problem = gf.Loss(lambda x: jnp.sum(jnp.cosh(x - 1e6)), init=[1e6 + 6])
    path = gf.flow(problem, problem.init, method=method, end_time=1.0)
    exact = 2 * np.arctanh(np.tanh(3) * np.exp(-path.times))  # of ẏ = −sinh y
    np.testing.assert_allclose(path.states[:, 0] - 1e6, exact, rtol=0, atol=0.1)


def test_a_saddle_of_a_linear_autoencoder_is_left_later_by_the_logarithm_of_the_displacement():
    # E|x − ABx|² of inputs with covariance S, where AB spans the first and third axes: in A_22 and B_22, which turn the
    # third towards the second, the Hessian is ((2 S₃, −2 S₂), (−2 S₂, 2 S₂))
    covariance = np.array([5.0, 3.0, 2.0, 1.0, 0.5])
    curvatures, directions = np.linalg.eigh([[4.0, -6.0], [-6.0, 6.0]])
    spanned = np.eye(5)[:, [0, 2]]
    problem = gf.Loss(
        lambda p: jnp.sum((jnp.eye(5) - p["A"] @ p["B"]) ** 2 * covariance[None]), {"A": spanned, "B": spanned.T}
    )

    def leaves(displacement):
        start = {"A": spanned.copy(), "B": spanned.T.copy()}
        start["A"][1, 1], start["B"][1, 1] = displacement * directions[:, 0]
        path = gf.flow(problem, start, samples_per_decade=1_000, gradient_tolerance=1e-14)
        away = np.abs(path.states["A"][:, 1, 1])
        after = int(np.argmax(away > 0.1))
        return np.interp(np.log(0.1), np.log(away[after - 1 : after + 1]), path.times[after - 1 : after + 1])

    assert leaves(1e-11) - leaves(1e-8) == pytest.approx(np.log(1e3) / -curvatures[0], rel=0.01)
    assert leaves(1e-8) - leaves(1e-5) == pytest.approx(np.log(1e3) / -curvatures[0], rel=0.01)
