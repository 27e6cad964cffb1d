"""What is known of the spectrum where all of it is not computed, and what is refused for want of memory."""

import jax
import numpy as np
import pytest
import scipy.linalg

import gradflow as gf
from gradflow import _memory
from gradflow.critical_points import measured
from gradflow.critical_points.inverse import cholesky_inverse, symmetric_norm
from gradflow.critical_points.spectrum import extreme_eigenvalues, inertia
from gradflow.problems import evaluation

PROBLEM = gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 8, padded_width=8)


@pytest.fixture(scope="module")
def minimum():
    return gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 6, padded_width=8), gf.perturbed_n_copy(8, 6)


@pytest.fixture(scope="module")
def saddle():
    return gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 7, padded_width=8), gf.copy_average(8, 7)


@pytest.mark.slow
def test_of_a_definite_hessian_the_extreme_eigenvalues_are_those_of_the_whole_spectrum(minimum):
    everything = gf.classify(*minimum)
    extremes = gf.classify(*minimum, options=gf.ClassifyOptions(spectrum="extreme"))
    assert everything.proves == "all eigenvalues are known"
    assert "positive definite by Cholesky's method; of 60 eigenvalues the 8 least and the largest" in extremes.proves
    assert extremes.kind is everything.kind is gf.Kind.MINIMUM
    wanted = np.append(everything.eigenvalues[:8], everything.eigenvalues[-1])
    bound = extremes.eigenvalue_error + np.append(everything.eigenvalue_error[:8], everything.eigenvalue_error[-1])
    assert np.all(np.abs(extremes.eigenvalues - wanted) <= bound)
    assert np.all(bound <= 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["minimum", "saddle"])
def test_inertia_counts_what_the_whole_spectrum_shows_and_prints_it(point, request):
    problem, exact = request.getfixturevalue(point)
    everything = gf.classify(problem, exact)
    counted = gf.classify(problem, exact, options=gf.ClassifyOptions(spectrum="inertia"))
    assert (counted.kind, counted.index, counted.nullity) == (everything.kind, everything.index, 0)
    assert len(counted.eigenvalues) == len(counted.eigenvalue_error) == 0
    assert f"by LDLᵀ {everything.index} eigenvalues are below" in str(counted)


@pytest.mark.slow
def test_inertia_at_a_degenerate_point_explains_its_zero_modes():
    """The perfect copy and a neuron with a = 0: nine flat directions, all of them curves of critical points."""
    problem = gf.TeacherStudent(gf.orthonormal_teacher(7, 9), 8, padded_width=8)
    copy = gf.copy_average(7, 7, d=9).student
    student = gf.TwoLayerNetwork(
        np.vstack([copy.weights, [0.3, -0.8, 0.2, 0.9, -0.4, 0.7, 0.5, 0.1, -0.2]]), np.append(copy.output, 0.0)
    )
    whole, counted = (gf.classify(problem, student, options=gf.ClassifyOptions(spectrum=s)) for s in ("all", "inertia"))
    assert whole.kind is counted.kind
    assert (whole.index, whole.nullity) == (counted.index, counted.nullity)
    assert counted.nullity >= 9


def test_a_hessian_that_is_not_definite_has_all_eigenvalues_whatever_was_asked_for_up_to_its_limit(saddle, monkeypatch):
    asked = gf.ClassifyOptions(spectrum="extreme")
    verdict = gf.classify(*saddle, options=asked)
    assert len(verdict.eigenvalues) == 70
    assert verdict.kind is gf.Kind.SADDLE
    monkeypatch.setattr(measured, "_ALL_EIGENVECTORS", 60)
    beyond = gf.classify(*saddle, options=asked)
    assert len(beyond.eigenvalues) == 0
    assert (beyond.kind, beyond.index) == (verdict.kind, verdict.index)


@pytest.mark.parametrize("seed", range(5))
def test_pivots_count_negative_eigenvalues(seed):
    """Bunch and Kaufman's 2 × 2 pivots too: zeros on the diagonal force them."""
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((30, 30))
    matrix = matrix + matrix.T
    np.fill_diagonal(matrix, 0.0)
    factor = inertia(matrix, 0.0)
    assert factor.negative == np.sum(np.linalg.eigvalsh(matrix) < 0)
    assert np.any(factor.pivots < 0)
    right = rng.standard_normal(30)
    np.testing.assert_allclose(factor.newton_step(right), -np.linalg.solve(matrix, right), rtol=1e-8)


def test_cholesky_s_method_calls_nothing_definite_that_its_rounding_leaves_open():
    rotation, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((40, 40)))
    for least, definite in ((1e-3, True), (1e-9, True), (1e-11, False), (0.0, False), (-1e-9, False)):
        matrix = rotation @ np.diag(np.append(least, np.linspace(1, 9, 39))) @ rotation.T
        found = cholesky_inverse((matrix + matrix.T) / 2, 1e-10)
        assert (found is not None) == definite, least


def test_the_relative_change_of_a_definite_matrix_is_that_of_the_pencil():
    rng = np.random.default_rng(1)
    matrix, change = (rng.standard_normal((60, 60)) for _ in range(2))
    matrix, change = matrix @ matrix.T + np.eye(60), change + change.T
    factor = cholesky_inverse(matrix, 0.0)
    wanted = np.max(np.abs(scipy.linalg.eigh(change, matrix, eigvals_only=True)))
    assert factor.relative_change(lambda v: change @ v, np.ones(60)) == pytest.approx(wanted, rel=0.1)


def test_the_norm_of_a_map_that_is_not_finite_is_infinite():
    assert symmetric_norm(lambda v: np.nan * v, 5) == np.inf
    assert symmetric_norm(lambda v: np.nan * v, 50) == np.inf
    assert symmetric_norm(lambda v: v, 0) == 0


def test_without_a_matrix_newton_s_method_reaches_the_same_point(problem, solution):
    trajectory = solution.trajectory
    point = gf.refine(problem, trajectory, options=gf.RefineOptions(matrix_free=True))
    assert bool(point.result == gf.RESULTS.successful)
    assert point.gradient_norm <= 2 * point.gradient_floor
    assert gf.distance(point.student, solution.point.student) <= 1e-9


def test_without_a_matrix_a_saddle_is_left_alone(problem):
    point = gf.perturbed_n_copy(8, 4).student  # index 3
    beside = gf.TwoLayerNetwork(
        point.weights + 1e-3 * np.random.default_rng(0).standard_normal(point.weights.shape), point.output
    )
    found = gf.refine(problem, beside, options=gf.RefineOptions(matrix_free=True))
    assert not bool(found.result == gf.RESULTS.successful)
    assert found.moved == 0


def test_products_are_those_of_the_hessian_padding_aside(minimum):
    problem, exact = minimum
    matrix, _ = evaluation.hessian(problem, exact.student)
    vector = np.random.default_rng(0).standard_normal(len(matrix))
    np.testing.assert_allclose(evaluation.product(problem, exact.student)(vector), matrix @ vector, atol=1e-12)


def test_what_does_not_fit_is_refused_before_it_is_computed(problem, monkeypatch):
    student = problem.init(jax.random.key(0))
    monkeypatch.setattr(_memory, "available", lambda: 30_000.0)
    with pytest.raises(MemoryError, match=r"refine: the Hessian of 40 .* needs 0.0 GB.*\(matrix_free=True\)"):
        gf.refine(problem, student)
    with pytest.raises(MemoryError, match="classify: the Hessian of 40 parameters and its factor needs"):
        gf.classify(problem, student)
    with pytest.raises(MemoryError, match="solve: the Hessian of 40 parameters and its factor needs"):
        gf.solve(problem, student)  # before the flow, not after it
    assert gf.refine(problem, student, options=gf.RefineOptions(matrix_free=True)).steps >= 0
    # room for the factor, not for the eigenvectors of a Hessian that is not definite
    monkeypatch.setattr(_memory, "available", lambda: 3.5 * 8 * 40**2)
    with pytest.raises(MemoryError, match=r"all eigenvectors of the Hessian of 40 .*spectrum=\"inertia\""):
        gf.classify(problem, student)


def test_free_memory_is_what_the_system_says():
    assert 1e8 < _memory.available() < 1e14
    assert _memory.matrices(2, 1000) == 16e6


def test_a_spectrum_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"ClassifyOptions: spectrum must be one of 'auto', .* got 'some'"):
        gf.ClassifyOptions(spectrum="some")


NORMS = {
    "zero": np.zeros(60),
    "one direction": np.eye(60)[0] * 3,
    "two directions": np.eye(60)[0] - np.eye(60)[1],
    "a multiple of the identity": np.full(60, -2.0),
    "one large among many": np.where(np.arange(60) == 7, -3.0, 1.0),
    "all sizes": 2.0 ** -np.arange(60),
}


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e-160, 1e160, 1e300])
@pytest.mark.parametrize("eigenvalues", NORMS.values(), ids=NORMS)
def test_the_norm_of_any_symmetric_map_is_found_to_a_tenth(eigenvalues, scale):
    rotation = np.linalg.qr(np.random.default_rng(3).standard_normal((60, 60)))[0]
    norm = np.max(np.abs(eigenvalues)) * scale
    found = symmetric_norm(lambda v: scale * (rotation @ (eigenvalues * (rotation.T @ v))), 60)
    assert 0.9 * norm <= found <= norm * (1 + 1e-12)


def test_eigenvalues_that_are_all_the_same_are_found():
    found = extreme_eigenvalues(2 * np.eye(60), cholesky_inverse(2 * np.eye(60), 0.0))
    np.testing.assert_allclose(found.eigenvalues[[0, -1]], 2, rtol=1e-12)
