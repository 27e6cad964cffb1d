"""solve_many: every start as solve would, in lanes or one after the other."""

import jax
import numpy as np
import pytest

import gradflow as gf
from gradflow import _memory
from gradflow.dynamics import lanes as lanes_module
from gradflow.dynamics.course import course

LANES = 3


@pytest.fixture(scope="module")
def starts(problem):
    return [problem.init(key) for key in jax.random.split(jax.random.key(1), 7)]


def posed(problem, start, **changed):
    options = {"method": None, "rates": None, "rtol": None, "atol": None, "gradient_tolerance": 1e-8}
    return course("solve_many", problem, start, **(options | {"max_steps": 10_000} | changed))


@pytest.fixture(scope="module")
def alone(problem, starts):
    return gf.solve_many(problem, starts)


@pytest.fixture(scope="module")
def together(problem, starts):
    return gf.solve_many(problem, starts, lanes=LANES)


def test_one_after_the_other_every_solution_is_that_of_solve_to_the_last_bit(problem, starts, alone):
    assert len(alone) == len(starts)
    single = gf.solve(problem, starts[3])
    np.testing.assert_array_equal(alone[3].student.weights, single.student.weights)
    assert alone[3].trajectory.stats["steps"] == single.trajectory.stats["steps"]


@pytest.mark.slow
def test_in_lanes_every_start_reaches_the_same_point_with_the_same_class_in_the_same_order(starts, alone, together):
    for number, (one, other) in enumerate(zip(alone, together, strict=True)):
        np.testing.assert_array_equal(other.trajectory.state(0).weights, starts[number].weights)
        assert other.classification.kind is one.classification.kind
        assert other.configuration.name == one.configuration.name
        assert gf.distance(one.student, other.student) <= 1e-10
        assert other.trajectory.stats["steps"] == pytest.approx(one.trajectory.stats["steps"], rel=0.1)


@pytest.mark.slow
def test_a_lane_whose_flow_has_ended_takes_the_next_start_and_compiles_nothing(problem, starts, together, traces):
    flows = []

    def ended(number, trajectory):
        flows.append((number, trajectory.stats["steps"]))

    courses = [posed(problem, start) for start in starts]
    lanes_module.flow_in_lanes(courses, LANES, ended)
    assert sorted(number for number, _ in flows) == list(range(7))
    assert traces("advance_lanes") == 0
    assert traces("advance") == 0


@pytest.mark.slow
def test_the_slowest_flow_does_not_hold_the_others(problem, starts, together, monkeypatch):
    """A start that needs all of its steps beside six short ones: the others end while it runs."""
    calls = []
    advance = lanes_module.advance_lanes
    monkeypatch.setattr(lanes_module, "advance_lanes", lambda *args: calls.append(1) or advance(*args))
    order = []
    slow = gf.TwoLayerNetwork(30 * np.asarray(starts[0].weights), 30 * np.asarray(starts[0].output))
    courses = [posed(problem, start, chunk=16) for start in [slow, *starts[1:]]]
    lanes_module.flow_in_lanes(courses, LANES, lambda number, trajectory: order.append((number, trajectory)))
    longest = max(trajectory.stats["steps"] for _, trajectory in order)
    total = sum(trajectory.stats["steps"] for _, trajectory in order)
    # three lanes share the chunks: were the slowest of every three waited for, there would be more
    assert len(calls) <= max(longest, total / (LANES - 1)) / 16 + len(order)
    assert order[0][0] != 0


@pytest.mark.slow
def test_a_device_out_of_memory_halves_the_lanes_until_they_fit_and_says_so(problem, starts, together, monkeypatch):
    advance, asked = lanes_module.advance_lanes, []

    def exhausted(method, field, states, *rest):
        asked.append(states.position.shape[0])
        if states.position.shape[0] > 1:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 byte.")
        return advance(method, field, states, *rest)

    monkeypatch.setattr(lanes_module, "advance_lanes", exhausted)
    with pytest.warns(UserWarning, match=r"ran out of memory with 3 flows at once; going on with 1\. Write lanes=1"):
        found = gf.solve_many(problem, starts[:3], lanes=LANES)
    assert asked[0] == LANES
    assert set(asked[1:]) == {1}
    for one, other in zip(found, together, strict=False):
        assert gf.distance(one.student, other.student) <= 1e-10
    with pytest.warns(UserWarning, match="going on with 2"), pytest.warns(UserWarning, match="going on with 1"):
        assert len(gf.solve_many(problem, starts[:4], lanes=4)) == 4


@pytest.mark.slow
def test_ctrl_c_returns_what_there_is(problem, starts, together, monkeypatch):
    advance, calls = lanes_module.advance_lanes, []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return advance(*args)

    monkeypatch.setattr(lanes_module, "advance_lanes", interrupted)
    found = gf.solve_many(problem, starts, lanes=LANES)
    assert LANES <= len(found) < len(starts)
    unfinished = [solution for solution in found if bool(solution.result == gf.RESULTS.interrupted)]
    assert 1 <= len(unfinished) <= LANES
    assert all(solution.trajectory.stats["steps"] > 0 for solution in unfinished)
    assert all(solution.point is None for solution in unfinished)


@pytest.mark.slow
def test_a_batch_has_a_leading_axis_besides_those_of_init(problem, starts, alone):
    batch = jax.vmap(problem.init)(jax.random.split(jax.random.key(1), 7))
    two = jax.tree.map(lambda leaf: leaf[:2], batch)
    for one, other in zip(gf.solve_many(problem, two), alone, strict=False):
        np.testing.assert_allclose(one.student.weights, other.student.weights, rtol=1e-9, atol=1e-9)
    with pytest.raises(TypeError, match="students must be a list of at least one start, or a batch of them"):
        gf.solve_many(problem, starts[0])


@pytest.mark.slow
def test_with_throw_the_first_failure_raises_with_all_that_there_is(problem, starts):
    with pytest.raises(gf.GradflowRuntimeError, match="solve_many: max_steps_reached") as caught:
        gf.solve_many(problem, starts[:2], max_steps=20, throw=True)
    assert len(caught.value.partial) == 2
    quiet = gf.solve_many(problem, starts[:2], max_steps=20, lanes=LANES)
    assert [bool(solution.result == gf.RESULTS.max_steps_reached) for solution in quiet] == [True, True]


@pytest.mark.parametrize(
    ("students", "options", "error", "message"),
    [
        ([], {}, TypeError, r"students must be a list of at least one start, .*Write gf.solve_many\(problem"),
        ("abc", {}, TypeError, "students must be a list of at least one start, or a batch .* got 'abc'"),
        (
            "two shapes",
            {},
            ValueError,
            r"one shape, got .*\(4, 9\).* for the first and .*\(5, 9\).* number 1",
        ),
        ("one", {"lanes": 0}, ValueError, "solve_many: lanes must be at least 1, got 0. Write lanes=1"),
        ("one", {"chunk": 0}, ValueError, "solve_many: chunk must be at least 1, got 0. Write chunk=64"),
        ("one", {"chunk": 65}, ValueError, "solve_many: chunk must be at most 64, got 65"),
        ("one", {"method": "rk45"}, TypeError, r"method must be AbstractMethod, got 'rk45'. Write method=gf.NDF\(\)"),
    ],
)
def test_wrong_use_is_refused_with_the_line_to_write(problem, starts, students, options, error, message):
    if students == "one":
        students = starts[:1]
    elif students == "two shapes":
        students = [starts[0], gf.TwoLayerNetwork(np.zeros((5, 9)), np.zeros(5))]
    with pytest.raises(error, match=message):
        gf.solve_many(problem, students, **options)


def test_lanes_that_do_not_fit_are_refused_before_anything_is_computed(problem, starts, monkeypatch):
    monkeypatch.setattr(_memory, "available", lambda: 1.5e5)
    with pytest.raises(MemoryError, match=r"solve_many: 3 flows of 40 parameters at once needs .* Write lanes=1"):
        gf.solve_many(problem, starts, lanes=3)
