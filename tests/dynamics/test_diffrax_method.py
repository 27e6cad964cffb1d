"""gf.Diffrax: any solver and controller of diffrax follows the same flow."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix as optx
import pytest

import gradflow as gf

PROBLEM = gf.Loss(lambda x: (x[0] ** 2 - 1) ** 2 + (x[0] - x[1]) ** 2, [0.3, 1.4])
ROOTS = optx.Newton(rtol=1e-10, atol=1e-12)


@pytest.fixture(scope="module")
def by_default():
    return gf.flow(PROBLEM, PROBLEM.init, rtol=1e-9, atol=1e-11, end_time=0.8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "solver",
    [diffrax.Tsit5(), diffrax.Kvaerno3(root_finder=ROOTS), diffrax.Kvaerno4(root_finder=ROOTS)],
    ids=lambda solver: type(solver).__name__,
)
def test_another_solver_follows_the_same_path(by_default, solver):
    other = gf.flow(PROBLEM, PROBLEM.init, method=gf.Diffrax(solver), rtol=1e-9, atol=1e-11, end_time=0.8)
    assert other.times[-1] == by_default.times[-1] == 0.8
    np.testing.assert_allclose(other.final, by_default.final, rtol=0, atol=1e-7)


@pytest.mark.slow
def test_the_default_is_as_accurate_as_it_is_asked_to_be(by_default):
    finest = gf.flow(PROBLEM, PROBLEM.init, method=gf.Diffrax(diffrax.Dopri8()), rtol=1e-12, atol=1e-13, end_time=0.8)
    errors = []
    for rtol in (1e-3, 1e-6):
        followed = gf.flow(PROBLEM, PROBLEM.init, rtol=rtol, atol=1e-3 * rtol, end_time=0.8)
        errors.append(np.max(np.abs(followed.final - finest.final)))
    errors.append(np.max(np.abs(by_default.final - finest.final)))
    assert errors[0] <= 1e-2
    assert errors[1] <= 1e-5
    assert errors[2] <= 1e-8


@pytest.mark.slow
def test_few_steps_are_enough(problem):
    # 42 steps were measured; diffrax's default root finder takes 2,420
    stats = gf.flow(problem, problem.init(jax.random.key(0)), method=gf.Diffrax()).stats
    assert stats["steps"] < 80
    assert stats["rejected"] <= 10


def test_a_controller_of_ones_own_brings_its_tolerances(by_default):
    controller = diffrax.PIDController(rtol=1e-9, atol=1e-11, pcoeff=0.2, icoeff=0.4)
    own = gf.flow(PROBLEM, PROBLEM.init, method=gf.Diffrax(controller=controller), end_time=0.8)
    np.testing.assert_allclose(own.final, by_default.final, rtol=0, atol=1e-7)
    assert own.stats["steps"] != by_default.stats["steps"]


def test_a_state_of_the_solver_survives_a_rejected_step():
    # Dopri5 and Tsit5 hand their last stage to the next step, and a rejected one must not
    controller = diffrax.PIDController(rtol=1e-8, atol=1e-10, factormax=1e3, safety=1.0, dtmin=None)
    stiff = gf.Loss(lambda x: (x[0] ** 2 - 1) ** 2 + 50 * (x[0] - jnp.sin(x[1])) ** 2, [0.3, 1.4])
    method = gf.Diffrax(diffrax.Tsit5(), controller)
    explicit = gf.flow(stiff, stiff.init, method=method, end_time=1.0)
    implicit = gf.flow(stiff, stiff.init, rtol=1e-9, atol=1e-11, end_time=1.0)
    assert explicit.stats["rejected"] > 0
    np.testing.assert_allclose(explicit.final, implicit.final, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"solver": diffrax.Tsit5}, r"Diffrax: solver must be AbstractSolver, got the class Tsit5. Write gf.Diffrax\("),
        ({"solver": "Tsit5"}, "Diffrax: solver must be AbstractSolver, got 'Tsit5'"),
        ({"controller": diffrax.PIDController}, "controller must be AbstractStepSizeController, got the class PIDCont"),
        ({"controller": 1e-3}, "controller must be AbstractStepSizeController, got 0.001"),
    ],
)
def test_what_is_no_solver_or_controller_is_refused_with_the_line_to_write(arguments, message):
    with pytest.raises(TypeError, match=message):
        gf.Diffrax(**arguments)


def test_an_implicit_solver_without_tolerances_of_its_own_is_refused(as_a_user_calls):
    with pytest.raises(ValueError, match=r"root finder of Kvaerno5 has no tolerances .*root_finder=optimistix\.Newton"):
        gf.Diffrax(diffrax.Kvaerno5())
