"""What `oracles.flat_sets` says of flat sets: formulas against fifty digits, Hessians against automatic ones."""

import mpmath
import numpy as np
import pytest
from oracles.arccosine import ARC_COSINE, relu_loss
from oracles.flat_sets import ROWS
from oracles.flat_students import relu_students, teacher_student
from oracles.flat_traps import TRAPS
from oracles.inertia import DIGITS, inertia, settled
from oracles.landscape import Oracle, exact, size
from oracles.linear_networks import by_fifty_digits, of_rank, two_layers
from oracles.superposition import superposition_jet

import gradflow as gf

# what has no critical point where it stands
_NO_POINTS = ("exp(-x) + y²", "y² + 1e-12 x")


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if trap.name not in _NO_POINTS], ids=lambda trap: trap.name)
def test_a_traps_class_has_the_index_and_nullity_of_its_hessian_with_fifty_digits(trap):
    found = trap.settled()
    assert found is not None
    assert tuple(found.inertia) in [(truth.index, truth.nullity) for truth in trap.truths(np.array(trap.at))]


def test_inertia_counts_what_was_put_together():
    rng = np.random.default_rng(0)
    with mpmath.workdps(DIGITS):
        factor = exact(rng.normal(size=(9, 9)))
        signs = exact([-1, -1, -1e-12, 0, 0, 1e-9, 1, 1, 1])
        assert inertia((factor * signs) @ factor.T) == (3, 2)
        assert inertia(exact([[0, 1], [1, 0]])) == (1, 0)
        # neither zero nor not
        assert inertia(exact(np.diag([1.0, 1e-30]))) is None


def test_newtons_method_settles_on_a_set_next_to_where_it_began():
    def slope(x):
        return x * (4 * (x @ x - 1))

    def bend(x):
        return exact(np.eye(2)) * (4 * (x @ x - 1)) + np.outer(x, x) * 8

    found = settled(np.array([0.6, 0.8 + 1e-9]), slope, bend)
    assert found is not None
    assert found.inertia == (0, 1)
    assert found.moved < 2e-9


@pytest.mark.parametrize(
    ("sizes", "rank"), [((2, 3, 4), 2), ((4, 3, 4), 3), ((4, 3, 4), 2), ((3, 2, 4), 3), ((3, 4, 2), 2)], ids=str
)
def test_two_layers_at_their_minimum_have_the_nullity_of_the_formula(sizes, rank):
    """Products of random factors that are the best approximation exactly, so that no flow is needed."""
    q, h, p = sizes
    target = of_rank(p, q, rank, 3)
    left, values, right = np.linalg.svd(target)
    kept = min(h, rank)
    rng = np.random.default_rng(1)
    inner = rng.normal(size=(kept, h))
    second = (left[:, :kept] * values[:kept]) @ inner
    first = np.linalg.pinv(inner) @ right[:kept]
    if h > kept:  # what the second layer does not see
        first += (np.eye(h) - np.linalg.pinv(second) @ second) @ rng.normal(size=(h, q))
    formula = two_layers([first, second], target)
    assert formula is not None
    # where the rank of the product does not say what is flat both are true of fifty digits
    assert formula in by_fifty_digits([first, second], target)


def test_matrices_have_the_rank_that_the_formulas_take():
    for p, q, rank in ((4, 4, 2), (5, 5, 3), (5, 5, 4), (8, 4, 3), (4, 5, 4)):
        assert np.linalg.matrix_rank(of_rank(p, q, rank, 7), tol=1e-3) == rank


@pytest.mark.slow
def test_rectified_linear_units_have_the_derivatives_of_mpmath_also_where_they_are_parallel():
    rng = np.random.default_rng(0)
    weights, output, teacher = rng.normal(size=(4, 3)), rng.normal(size=4), np.eye(3)
    weights[1], weights[2] = 2 * weights[0], -weights[0]
    oracle = Oracle(*map(exact, (weights, output, teacher, np.ones(3))), kernel=ARC_COSINE)
    problem = gf.Loss(lambda parameters: relu_loss(parameters, teacher), init=(weights, output))
    slope = problem.flatten(problem.gradient(problem.init))
    np.testing.assert_allclose(slope, oracle.gradient().astype(float), atol=1e-13)
    np.testing.assert_allclose(problem.hessian(problem.init), oracle.hessian().astype(float), atol=1e-13)
    # the Hessian is continuous there: formulas against differences of the gradient, wrong by the step's size
    with mpmath.workdps(DIGITS):
        way, step = exact(rng.normal(size=16)), mpmath.mpf(10) ** -20
        change = oracle.at(oracle.vector + way * step).gradient() - oracle.at(oracle.vector - way * step).gradient()
        assert size(change / (2 * step) - oracle.hessian() @ way) < 1e-18


@pytest.mark.slow
def test_superposition_in_jets_is_that_of_jax():
    problem = ROWS["superposition"]()[0].problem
    rng = np.random.default_rng(3)
    at = (rng.normal(size=(6, 2)), 0.5 * rng.normal(size=6))
    jet = superposition_jet(exact(np.concatenate([np.ravel(leaf) for leaf in at])))
    np.testing.assert_allclose(float(jet.value), problem.loss(at), rtol=1e-14)
    np.testing.assert_allclose(jet.bend.astype(float), problem.hessian(at), atol=1e-13)


def test_two_copies_of_a_teacher_are_degenerate_and_a_dead_neuron_is_a_manifold():
    known = teacher_student(2, 3)
    output = np.array([0.3, 0.7, 1.0])
    copies = gf.TwoLayerNetwork(np.array([[1.0, 0.0], [1.0, 1e-4], [0.0, 1.0]]), output)
    dead = gf.TwoLayerNetwork(np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]), np.array([1.0, 0.0, 1.0]))
    assert [(truth.kind, truth.nullity) for truth in known.truths(copies)] == [(gf.Kind.DEGENERATE, 3)]
    assert [(truth.kind, truth.nullity) for truth in known.truths(dead)] == [(gf.Kind.MINIMUM_MANIFOLD, 2)]


def test_two_parallel_rectified_linear_units_that_are_one_teacher_are_degenerate():
    """Copies of eight teachers, one of them shared out. Flat are nine rescalings, the sharing out, and seven turns of
    the two against each other with a_1 δw_1 + a_2 δw_2 = 0, along which the loss grows like the third power.
    """
    known = relu_students(9)
    weights = np.concatenate([np.eye(8), [[0.5, 0, 0, 0, 0, 0, 0, 0]]])
    output = np.array([0.5, *[1.0] * 7, 1.0])
    assert [(truth.kind, truth.nullity) for truth in known.truths((weights, output))] == [(gf.Kind.DEGENERATE, 17)]
