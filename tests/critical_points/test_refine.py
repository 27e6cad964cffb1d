"""refine: to the critical point that the flow is heading for, at the gradient floor, or a reason why not."""

from collections import Counter
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

SADDLE = gf.Loss(lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4, [0.0, 0.0])


def ended(point, name="successful"):
    return bool(point.result == getattr(gf.RESULTS, name))


@pytest.fixture(scope="module")
def posed():
    return gf.TeacherStudent(gf.orthonormal_teacher(k=10, d=11), width=8)


class Run(NamedTuple):
    """A Glorot start followed down to ‖∇L‖ = 1e-8, refined on the way there and from the end."""

    starts: list
    on_the_way: list
    end: gf.TwoLayerNetwork
    point: gf.Point
    verdict: gf.Classification
    found: gf.Configuration


@pytest.fixture(scope="module")
def runs(posed):
    runs = []
    for seed in range(40):
        state, starts = posed.init(jax.random.key(seed)), []
        for tolerance in (1e-3, 1e-5, 1e-6, 1e-8):
            state = gf.flow(posed, state, gradient_tolerance=tolerance).final
            starts.append(state)
        point = gf.refine(posed, state)
        on_the_way = [gf.refine(posed, start) for start in starts[:-1]]
        runs.append(Run(starts[:-1], on_the_way, state, point, gf.classify(posed, point), gf.identify(posed, point)))
    return runs


@pytest.mark.slow
def test_every_run_refined_from_1e_8_is_at_its_floor_and_its_hessian_confirms_a_minimum(runs):
    for run in runs:
        assert ended(run.point)
        assert run.point.gradient_norm <= 2 * run.point.gradient_floor
        assert run.verdict.kind is gf.Kind.MINIMUM
        assert run.verdict.index == run.verdict.nullity == 0
        assert run.verdict.eigenvalues[0] > run.verdict.eigenvalue_error[0]


@pytest.mark.slow
def test_both_copy_average_and_perturbed_n_copy_occur_and_nothing_else(runs):
    assert set(Counter(run.found.name for run in runs)) == {"C-A", "P-n-C"}
    for run in runs:
        if run.found.name == "C-A":
            assert run.found.partition == (1,) * 7 + (3,)
            # reference.md, one student and three teachers
            assert run.point.loss == pytest.approx(0.0405931773139538555561472159, abs=1e-14)


@pytest.mark.slow
def test_refined_on_the_way_from_1e_3_on_it_is_the_same_point_or_not_converged_but_never_another(runs):
    for run in runs:
        for early in run.on_the_way:
            if ended(early):
                assert gf.distance(early.student, run.point.student) <= 1e-8
            else:
                assert early.moved == 0


@pytest.mark.slow
def test_the_closer_the_more_often_newton_can_tell(runs):
    converged = [sum(ended(run.on_the_way[stage]) for run in runs) for stage in range(3)]
    assert converged == sorted(converged)
    assert converged[-1] >= 20, converged


@pytest.mark.slow
def test_where_refinement_fails_the_given_point_comes_back(runs):
    pairs = [pair for run in runs for pair in zip(run.starts, run.on_the_way, strict=True)]
    failed = [(start, point) for start, point in pairs if not ended(point)]
    assert failed
    for start, point in failed:
        np.testing.assert_array_equal(point.student.weights, start.weights)
        np.testing.assert_array_equal(point.student.output, start.output)


@pytest.mark.slow
def test_moved_is_the_distance_from_the_given_point(posed, runs):
    for run in runs[:5]:
        before, after = np.asarray(posed.flatten(run.end)), np.asarray(posed.flatten(run.point.student))
        expected = np.linalg.norm(after - before) / max(1, np.linalg.norm(before))
        assert run.point.moved == pytest.approx(expected, rel=1e-12)
        assert 0 < run.point.moved < 1e-2


@pytest.mark.slow
def test_a_point_that_is_refined_stays_where_it_is(posed, runs):
    for run in runs[:5]:
        again = gf.refine(posed, run.point)
        assert ended(again)
        assert again.moved <= 1e-12


@pytest.mark.parametrize(("offset", "name"), [(0.0, "successful"), (1e-9, "successful"), (1e-3, "leaving_saddle")])
def test_a_saddle_is_the_end_only_of_a_start_on_it(offset, name):
    point = gf.refine(SADDLE, [offset, offset])
    assert ended(point, name)
    if name == "successful":
        np.testing.assert_allclose(point.parameters, 0, atol=1e-15)
    else:
        np.testing.assert_array_equal(point.parameters, [offset, offset])


def test_a_saddle_is_approached_along_its_stable_directions():
    point = gf.refine(SADDLE, [1e-3, 0.0])
    assert ended(point)
    assert point.moved == pytest.approx(1e-3, rel=1e-9)


@pytest.mark.parametrize(("k", "n"), [(8, 2), (8, 3), (8, 4)])
def test_a_saddle_of_the_student_put_in_exactly_stays_and_a_thousandth_beside_it_the_flow_is_leaving(k, n):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k, k + 1), n, padded_width=4)
    exact = gf.perturbed_n_copy(k, n).student
    point = gf.refine(problem, exact)
    assert ended(point)
    assert point.moved <= 1e-12
    noise = 1e-3 * np.random.default_rng(n).standard_normal((n, k + 1))
    beside = gf.refine(problem, gf.TwoLayerNetwork(exact.weights + noise, exact.output))
    assert ended(beside, "leaving_saddle")
    assert beside.moved == 0


def test_with_throw_a_failure_raises_with_what_there_is():
    with pytest.raises(
        gf.GradflowRuntimeError, match=r"refine: leaving_saddle\. The flow is leaving the saddle"
    ) as caught:
        gf.refine(SADDLE, [1e-3, 1e-3], throw=True)
    np.testing.assert_array_equal(caught.value.partial.parameters, [1e-3, 1e-3])
    assert bool(caught.value.result == gf.RESULTS.leaving_saddle)


def test_far_from_any_critical_point_it_says_so():
    # at 0.6 the curvature is still positive, but Newton's first step overshoots the minimum at 0
    well = gf.Loss(lambda x: jnp.log(1 + jnp.sum(x**2)), [0.0])
    assert ended(gf.refine(well, [0.6]), "far_from_critical_point")
    assert ended(gf.refine(well, [0.1]))


def test_next_to_a_point_with_a_vanishing_hessian_steps_are_extrapolated():
    # a fourth power: Newton's steps shrink by 2/3 only
    quartic = gf.Loss(lambda x: jnp.sum(x**4), [1.0])
    point = gf.refine(quartic, [0.1])
    assert ended(point)
    assert abs(point.parameters[0]) < 1e-20
    # conjugate gradients have no eigenvectors to do it along
    stays = gf.refine(quartic, [0.1], options=gf.RefineOptions(matrix_free=True))
    assert not ended(stays)
    np.testing.assert_array_equal(stays.parameters, [0.1])


def test_options_of_another_kind_are_refused():
    with pytest.raises(
        TypeError, match=r"refine: options must be RefineOptions, got .*Write options=gf.RefineOptions\(\)"
    ):
        gf.refine(SADDLE, [0.0, 0.0], options={"max_steps": 3})


def test_a_point_prints_how_it_ended():
    assert str(gf.refine(SADDLE, [1e-9, 0.0])).startswith("refine: successful after 1 Newton step, moved 1.0e-09")


@pytest.mark.parametrize("angle", [0.3, 1.0, 1.9])
def test_the_softest_direction_of_a_long_teacher_is_refined(angle):
    # along w the curvature is 4.5e-13, and what is left of the gradient, twice its rounding, is 2e-6 of w away
    teacher = gf.TwoLayerNetwork(1e4 * np.array([[np.cos(angle), np.sin(angle)]]), np.ones(1))
    problem = gf.TeacherStudent(teacher, 1)
    start = gf.TwoLayerNetwork((1 - 2e-6) * np.asarray(teacher.weights), np.ones(1))
    point = gf.refine(problem, start)
    assert bool(point.result == gf.RESULTS.successful)
    np.testing.assert_allclose(point.parameters.weights, teacher.weights, rtol=1e-7)
    assert gf.classify(problem, point).kind is gf.Kind.MINIMUM
