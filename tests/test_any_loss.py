"""Whatever the loss is, every verb ends in an answer: no exception of a library below leaves it, and no run takes
others with it.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import LossFailed
from gradflow._results import name_of

SIZE = 21  # one more than the size up to which norms are those of a dense matrix


class Polynomial(gf.AbstractProblem):
    """Σ c_i (x_i − m_i)²/2 + Σ s_i x_i + q Σ x_i⁴/4 + r Σ √x_i: one shape, and so one compilation, for all cases."""

    curvatures: jax.Array
    centre: jax.Array
    slopes: jax.Array
    quartic: jax.Array
    root: jax.Array

    def __init__(self, *, curvatures=0.0, centre=1.0, slopes=0.0, quartic=0.0, root=0.0):
        self.curvatures, self.centre, self.slopes = (
            jnp.broadcast_to(jnp.asarray(given, dtype=float), (SIZE,)) for given in (curvatures, centre, slopes)
        )
        self.quartic, self.root = jnp.asarray(quartic), jnp.asarray(root)

    def loss(self, x):
        roots = jnp.sqrt(jnp.where(self.root == 0, 1.0, x))
        squares = jnp.sum(self.curvatures * (x - self.centre) ** 2) / 2
        return squares + self.slopes @ x + self.quartic * jnp.sum(x**4) / 4 + self.root * jnp.sum(roots)


FIRST = np.eye(SIZE)[0]
SIGNS = np.where(np.arange(SIZE) < 2, -1.0, 1.0)
ZERO, ONE = np.zeros(SIZE), np.ones(SIZE)
FAR, HUGE = np.full(SIZE, 1e50), np.full(SIZE, 1e200)
# the problem, the start, how the flow ends, what refine says of its start, and the kind of the start
CASES = {
    "a constant Hessian": ({"curvatures": 1}, ZERO, "successful", "successful", "UNDECIDED"),
    "an exact minimum as start": ({"curvatures": 1}, ONE, "stationary_start", "successful", "MINIMUM"),
    "a saddle as start": ({"curvatures": SIGNS}, ONE, "stationary_start", "successful", "SADDLE"),
    "nothing": ({}, ONE, "stationary_start", "successful", "UNDECIDED"),
    "a line": ({"slopes": FIRST}, ZERO, "diverged", "not_converged", "UNDECIDED"),
    "a gentle line": ({"slopes": 1e-7}, ZERO, "diverged", "not_converged", "UNDECIDED"),
    "a steep line": ({"slopes": 1e150}, ZERO, "diverged", "not_converged", "UNDECIDED"),
    "rank one": ({"curvatures": FIRST}, ZERO, "successful", "successful", "UNDECIDED"),
    "rank one, at its minimum": ({"curvatures": FIRST}, ONE, "stationary_start", "successful", "MINIMUM_MANIFOLD"),
    "no lower bound": ({"curvatures": -1}, ZERO, "diverged", "leaving_saddle", "UNDECIDED"),
    "four times degenerate": ({"quartic": 1.0}, ZERO, "stationary_start", "successful", "DEGENERATE"),
    "not a number after some steps": ({"root": 1.0}, ONE, "diverged", "leaving_saddle", "UNDECIDED"),
    "not a number at the start": ({"root": 1.0}, -ONE, "diverged", "no_hessian", "UNDECIDED"),
    "an infinite gradient": ({"root": 1.0}, ZERO, "diverged", "no_hessian", "UNDECIDED"),
    "an infinite loss": ({"curvatures": 1}, HUGE, "diverged", "no_hessian", "UNDECIDED"),
    "tiny": ({"curvatures": 1e-150}, ZERO, "successful", "successful", "UNDECIDED"),
    "tiny, at its minimum": ({"curvatures": 1e-150}, ONE, "stationary_start", "successful", "MINIMUM"),
    "huge": ({"curvatures": 1e150}, ZERO, "successful", "successful", "UNDECIDED"),
    "huge, at its minimum": ({"curvatures": 1e150}, ONE, "stationary_start", "successful", "MINIMUM"),
    "far away": ({"curvatures": 1, "centre": 1e50}, FAR, "stationary_start", "successful", "MINIMUM"),
}
ROWS = [pytest.param(*row, id=name) for name, row in CASES.items()]


@pytest.mark.slow
@pytest.mark.parametrize(("coefficients", "start", "ends", "refined", "kind"), ROWS)
def test_every_verb_answers_on_any_loss(coefficients, start, ends, refined, kind):
    problem = Polynomial(**coefficients)
    trajectory = gf.flow(problem, start, throw=False)
    assert name_of(trajectory.result) == ends
    point = gf.refine(problem, start)
    assert name_of(point.result) == refined
    for spectrum in ("auto", "all", "extreme", "inertia"):
        verdict = gf.classify(problem, start, options=gf.ClassifyOptions(spectrum=spectrum))
        # zero modes are explored along eigenvectors, which inertia alone has none of
        explored = kind in ("MINIMUM_MANIFOLD", "DEGENERATE")
        assert verdict.kind.name == ("UNDECIDED" if explored and spectrum == "inertia" else kind)
        assert str(verdict)
    gf.refine(problem, start, options=gf.RefineOptions(matrix_free=True))
    (solution,) = gf.solve_many(problem, [start])
    assert name_of(solution.trajectory.result) == ends
    assert str(solution)


@pytest.mark.parametrize(("coefficients", "start", "ends", "refined", "kind"), ROWS)
def test_what_raises_is_gradflow_s_own_error_with_what_there_is(coefficients, start, ends, refined, kind):
    problem = Polynomial(**coefficients)
    if ends in ("successful", "stationary_start"):
        gf.flow(problem, start)
    else:
        with pytest.raises(gf.GradflowRuntimeError, match=f"flow: {ends}") as caught:
            gf.flow(problem, start)
        assert np.array_equal(caught.value.partial.state(0), start)
    if refined == "successful":
        gf.refine(problem, start, throw=True)
    else:
        with pytest.raises(gf.GradflowRuntimeError, match=f"refine: {refined}"):
            gf.refine(problem, start, throw=True)


@pytest.mark.parametrize("lanes", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_run_without_an_end_takes_no_other_with_it(lanes):
    problem = Polynomial(curvatures=1, centre=0, quartic=-1.0)  # from beyond 1 it falls for ever, in finite time
    found = gf.solve_many(problem, [0.5 * ONE, 2 * ONE, 0.1 * ONE, HUGE, -0.5 * ONE], lanes=lanes)
    ends = [name_of(solution.trajectory.result) for solution in found]
    assert ends == ["successful", "diverged", "successful", "diverged", "successful"]
    kinds = [solution.classification and solution.classification.kind.name for solution in found]
    assert kinds == ["MINIMUM", None, "MINIMUM", None, "MINIMUM"]


@pytest.mark.parametrize("lanes", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_a_time_that_becomes_infinite_ends_its_run_alone(lanes):
    found = gf.solve_many(Polynomial(slopes=1e-300), [ZERO, ONE, -ONE], lanes=lanes, gradient_tolerance=0.0)
    for solution in found:
        assert name_of(solution.result) == "diverged"
        assert solution.trajectory.times[-1] > 1e299
        assert np.all(np.isfinite(solution.student))


class Guarded(gf.AbstractProblem):
    """A loss that refuses some parameters while it runs."""

    def loss(self, x):
        return jnp.sum(eqx.error_if(x, jnp.max(x) > 3, "more than three") ** 2) / 2


@pytest.mark.slow
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_loss_that_raises_an_error_fails_alone(lanes):
    problem, good, bad = Guarded(), np.ones(2), np.full(2, 4.0)
    found = gf.solve_many(problem, [good, bad, good], lanes=lanes)
    assert [name_of(solution.result) for solution in found] == ["successful", "loss_failed", "successful"]
    assert np.array_equal(found[1].student, bad)
    with pytest.raises(gf.GradflowRuntimeError, match="flow: loss_failed"):
        gf.flow(problem, bad)
    with pytest.raises(LossFailed, match="more than three"):
        gf.refine(problem, bad)


def test_memory_that_runs_out_in_one_run_is_that_run_s_result(monkeypatch):
    from gradflow.critical_points import _classify
    from gradflow.problems import evaluation

    def exhausted(*_):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 byte.")

    def scarce(verb, size):
        evaluation.run(exhausted)

    problem = Polynomial(curvatures=1)
    monkeypatch.setattr(_classify, "require_memory", scarce)
    (solution,) = gf.solve_many(problem, [ZERO])
    assert name_of(solution.result) == "out_of_memory"
    assert name_of(solution.trajectory.result) == "successful"
    with pytest.raises(MemoryError, match="ran out of memory"):
        gf.solve(problem, ZERO)


class Given(gf.AbstractProblem):
    """A problem whose loss is what it is given."""

    value: object = eqx.field(static=True)

    def loss(self, x):
        return self.value(x)


@pytest.mark.parametrize("verb", [gf.flow, gf.refine, gf.classify, gf.solve, lambda p, x: gf.solve_many(p, [x])])
def test_a_problem_of_one_s_own_whose_loss_is_no_number_is_refused_by_every_verb(as_a_user_calls, verb):
    for value in (lambda x: x, lambda x: None, lambda x: (x[0],), lambda x: x[0].astype("float32"), lambda x: 1):
        with pytest.raises(TypeError, match=r"Given\.loss must return one float64 number, got .* Write jnp\.sum"):
            verb(Given(value), [1.0, 2.0])
    assert "loss 1" in str(verb(Given(lambda x: 1.0), [1.0, 2.0])) or verb is gf.classify
