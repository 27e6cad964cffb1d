"""The reduced problem: an `AbstractProblem` whose metric is the sizes of the orbits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

ORBITS = (gf.Orbit(4, 1, (1.0,), "n"), gf.Orbit(4, 0, (1.0,), "k-n"))


@pytest.fixture(scope="module")
def reduced():
    return gf.SymmetricTeacherStudent(ORBITS)


@pytest.fixture(scope="module")
def network():
    return gf.SymmetricNetwork(jnp.array([[0.5, 0.0]]), jnp.array([[-0.1, 0.15]]), jnp.array([1.7]))


@pytest.fixture(scope="module")
def full():
    return gf.TeacherStudent(gf.orthonormal_teacher(8, 9), width=4)


@pytest.mark.slow
def test_loss_and_gradient_are_those_of_the_full_network(reduced, network, full):
    student = reduced.student(network)
    assert float(reduced.loss(network)) == pytest.approx(float(full.loss(student)), abs=1e-14)
    gradient, entries = full.gradient(student), reduced.gradient(network)
    assert float(entries.own[0, 0]) == pytest.approx(float(gradient.weights[1, 1]), abs=1e-14)
    assert float(entries.others[0, 0]) == pytest.approx(float(gradient.weights[1, 2]), abs=1e-14)
    assert float(entries.others[0, 1]) == pytest.approx(float(gradient.weights[1, 6]), abs=1e-14)
    assert float(entries.output[0]) == pytest.approx(float(gradient.output[1]), abs=1e-14)


def test_vectors_have_the_metric_of_the_full_space(reduced, network):
    vector = reduced.flatten(network)
    # n own overlaps, n (n − 1) and n (k − n) others, n output weights
    np.testing.assert_allclose(vector, np.array([2 * 0.5, 12**0.5 * -0.1, 4 * 0.15, 2 * 1.7]), rtol=1e-15)
    assert float(vector @ vector) == pytest.approx(
        float(jnp.sum(reduced.student(network).weights ** 2) + jnp.sum(reduced.student(network).output ** 2)), rel=1e-15
    )
    back = reduced.unflatten(vector, network)
    for leaf, given in zip(jax.tree.leaves(back), jax.tree.leaves(network), strict=True):
        np.testing.assert_allclose(leaf, given, rtol=1e-15)


@pytest.mark.slow
def test_gradient_and_hessian_are_the_derivatives_of_the_loss_in_the_vector(reduced, network):
    def loss(vector):
        return reduced.loss(reduced.unflatten(vector, network))

    vector = reduced.flatten(network)
    np.testing.assert_allclose(reduced.flatten(reduced.gradient(network)), jax.jit(jax.grad(loss))(vector), atol=1e-13)
    hessian = jax.jit(jax.hessian(loss))(vector)
    np.testing.assert_allclose(reduced.hessian(network), hessian, rtol=0, atol=1e-12)
    direction = reduced.unflatten(jnp.array([0.3, -1.0, 2.0, 0.7]), network)
    product = reduced.flatten(reduced.hvp(network, direction))
    np.testing.assert_allclose(product, hessian @ reduced.flatten(direction), rtol=0, atol=1e-12)


@pytest.mark.slow
def test_the_pipeline_works_on_it_unchanged(reduced, network):
    exact = gf.perturbed_n_copy(8, 4)
    solution = gf.solve(reduced, network)
    assert solution.classification.kind == gf.Kind.MINIMUM  # among symmetric students: the full point has index 3
    assert exact.spectrum.index == 3
    for name, value in zip(("own", "others", "output"), (0.558351623538, -0.0644706654381, 2.27239380307), strict=True):
        assert float(getattr(solution.student, name).ravel()[0]) == pytest.approx(value, abs=1e-11)
    trivial = [
        float(value)
        for value, name in zip(exact.spectrum.eigenvalues, exact.spectrum.representations, strict=True)
        if name == "trivial"
    ]
    np.testing.assert_allclose(solution.classification.eigenvalues, trivial, rtol=1e-10)


@pytest.mark.slow
def test_the_flow_is_the_full_flow_of_a_symmetric_start(reduced, network, full):
    few = gf.flow(reduced, network, rtol=1e-6, atol=1e-9, end_time=20.0, throw=False)
    many = gf.flow(full, reduced.student(network), rtol=1e-6, atol=1e-9, end_time=20.0, throw=False)
    assert float(few.losses[-1]) == pytest.approx(float(many.losses[-1]), rel=1e-4)
    assert float(few.final.output[0]) == pytest.approx(float(many.final.output[0]), rel=1e-4)


@pytest.mark.slow
def test_floors_bound_what_float64_leaves(reduced):
    point = gf.perturbed_n_copy(8, 4)
    values = gf.refine(reduced, point.network)
    assert values.gradient_norm <= 2 * values.gradient_floor < 1e-12
    assert abs(float(values.loss) - point.loss) <= float(reduced.loss_floor(values.student))
    fine = gf.perturbed_n_copy(8, 4, digits=40).spectrum
    exact = sorted(
        float(value) for value, name in zip(fine.eigenvalues, fine.representations, strict=True) if name == "trivial"
    )
    error = np.max(np.abs(np.linalg.eigvalsh(reduced.hessian(point.network)) - exact))
    assert error <= float(jnp.max(reduced.hessian_error(point.network))) < 1e-11


@pytest.mark.slow
def test_the_loss_can_be_differentiated_in_the_sizes(network):
    def loss(n):
        return gf.SymmetricTeacherStudent([gf.Orbit(n, 1, (1.0,)), gf.Orbit(8 - n, 0, (1.0,))]).loss(network)

    slope = (loss(4 + 1e-5) - loss(4 - 1e-5)) / 2e-5
    assert float(jax.grad(loss)(4.0)) == pytest.approx(float(slope), rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1.0, np.int64(1)])
def test_one_unit_has_no_others_and_what_stands_there_means_nothing(size):
    problem = gf.SymmetricTeacherStudent([gf.Orbit(size, 2, (1.0,)), gf.Orbit(3, 0, (1.0,))])
    own, output = np.array([[0.5, 0.0], [1.0, 0.0]]), np.array([1.0, 0.7])
    found = [
        gf.SymmetricNetwork(own, np.array([[there, 0.1], [-there, 0.2]]), output) for there in (0.0, 3.0)
    ]  # fmt: skip
    losses = [float(problem.loss(network)) for network in found]
    assert losses[0] == losses[1] > 0
    assert problem.flatten(found[0]).shape == (2 + 2 + 2,)
    assert np.all(np.isfinite(jax.jit(problem.hessian)(found[1])))
    np.testing.assert_array_equal(problem.spectrum(found[0]).eigenvalues, problem.spectrum(found[1]).eigenvalues)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: gf.Orbit(-1, 1), ValueError, "Orbit: size must be a finite number and not negative, got -1. Write"),
        (lambda: gf.Orbit(float("nan")), ValueError, "not negative, got nan"),
        (lambda: gf.Orbit(np.int64(-3)), ValueError, "not negative, got -3"),
        (lambda: gf.Orbit(jnp.array(-2.0)), ValueError, "size must be finite and not negative, got -2.0"),
        (lambda: gf.Orbit(1j), TypeError, "Orbit: size must be a number, got 1j"),
        (lambda: gf.Orbit(4, 1, ("a",)), TypeError, "an output weight of a teacher must be a number, got 'a'"),
        (lambda: gf.Orbit(4, 1, (np.nan,)), ValueError, "an output weight of a teacher must be finite, got nan"),
        (lambda: gf.Orbit("4"), TypeError, "Orbit: size must be a number, got '4'"),
        (lambda: gf.Orbit(4, -1), ValueError, "Orbit: students must be at least 0, got -1"),
        (lambda: gf.Orbit(4, 1, 1.0), TypeError, "Orbit: teachers must be several, got 1.0"),
        (lambda: gf.SymmetricTeacherStudent([]), ValueError, "orbits is empty"),
        (lambda: gf.SymmetricTeacherStudent([4, 4]), TypeError, "orbits must be several gf.Orbit, got"),
        (lambda: gf.SymmetricTeacherStudent([gf.Orbit(4, 1)]), ValueError, "need a student and a teacher between them"),
        (
            lambda: gf.SymmetricTeacherStudent([*ORBITS, gf.Orbit(0, 1)]),
            ValueError,
            "an orbit has at least one unit, got size 0",
        ),
        (
            lambda: gf.flow(gf.SymmetricTeacherStudent(ORBITS), gf.SymmetricNetwork([[1.0]], [[1.0]], [1.0])),
            ValueError,
            r"flow: own must have shape \(1, 2\), for 1 classes of students and 2 of teachers, got \(1, 1\)",
        ),
        (
            lambda: gf.SymmetricTeacherStudent(ORBITS).spectrum([[1.0]]),
            TypeError,
            r"spectrum: parameters must be SymmetricNetwork, got \[\[1.0\]\]",
        ),
        (
            lambda: gf.SymmetricTeacherStudent(ORBITS).spectrum(
                gf.SymmetricNetwork(np.ones((1, 2)), np.full((1, 2), np.inf), np.ones(1)), digits=30
            ),
            ValueError,
            "spectrum: others must hold finite numbers up to 1e.30, got inf",
        ),
        (
            lambda: gf.SymmetricTeacherStudent(ORBITS).student(gf.perturbed_n_copy(8, 4).network, d=7),
            ValueError,
            "8 orthonormal teachers need an input dimension of at least 8, got d = 7",
        ),
        (
            lambda: gf.SymmetricTeacherStudent([gf.Orbit(3.5, 1, (1.0,))]).student(
                gf.SymmetricNetwork(np.ones((1, 1)), np.zeros((1, 1)), np.ones(1))
            ),
            ValueError,
            "student: the number of teachers is 3.5, and there are no arrays for sizes that are no integers",
        ),
    ],
)
def test_what_is_no_symmetric_problem_is_refused(wrong, error, message, as_a_user_calls):
    with pytest.raises(error, match=message):
        wrong()
