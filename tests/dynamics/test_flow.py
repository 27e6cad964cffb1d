"""flow: to the end of the path in few steps, and an honest word about every other way to stop."""

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate

import gradflow as gf
from gradflow.dynamics import stopping

BOWL = gf.Loss(lambda x: 0.5 * (x[0] ** 2 + 100 * x[1] ** 2), [1.0, 1.0])
RUNAWAY = gf.Loss(lambda x: -jnp.sum(x**2), [1.0, 1.0])
CLIFF = gf.Loss(lambda x: jnp.where(x[0] > 0.5, x[0] ** 2, jnp.nan), [1.0])
BLOW_UP = gf.Loss(lambda x: -jnp.sum(x**4), [1.0])


def named(trajectory, name):
    return bool(trajectory.result == getattr(gf.RESULTS, name))


def dead(width, d):
    return gf.TwoLayerNetwork(np.zeros((width, d)), np.zeros(width))


@pytest.fixture(scope="module")
def start(problem):
    return problem.init(jax.random.key(0))


@pytest.fixture(scope="module")
def path(problem, start):
    return gf.flow(problem, start)


def test_the_flow_reaches_the_gradient_tolerance(problem, path):
    assert named(path, "successful")
    assert path.gradient_norms[-1] <= 1e-8
    gradient = problem.gradient(path.final)
    assert np.max(np.abs(problem.flatten(gradient))) <= 1e-8


def test_samples_are_spaced_in_log_time_and_keep_the_first_and_the_last_step(problem, start, path):
    assert path.times[0] == 0
    assert np.all(np.diff(path.times) > 0)
    decades = np.floor(np.log10(path.times[1:-1]) * 10)
    # one sample a tenth of a decade, unless two fall on the rounded edge of one
    assert len(np.unique(decades)) == len(decades)
    np.testing.assert_array_equal(path.states.weights[0], start.weights)
    np.testing.assert_array_equal(path.states.output[0], start.output)
    sparse = gf.flow(problem, start, samples_per_decade=1)
    assert len(sparse.times) < len(path.times) / 3
    assert sparse.times[-1] == path.times[-1]
    np.testing.assert_array_equal(sparse.final.weights, path.final.weights)


def test_states_are_stacked_along_time_and_losses_and_norms_belong_to_them(problem, path):
    steps = len(path.times)
    assert path.states.weights.shape == (steps, 4, 9)
    assert path.states.output.shape == (steps, 4)
    assert path.losses.shape == path.gradient_norms.shape == path.squared_gradient_norms.shape == (steps,)
    np.testing.assert_array_equal(path.final.weights, path.states.weights[-1])
    for index in (0, steps // 2, steps - 1):
        state = path.state(index)
        gradient = np.asarray(problem.flatten(problem.gradient(state)))
        assert path.losses[index] == pytest.approx(float(problem.loss(state)), rel=1e-12)
        assert path.gradient_norms[index] == pytest.approx(np.max(np.abs(gradient)), rel=1e-12, abs=1e-14)
        assert path.squared_gradient_norms[index] == pytest.approx(np.sum(gradient**2), rel=1e-12, abs=1e-14)


def test_two_stretches_of_a_flow_are_one_path(problem, start):
    first = gf.flow(problem, start, gradient_tolerance=1e-3)
    second = gf.flow(problem, first, gradient_tolerance=1e-6)
    whole = first.then(second)
    assert whole.times[-1] == first.times[-1] + second.times[-1]
    assert len(whole.times) == len(first.times) + len(second.times) - 1
    assert whole.states.weights.shape == (len(whole.times), 4, 9)
    assert whole.stats["steps"] == first.stats["steps"] + second.stats["steps"]
    np.testing.assert_array_equal(whole.final.weights, second.final.weights)


@pytest.mark.parametrize(
    ("loss", "start", "said"),
    [
        (
            lambda p: jnp.sum(jnp.where(p["b"] > 0, jnp.sqrt(p["b"]), 0)),
            {"b": [1.0, 0.0]},
            r"leaf \['b'\] is not a .*1",
        ),
        (lambda p: jnp.sqrt(p["a"][0]) + p["b"][0] ** 2, {"a": [1e-3], "b": [0.1]}, r"leaf \['a'\] is not a n.*0"),
        (lambda x: jnp.sum(jnp.sqrt(x)), [1.0, 0.0], r"the parameters is inf at index \(1"),
    ],
    ids=["at the start", "on the way", "infinite"],
)
def test_a_gradient_that_is_no_number_is_named_by_its_leaf(loss, start, said):
    problem = gf.Loss(loss, start)
    with pytest.raises(gf.GradflowRuntimeError, match=f"flow: diverged.*The gradient of {said}") as caught:
        gf.flow(problem, problem.init)
    assert "; the gradient of" in str(caught.value.partial)


def test_a_start_at_zero_stops_before_the_first_step(problem):
    trajectory = gf.flow(problem, dead(4, 9))
    assert named(trajectory, "stationary_start")
    assert trajectory.stats["steps"] == 0
    assert list(trajectory.times) == [0.0]


def test_a_step_limit_raises_an_error_with_what_there_is(problem, start):
    with pytest.raises(gf.GradflowRuntimeError, match="flow: max_steps_reached") as caught:
        gf.flow(problem, start, max_steps=5)
    assert caught.value.partial.stats["steps"] == 5
    assert bool(caught.value.result == gf.RESULTS.max_steps_reached)
    quiet = gf.flow(problem, start, max_steps=5, throw=False)
    assert named(quiet, "max_steps_reached")
    np.testing.assert_array_equal(quiet.final.weights, caught.value.partial.final.weights)


def test_no_steps_at_all_leave_the_start(problem, start):
    trajectory = gf.flow(problem, start, max_steps=0, throw=False)
    assert named(trajectory, "max_steps_reached")
    np.testing.assert_array_equal(trajectory.final.weights, start.weights)


def test_an_end_time_is_met_exactly_and_is_no_failure(problem, start):
    trajectory = gf.flow(problem, start, end_time=3.7)
    assert named(trajectory, "end_time_reached")
    assert trajectory.times[-1] == 3.7


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_start_that_is_not_finite_is_refused(problem, start, bad):
    broken = eqx.tree_at(lambda net: net.weights, start, start.weights.at[1, 2].set(bad))
    with pytest.raises(ValueError, match=rf"weights must be finite, got {bad} at index \(1, 2\)"):
        gf.flow(problem, broken)
    with pytest.raises(ValueError, match=rf"flow: parameters must be finite, got {bad} at index \(0,\)"):
        gf.flow(BOWL, [bad, 1.0])


def test_a_loss_that_falls_for_ever_ends_as_diverged():
    with pytest.raises(gf.GradflowRuntimeError, match="flow: diverged") as caught:
        gf.flow(RUNAWAY, [1.0, 1.0])
    assert caught.value.partial.stats["steps"] < 1_000


def test_a_start_where_the_loss_is_not_a_number_ends_as_diverged_without_a_step():
    trajectory = gf.flow(CLIFF, [0.2], throw=False)
    assert named(trajectory, "diverged")
    assert trajectory.stats["steps"] == 0


def test_a_flow_into_a_region_without_a_loss_ends_as_diverged_soon():
    trajectory = gf.flow(CLIFF, [1.0], throw=False)
    assert named(trajectory, "diverged")
    assert trajectory.stats["steps"] < 120  # some fifty halvings, to the last bit before the cliff


def test_a_flow_that_is_infinite_after_a_finite_time_stops_there_soon():
    # ẋ = 4x³ from 1 is infinite at t = 1/8
    trajectory = gf.flow(BLOW_UP, [1.0], throw=False)
    assert named(trajectory, "diverged")
    assert trajectory.stats["steps"] < 600
    assert trajectory.times[-1] == pytest.approx(1 / 8, rel=0.02)  # rtol is 1e-3, and 1/x² what is left of the time


@pytest.mark.parametrize(
    "rates", [(2.0, 0.5), gf.TwoLayerNetwork(np.linspace(0.5, 2, 36).reshape(4, 9), np.ones(4))], ids=["leaf", "array"]
)
def test_rates_change_the_path_but_not_the_critical_points(problem, start, rates):
    trajectory = gf.flow(problem, start, rates=rates, max_steps=400)
    assert np.max(np.abs(problem.flatten(problem.gradient(trajectory.final)))) <= 1e-8
    point = gf.refine(problem, trajectory)
    assert bool(point.result == gf.RESULTS.successful)
    early, plain = (gf.flow(problem, start, rates=chosen, end_time=1.0).final for chosen in (rates, None))
    assert gf.distance(early, plain) > 1e-2


def test_rates_of_one_change_nothing(problem, start, path):
    trajectory = gf.flow(problem, start, rates=(1.0, 1.0))
    np.testing.assert_array_equal(trajectory.final.weights, path.final.weights)


def test_rates_are_the_metric_of_the_flow():
    # ẋ = −r λ x on a bowl: x(t) = exp(−r λ t)
    trajectory = gf.flow(BOWL, [1.0, 1.0], rates=[np.array([3.0, 0.01])], end_time=0.5, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(trajectory.final, np.exp([-1.5, -0.5]), rtol=1e-6)


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ((1.0,), "rates must have 2 leaves"),
        ((1.0, -1.0), "each rate must be a positive number"),
        ((0.0, 1.0), "each rate must be a positive number"),
        ((1.0, np.ones(3)), r"or an array of shape \(4,\)"),
        ((1.0, np.nan), "rates must be finite"),
    ],
)
def test_wrong_rates_are_refused(problem, start, rates, message):
    with pytest.raises(ValueError, match=message):
        gf.flow(problem, start, rates=rates)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"rtol": -1e-3}, ValueError, "flow: rtol must be a positive finite number, got -0.001"),
        ({"rtol": 0.0}, ValueError, "flow: rtol must be a positive finite number"),
        ({"rtol": 1e-17}, ValueError, "rtol = 1e-17 lies below rounding.*Write rtol=1e-13 or more"),
        ({"atol": -1.0}, ValueError, "flow: atol must be a finite number that is not negative"),
        ({"gradient_tolerance": -1e-8}, ValueError, "flow: gradient_tolerance must be a finite number that is not neg"),
        ({"gradient_tolerance": "small"}, TypeError, "flow: gradient_tolerance must be a number, got 'small'"),
        ({"max_steps": -1}, ValueError, "flow: max_steps must be at least 0, got -1. Write max_steps=10_000"),
        ({"max_steps": 10.0}, TypeError, "flow: max_steps must be an integer, got 10.0"),
        ({"samples_per_decade": 0}, ValueError, "samples_per_decade must be at least 1, got 0. Write samples_per_d"),
        ({"end_time": 0.0}, ValueError, "flow: end_time must be a positive finite number"),
        ({"end_time": np.nan}, ValueError, "flow: end_time must be a positive finite number"),
        (
            {"method": gf.Diffrax},
            TypeError,
            r"must be AbstractMethod, got the class Diffrax. Write method=gf.Diffrax\(",
        ),
        ({"method": "Kvaerno5"}, TypeError, r"must be AbstractMethod, got 'Kvaerno5'. Write method=gf.NDF\(\)"),
        (
            {"method": gf.Diffrax(controller=diffrax.PIDController(rtol=1e-3, atol=1e-6)), "rtol": 1e-3},
            ValueError,
            "this method has a controller with tolerances of its own, got rtol=0.001",
        ),
    ],
)
def test_wrong_options_are_refused_with_the_line_to_write(problem, start, options, error, message):
    with pytest.raises(error, match=message):
        gf.flow(problem, start, **options)


def test_what_is_no_problem_is_refused(problem, start):
    with pytest.raises(TypeError, match=r"flow: problem must be AbstractProblem, got TwoLayerNetwork"):
        gf.flow(start, problem)
    with pytest.raises(TypeError, match="flow: problem must be AbstractProblem, got the class TeacherStudent"):
        gf.flow(gf.TeacherStudent, start)


def test_a_student_of_another_shape_is_refused(problem):
    with pytest.raises(ValueError, match=r"flow: the student's weights must have shape .* \(4, 9\), got \(3, 9\)"):
        gf.flow(problem, dead(3, 9))


class Counting(gf.AbstractMeter):
    """Remembers what it is told, and presses Ctrl-C at its second call if asked to."""

    def __init__(self, interrupts=False):
        self.interrupts, self.calls, self.entered, self.left = interrupts, [], False, False

    def __enter__(self):
        self.entered = True
        return self

    def __exit__(self, *exception):
        self.left = True

    def update(self, gradient_norm, tolerance, time, steps):
        self.calls.append((gradient_norm, tolerance, time, steps))
        if self.interrupts:
            raise KeyboardInterrupt


def test_a_meter_is_told_of_every_chunk(problem, start, path):
    meter = Counting()
    gf.flow(problem, start, progress=meter)
    assert meter.entered
    assert meter.left
    assert meter.calls[-1] == (path.gradient_norms[-1], 1e-8, path.times[-1], path.stats["steps"])
    assert [call[3] for call in meter.calls] == sorted({call[3] for call in meter.calls})


def test_ctrl_c_returns_what_there_is(problem, start, path):
    meter = Counting(interrupts=True)
    trajectory = gf.flow(problem, start, progress=meter)
    assert named(trajectory, "interrupted")
    assert meter.left
    assert 0 < trajectory.stats["steps"] < path.stats["steps"]
    assert np.all(np.isfinite(trajectory.final.weights))


@pytest.mark.slow
def test_a_new_shape_is_compiled_once_however_many_chunks_it_takes(traces):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(3), width=2)
    path = gf.flow(problem, problem.init(jax.random.key(0)))
    assert path.stats["steps"] > 64
    assert traces("advance") == 1


def test_new_numbers_compile_nothing(problem, start, path, traces):
    gf.flow(problem, start, rtol=1e-4, atol=1e-7, gradient_tolerance=1e-5)
    gf.flow(problem, start, end_time=2.0, max_steps=70)
    gf.flow(problem, problem.init(jax.random.key(5)), rates=(0.5, 2.0), end_time=0.1)
    assert traces("advance") == 0


@pytest.fixture(scope="module")
def narrow(problem):
    """Three students in the arrays of four."""
    return gf.TeacherStudent(problem.teacher, 3, padded_width=4)


def test_a_padded_width_compiles_nothing_and_follows_the_same_path(problem, path, narrow, traces):
    start = narrow.init(jax.random.key(3))
    padded = gf.flow(narrow, start)
    assert traces("advance") == 0
    assert padded.states.weights.shape[1:] == (3, 9)
    by_hand = gf.TwoLayerNetwork(np.vstack([start.weights, np.zeros((1, 9))]), np.append(start.output, 0.0))
    wide = gf.flow(problem, by_hand)
    np.testing.assert_array_equal(padded.times, wide.times)
    np.testing.assert_array_equal(padded.states.weights, wide.states.weights[:, :3])
    np.testing.assert_array_equal(wide.states.weights[:, 3], 0)
    np.testing.assert_array_equal(padded.gradient_norms, wide.gradient_norms)


def test_a_padded_path_is_that_of_the_problem_without_padding(problem, narrow):
    plain = gf.TeacherStudent(problem.teacher, 3)
    start = plain.init(jax.random.key(3))
    followed = gf.flow(narrow, start, rtol=1e-8, atol=1e-10, end_time=10.0)
    gradient = jax.jit(lambda v: plain.flatten(plain.gradient(plain.unflatten(v, start))))
    reference = scipy.integrate.solve_ivp(
        lambda t, v: -np.asarray(gradient(v)), (0, 10), plain.flatten(start), method="DOP853", rtol=1e-11, atol=1e-12
    )
    np.testing.assert_allclose(plain.flatten(followed.final), reference.y[:, -1], rtol=0, atol=1e-6)


def test_a_flow_prints_how_it_ended(path):
    assert str(path).startswith("flow: successful at t = ")
    assert f"after {path.stats['steps']} steps" in str(path)


def test_a_flow_whose_loss_rises_is_stopped_and_says_so(problem, start):
    # implicit steps that are far too long climbed to a loss of 1e114 from weights of norm 1e3
    heavy = gf.TwoLayerNetwork(1e3 * np.asarray(start.weights), start.output)
    trajectory = gf.flow(problem, heavy, throw=False)
    assert np.max(trajectory.losses) <= 2 * trajectory.losses[0]
    if not named(trajectory, "successful"):
        assert named(trajectory, "loss_increased")


@pytest.mark.parametrize(
    ("losses", "slope", "rises"),
    [
        ((1.0, 0.5, 0.52), 0.02, True),
        ((1.0, 1e-20, 1e-16), 1e-16, False),
        ((-1e6, -1e6, -1e6 + 1e-9), 1e-9, False),
        ((1e-18, 1e-18, 1e-16), -1e-19, False),  # of terms of order 1: by its gradients the loss falls
    ],
)
def test_a_step_that_raises_the_loss_is_told_from_rounding(losses, slope, rises):
    assert bool(stopping.has_risen(*map(jnp.asarray, losses), slope)) == rises


@pytest.mark.slow
def test_a_new_loss_is_followed_by_three_programs_each_compiled_once():
    begun = []

    def listen(event, duration, **about):
        if event == "/jax/core/compile/backend_compile_duration":
            begun.append(about.get("fun_name"))

    def follow(centre):
        problem = gf.Loss(lambda x: jnp.sum(jnp.cosh(x - centre)), np.linspace(0.0, 1.0, 17))
        return gf.flow(problem, problem.init, gradient_tolerance=1e-3)

    follow(0.5)  # with what belongs to the shape
    jax.monitoring.register_event_duration_secs_listener(listen)
    follow(0.25)
    jax.monitoring.unregister_event_duration_listener(listen)
    assert len(begun) <= 3  # begin, reasons, advance
