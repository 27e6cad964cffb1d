"""solve: one run through all stages, and what is left of it when one fails."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf


def test_every_stage_has_its_say(problem, solution):
    assert bool(solution.result == gf.RESULTS.successful)
    assert isinstance(solution.trajectory, gf.Trajectory)
    assert bool(solution.trajectory.result == gf.RESULTS.successful)
    assert bool(solution.point.result == gf.RESULTS.successful)
    assert solution.classification.kind is gf.Kind.MINIMUM
    # reference.md, the table at k = 8, n = 4: L(C-A) and λ_min
    assert solution.configuration.label == "C-A(1, 1, 1, 5)"
    assert solution.point.loss == pytest.approx(0.0724526452036704687, abs=1e-14)
    assert solution.classification.eigenvalues[0] == pytest.approx(6.565e-04, rel=6e-4)
    assert solution.point.gradient_norm <= 2 * solution.point.gradient_floor


def test_the_stages_hand_on_what_they_found(problem, solution):
    np.testing.assert_array_equal(solution.trajectory.states.weights[0], problem.init(jax.random.key(0)).weights)
    assert solution.student is solution.point.student is solution.parameters
    assert gf.distance(solution.student, solution.trajectory.final) == pytest.approx(0, abs=1e-3)
    by_hand = gf.refine(problem, solution.trajectory)
    assert gf.distance(by_hand.student, solution.student) <= 1e-14
    assert gf.identify(problem, solution).label == solution.configuration.label
    assert gf.classify(problem, solution).kind is solution.classification.kind


def test_a_solution_prints_a_line_for_every_stage(solution):
    lines = str(solution).splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == ["flow", "refine", "classify", "identify"]
    assert lines[3].startswith("identify: C-A(1, 1, 1, 5); ")
    assert repr(solution) == str(solution)


def test_a_loose_gradient_is_followed_further_until_newton_can_tell(problem, solution):
    loose = gf.solve(problem, problem.init(jax.random.key(0)), gradient_tolerance=1e-2)
    assert bool(loose.result == gf.RESULTS.successful)
    assert gf.distance(loose.student, solution.student) <= 1e-10
    assert loose.trajectory.gradient_norms[-1] <= 1e-4
    assert np.all(np.diff(loose.trajectory.times) > 0)
    # an extension begins at order 1 again
    assert loose.trajectory.stats["steps"] <= solution.trajectory.stats["steps"] + 40


def test_a_start_at_zero_is_a_saddle_and_not_a_success_of_the_flow(problem):
    found = gf.solve(problem, gf.TwoLayerNetwork(np.zeros((4, 9)), np.zeros(4)))
    assert bool(found.result == gf.RESULTS.stationary_start)
    assert (found.classification.kind, found.classification.index, found.classification.nullity) == (
        gf.Kind.SADDLE,
        4,
        32,
    )
    assert found.configuration.name == "other"


def test_a_flow_that_fails_leaves_no_later_stage(problem):
    start = problem.init(jax.random.key(0))
    found = gf.solve(problem, start, max_steps=3, throw=False)
    assert bool(found.result == gf.RESULTS.max_steps_reached)
    assert found.point is found.classification is found.configuration is None
    assert found.student.weights.shape == (4, 9)
    assert str(found).splitlines()[-1].startswith("result: max_steps_reached. ")
    with pytest.raises(gf.GradflowRuntimeError, match="solve: max_steps_reached") as caught:
        gf.solve(problem, start, max_steps=3)
    assert isinstance(caught.value.partial, gf.Solution)
    assert caught.value.partial.trajectory.stats["steps"] == 3


def test_a_flow_that_diverges_leaves_no_later_stage():
    problem = gf.Loss(lambda x: -jnp.sum(x**2), [1.0, 1.0])
    found = gf.solve(problem, [1.0, 1.0], throw=False)
    assert bool(found.result == gf.RESULTS.diverged)
    assert found.point is found.classification is found.configuration is None
    assert "The loss, the gradient or the weights are no longer finite" in str(found)


class CtrlC(gf.AbstractMeter):
    def update(self, gradient_norm, tolerance, time, steps):
        raise KeyboardInterrupt


def test_ctrl_c_leaves_the_path_so_far(problem):
    found = gf.solve(problem, problem.init(jax.random.key(0)), progress=CtrlC())
    assert bool(found.result == gf.RESULTS.interrupted)
    assert found.trajectory.stats["steps"] > 0
    assert found.point is None


def test_a_loss_with_a_kink_is_followed_and_no_more():
    problem = gf.Loss(lambda x: jnp.sum(x**2), [1.0], smoothness=gf.Smoothness.KINKED)
    found = gf.solve(problem, [1.0])
    assert bool(found.trajectory.result == gf.RESULTS.successful)
    assert found.point is found.classification is None


@pytest.mark.slow
def test_options_reach_their_stages(problem, solution):
    found = gf.solve(
        problem,
        solution,
        refine_options=gf.RefineOptions(max_steps=5),
        classify_options=gf.ClassifyOptions(distance_left=1e15),
        identify_options=gf.IdentifyOptions(newton_steps=0.0),
        throw=False,
    )
    assert found.configuration.name == "other"
    assert found.configuration.tolerance == 0
    # with that much distance left the least eigenvalue is no longer told from zero
    assert found.classification.kind is gf.Kind.UNDECIDED


def test_what_is_no_student_is_refused(problem):
    with pytest.raises(TypeError, match=r"solve: student must be TwoLayerNetwork, got .*Write problem.init\("):
        gf.solve(problem, np.zeros((4, 9)))
