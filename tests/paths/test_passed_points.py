"""passed_points: the distance to named points along a path, and the saddles that it passes."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from oracles.directions import along

import gradflow as gf
from gradflow.identification.placement import named_points, nearest_placement, rows_in_frame


def test_a_start_beside_a_saddle_passes_it_and_the_list_names_it_with_its_index(passed):
    (saddle,) = passed.saddles
    # reference.md: P-n-C at k = 8, n = 4
    assert saddle.point.loss == pytest.approx(0.0811155210088311603, abs=1e-14)
    assert (saddle.name, saddle.classification.index, saddle.nearest) == ("P-n-C", 3, "P-n-C")
    assert saddle.isotropy.label == "ΔS_4 × S_4 × O(1)"
    assert 0 < saddle.time < passed.times[-1] / 2
    assert saddle.point.moved < 1e-3
    assert saddle.distance < 1e-3
    line = next(line for line in str(passed).splitlines() if "saddle  " in line)
    assert "P-n-C with ΔS_4 × S_4 × O(1)," in line
    assert line.split()[-2] == "3"


def revisiting(path, order, states=None):
    """A path through the states of another in this order, or through others with the same gradients."""
    return replace(
        path,
        times=np.arange(float(len(order))),
        states=jax.tree.map(lambda leaf: leaf[order], path.states) if states is None else states,
        **{name: getattr(path, name)[order] for name in ("losses", "gradient_norms", "squared_gradient_norms")},
    )


def vector_of(of, index=None):
    return np.asarray(of.problem.flatten(of.student if index is None else of.state(index)))


def test_a_saddle_that_is_passed_twice_is_one_saddle_where_the_path_is_closest(escape, passed):
    slow = passed.saddles[0].index
    found = gf.passed_points(revisiting(escape, [0, slow - 3, 0, slow, 0, slow - 1, 0]), {})
    (saddle,) = found.saddles
    assert len(found.passages) == 1
    assert saddle.slow_times == (1.0, 3.0, 5.0)
    far = [np.linalg.norm(vector_of(escape, i) - vector_of(saddle.point)) for i in (slow - 3, slow, slow - 1)]
    assert saddle.time == saddle.slow_times[int(np.argmin(far))]
    assert "1, 3, 5" in str(found)


def test_a_saddle_and_its_image_under_a_symmetry_are_two(escape, passed):
    order = [0, passed.saddles[0].index] * 2 + [0]
    states = jax.tree.map(lambda leaf: np.array(leaf[order]), escape.states)
    for leaf in jax.tree.leaves(states):
        leaf[2:4] = leaf[2:4, [1, 0, 2, 3]]
    found = gf.passed_points(revisiting(escape, order, states), {})
    assert [(saddle.name, saddle.time) for saddle in found.saddles] == [("P-n-C", 1.0), ("P-n-C", 3.0)]


def test_a_passage_is_a_local_minimum_of_the_gradient_on_the_path(escape, passed):
    for passage in passed.passages:
        norms, i = escape.gradient_norms, passage.index
        assert norms[i] <= min(norms[i - 1], norms[i + 1])
        assert (passage.time, passage.loss, passage.gradient_norm) == (escape.times[i], escape.losses[i], norms[i])


def test_the_path_leads_away_from_the_saddle_and_to_its_end(passed):
    far = dict(zip(passed.names, passed.distances.T, strict=True))
    assert set(far) == {"C-A(1, 1, 1, 5)", "C-A(1, 1, 2, 4)", "C-A(1, 1, 3, 3)", "C-A(1, 2, 2, 3)"} | {
        "C-A(2, 2, 2, 2)",
        "P-n-C",
    }
    assert far["P-n-C"][0] < 1e-2
    assert far["P-n-C"][-1] > 0.5
    assert min(column[-1] for column in far.values()) == far["C-A(1, 1, 1, 5)"][-1] < 1e-4


def test_a_start_on_the_negative_direction_of_a_saddle_passes_it_at_once(problem):
    exact = gf.copy_average(8, 4, (2, 2, 2, 2))
    hessian = np.asarray(problem.hessian(exact.student))
    values = np.linalg.eigvalsh(hessian)
    step = 1e-6 * along(hessian, values < 0)
    start = problem.unflatten(problem.flatten(exact.student) + step, exact.student)
    first = gf.passed_points(gf.flow(problem, start)).passages[0]
    assert (first.time, first.index, first.name) == (0.0, 0, "C-A(2, 2, 2, 2)")
    # the index by blocks, in closed form
    assert first.classification.index == exact.spectrum.index == np.sum(values < 0)
    assert first.is_saddle


def test_a_flow_from_a_random_start_need_not_pass_any(solution):
    found = gf.passed_points(solution, {"optimal": gf.copy_average(8, 4)})
    assert found.saddles == ()
    assert all(passage.point is None and passage.name is None for passage in found.passages)
    # the table says so
    assert str(found).count("not decided") == len(found.passages) > 0


def test_a_record_that_keeps_its_path_passes_what_the_trajectory_does(solution, recorded):
    kept = recorded(solution, trajectories=True)
    assert str(gf.passed_points(kept, {})) == str(gf.passed_points(solution, {}))


def test_the_distance_to_a_saddle_that_is_allowed_is_the_caller_s(escape, passed):
    far = passed.saddles[0].point.moved
    assert gf.passed_points(escape, {}, within=far / 2).saddles == ()
    assert len(gf.passed_points(escape, {}, within=2 * far).saddles) == 1


def test_distances_are_to_the_points_that_are_given(escape, passed):
    own = gf.passed_points(escape, {"mine": gf.perturbed_n_copy(8, 4)})
    assert own.names == ("mine",)
    column = passed.names.index("P-n-C")
    np.testing.assert_allclose(own.distances[:, 0], passed.distances[:, column], rtol=1e-12)
    assert gf.passed_points(escape, {}).names == ()


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"points": [1]}, TypeError, r"passed_points: points must be networks by name, got \[1\]. Write points="),
        ({"points": {"a": 3}}, TypeError, "passed_points: student must be TwoLayerNetwork"),
        ({"points": {"a": gf.copy_average(8, 3)}}, ValueError, r"must have shape \(width, input\) = \(4, 9\)"),
        ({"within": 0.0}, ValueError, "passed_points: within must be a positive finite number"),
    ],
)
def test_wrong_use_is_refused(as_a_user_calls, solution, wrong, error, message):
    with pytest.raises(error, match=message):
        gf.passed_points(solution, **wrong)


@pytest.mark.parametrize("seed", range(4))
def test_the_distance_is_nothing_modulo_students_signs_and_teachers(seed):
    rng = np.random.default_rng(seed)
    for name, point in named_points(8, 4, 8).items():
        rows = rows_in_frame(point, np.eye(8))
        signs, columns = rng.choice([-1.0, 1.0], 4), np.append(rng.permutation(8), np.arange(8, rows.shape[1]))
        moved = (signs[:, None] * rows[rng.permutation(4)])[:, columns]
        assert nearest_placement(moved, rows, 8).distance <= 1e-15, name


def test_close_to_a_point_the_distance_is_the_least_one():
    rng = np.random.default_rng(0)
    for point in named_points(8, 4, 8).values():
        rows = rows_in_frame(point, np.eye(8))
        noise = 1e-3 * rng.standard_normal(rows.shape)
        expected = np.max(np.linalg.norm(noise, axis=1) / np.maximum(1, np.linalg.norm(rows, axis=1)))
        shuffled = (rows + noise)[rng.permutation(4)][:, np.append(rng.permutation(8), np.arange(8, rows.shape[1]))]
        assert nearest_placement(shuffled, rows, 8).distance <= expected * (1 + 1e-9)


def test_many_partitions_leave_the_optimal_one():
    assert list(named_points(50, 25, 51)) == [f"C-A({', '.join(['1'] * 24)}, 26)", "P-n-C"]
    assert named_points(4, 5, 5) == {}
    assert list(named_points(8, 8, 8)) == ["C-A(1, 1, 1, 1, 1, 1, 1, 1)"]
    # partitions of 20 into 10 parts: those of 10
    assert len(named_points(20, 10, 21)) == 42 + 1
