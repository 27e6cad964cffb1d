"""gf.NDF: its order, its step control, its linear systems, and the places where simple versions fail."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate

import gradflow as gf
from gradflow.dynamics.methods.base import descent_from
from gradflow.dynamics.methods.conjugate_gradients import conjugate_gradients
from gradflow.dynamics.methods.decay import decay_from
from gradflow.dynamics.methods.ndf import NDFState

DECAY = gf.Loss(lambda x: jnp.sum(x * x) / 2, [1.0])  # θ(t) = e^{−t}


@pytest.fixture(scope="module")
def start(problem):
    return problem.init(jax.random.key(0))


def differences_of_the_decay(order, size, rows):
    """D_j = ∇ʲθ at t = 0 for steps of the given size, from the exact solution."""
    values = np.exp(size * np.arange(order + 2))
    table = np.zeros((rows, 1))
    for row in range(order + 1):
        table[row] = values[0]
        values = values[:-1] - values[1:]
    return table


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_a_step_of_order_k_from_exact_values_errs_like_h_to_the_k_plus_1(order):
    method = gf.NDF(max_order=order)
    field = gf.GradientField(problem=DECAY, like=jnp.asarray([1.0]), rates=jnp.ones(1))
    errors = []
    sizes = (0.1, 0.05, 0.025)
    for size in sizes:
        state = NDFState(
            differences=jnp.asarray(differences_of_the_decay(order, size, order + 3)),
            step_size=jnp.asarray(size),
            order=jnp.asarray(order),
            equal_steps=jnp.asarray(0),
            origin=jnp.asarray([1.0]),
            descent=descent_from(field, jnp.asarray([1.0])),
            decay=decay_from(jnp.asarray(0.0)),
        )
        # every step is accepted, and Newton's iteration, solved to √rtol of the tolerance, leaves 3e-6 of its error
        tolerances = gf.Tolerances(1e-13, 10 * size ** (order + 1))
        info, _ = jax.jit(method.step)(
            field, jnp.asarray(0.0), jnp.asarray([1.0]), state, tolerances, jnp.asarray(jnp.inf)
        )
        assert bool(info.accepted)
        errors.append(abs(float(info.position[0]) - np.exp(-size)))
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert slope == pytest.approx(order + 1, abs=0.2), errors


@pytest.mark.slow
def test_the_path_is_as_accurate_as_it_is_asked_to_be(problem, start):
    reference = scipy.integrate.solve_ivp(
        lambda t, x: -np.asarray(problem.flatten(problem.gradient(problem.unflatten(x, start)))),
        (0, 20.0),
        np.asarray(problem.flatten(start)),
        method="LSODA",
        rtol=1e-11,
        atol=1e-13,
    ).y[:, -1]
    errors = []
    for rtol in (1e-3, 1e-5, 1e-7):
        end = gf.flow(problem, start, rtol=rtol, atol=1e-3 * rtol, end_time=20.0).final
        errors.append(np.max(np.abs(problem.flatten(end) - reference)))
    assert errors[0] <= 2e-2
    assert errors[1] <= 2e-4
    assert errors[2] <= 2e-6


@pytest.mark.slow
def test_few_steps_are_enough(problem, start):
    # 178 were measured; Kvaerno5 takes 42 and five times the products, its default root finder 2,420
    path = gf.flow(problem, start)
    assert path.stats["steps"] < 260
    assert path.stats["rejected"] < 30


@pytest.mark.slow
def test_a_start_beside_a_saddle_leaves_it_on_its_side_and_in_time():
    """The Hessian is indefinite for most of this flow; an implicit step that is too long is drawn to the saddle."""
    ridge = gf.Loss(lambda x: (x[0] ** 2 - 1) ** 2 / 4 + 50 * x[1] ** 2, [1e-9, 1.0])
    # near the ridge ẋ = x, and x/√(1 − x²) = e^t/1e9 all along
    for side in (1e-9, -1e-9):
        path = gf.flow(
            ridge, np.array([side, 1.0]), rtol=1e-6, atol=1e-15, gradient_tolerance=1e-10, samples_per_decade=1000
        )
        assert path.final[0] == pytest.approx(np.sign(side), abs=1e-7)
        x = path.states[:, 0]
        halfway = np.interp(0.5, np.abs(x), path.times)
        assert halfway == pytest.approx(np.log(0.5 / np.sqrt(0.75) * 1e9), rel=1e-2)


@pytest.mark.slow
def test_the_last_decades_at_a_condition_number_of_1e_8():
    curvatures = np.logspace(-6, 2, 30)
    rotation, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((30, 30)))
    matrix = jnp.asarray(rotation @ np.diag(curvatures) @ rotation.T)
    valley = gf.Loss(lambda x: x @ matrix @ x / 2 + jnp.sum((matrix @ x) ** 4), np.ones(30))
    path = gf.flow(valley, valley.init, gradient_tolerance=1e-12)
    assert path.gradient_norms[-1] <= 1e-12
    assert path.stats["steps"] < 600
    # ‖∇L‖ falls by its slowest mode, e^{−1e-6 t}, to 1e-12 from 1e-6 · (a start of size 1)
    assert path.times[-1] == pytest.approx(np.log(1e6) / 1e-6, rel=0.5)


def test_a_flow_can_be_followed_to_the_rounding_of_its_gradient(problem, start):
    """Steps are long there: the rounding of (step size) × (gradient) is more than Newton's iteration is asked for."""
    path = gf.flow(problem, start)
    floor = float(problem.gradient_floor(path.final))
    further = gf.flow(problem, path, gradient_tolerance=2 * floor)
    assert bool(further.result == gf.RESULTS.successful)
    assert further.stats["steps"] < 200


@pytest.mark.parametrize("max_order", [0, 6, 2.5, "5"])
def test_an_order_that_does_not_exist_is_refused(max_order):
    with pytest.raises((ValueError, TypeError), match=r"NDF: max_order must be .*Write gf.NDF\(max_order=5\)"):
        gf.NDF(max_order=max_order)


def test_conjugate_gradients_solve_a_definite_system_in_as_many_products_as_it_has_eigenvalues():
    matrix = jnp.diag(jnp.asarray([1.0, 1.0, 5.0, 5.0, 100.0]))
    right = jnp.asarray([1.0, 2.0, 3.0, 4.0, 5.0])
    solved = conjugate_gradients(lambda v: matrix @ v, right, lambda r: jnp.max(jnp.abs(r)) <= 1e-12, max_products=50)
    assert bool(solved.converged)
    assert int(solved.products) == 3
    np.testing.assert_allclose(solved.solution, np.asarray(right) / np.diagonal(matrix), rtol=1e-11)


def test_conjugate_gradients_say_when_the_operator_is_not_definite_or_the_products_run_out():
    def solve(diagonal, max_products):
        diagonal = jnp.asarray(diagonal)
        return conjugate_gradients(
            lambda v: diagonal * v, jnp.ones(3), lambda r: jnp.max(jnp.abs(r)) <= 1e-12, max_products=max_products
        )

    indefinite = solve([1.0, 3.0, -0.5], 50)
    assert not bool(indefinite.converged)
    assert int(indefinite.products) < 50
    assert np.all(np.isfinite(indefinite.solution))
    short = solve([1.0, 30.0, 500.0], 2)
    assert not bool(short.converged)
    assert int(short.products) == 2


@pytest.mark.slow
def test_a_rejection_along_a_power_of_the_time_does_not_ask_more_of_the_next_attempt():
    # run 3 falls like a power of the time for a while, and was rejected 261 times in a row there
    diagram = gf.phase_diagram(k=8, widths=(7,), runs=4)
    assert [record.header["flow"]["result"] for record in diagram.records] == ["successful"] * 4
