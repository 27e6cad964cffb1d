"""What is enclosed contains the values of mpmath; benchmarks/enclosures.py does the same a thousand times."""

import mpmath
import numpy as np
import pytest
from oracles import containment
from oracles.landscape import Oracle, exact
from scipy.special import erf

from gradflow._arithmetic import balls
from gradflow.proofs.dense.hessian import hessian
from gradflow.proofs.dense.landscape import Landscape
from gradflow.proofs.dense.residuals import Residuals
from gradflow.proofs.dense.student import Student
from gradflow.proofs.unproved import Unproved

pytestmark = pytest.mark.usefixtures("unchecked")


def student(n=2, k=2, d=3, seed=0, free=("weights", "output")):
    rng = np.random.default_rng(seed)
    return Student(rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=(k, d)), rng.normal(size=k), free)


@pytest.mark.slow
def test_loss_gradient_hessian_and_their_bounds_hold_for_random_networks_of_all_sizes():
    rng = np.random.default_rng(11)
    with mpmath.workdps(containment.DIGITS):
        for _ in range(60):
            network = containment.configuration(rng)
            assert not list(containment.failures(network, rng)), network


def test_the_oracle_is_the_derivative_of_the_loss_by_differences():
    """Of mpmath's own numbers, so that a slip in a formula cannot be in both."""
    rng = np.random.default_rng(3)
    parts = (rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=(2, 2)), rng.normal(size=2))
    with mpmath.workdps(90):
        here, step = Oracle(*map(exact, parts)), mpmath.mpf(10) ** -30
        gradient, matrix = here.gradient(), here.hessian()
        for i in range(6):
            ends = [here.at(here.vector + exact(np.eye(6)[i]) * (sign * step)) for sign in (1, -1)]
            slope = (ends[0].loss() - ends[1].loss()) / (2 * step)
            row = (ends[0].gradient() - ends[1].gradient()) / (2 * step)
            assert abs(slope - gradient[i]) < 1e-55
            assert max(abs(row - matrix[i])) < 1e-55


def test_the_loss_is_the_expected_square_by_gauss_hermite():
    """From the definition, E[(f − f*)²] in one dimension."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    case = Student(
        np.array([[0.7], [-0.2]]), np.array([1.5, 0.3]), np.array([[0.9]]), np.array([-0.4]), ("weights", "output")
    )
    residual = erf(np.outer(nodes, case.weights[:, 0]) / np.sqrt(2)) @ case.output
    residual -= erf(np.outer(nodes, case.teacher_weights[:, 0]) / np.sqrt(2)) @ case.teacher_output
    arithmetic = balls(128)
    with arithmetic.working():
        loss = Landscape(case.at(arithmetic.array(case.vector), arithmetic)).loss()
    assert float(loss) == pytest.approx(np.sum(weights * residual**2) / np.sum(weights), abs=1e-13)


@pytest.mark.parametrize("free", [("weights",), ("output",)])
def test_the_hessian_of_some_leaves_is_a_part_of_the_whole(free):
    arithmetic, whole, part = balls(128), student(), student(free=free)
    with arithmetic.working():
        everything = hessian(Landscape(whole.at(arithmetic.array(whole.vector), arithmetic)), whole.trained)
        some = hessian(Landscape(part.at(arithmetic.array(part.vector), arithmetic)), part.trained)
    np.testing.assert_array_equal(some.matrix, everything.matrix[np.ix_(part.trained, part.trained)])
    assert 0 < some.error <= everything.error


def test_both_formulas_overlap_where_balls_are_wide():
    """Around a whole box of students."""
    case, arithmetic = student(), balls(100)
    with arithmetic.working():
        place = case.at(arithmetic.around(arithmetic.array(case.vector), 1e-6), arithmetic)
        direct, again = Landscape(place), Residuals(place)
        for first, second in ((direct.loss(), again.loss()), *zip(direct.gradient(), again.gradient(), strict=True)):
            assert first.overlaps(second)


@pytest.mark.parametrize(("weight", "said"), [(1e16, "1.0e.16"), (float("nan"), "nan"), (float("inf"), "inf|nan")])
@pytest.mark.parametrize("leaf", ["weights", "output", "teacher_weights", "teacher_output"])
def test_a_number_beyond_the_bounds_on_underflow_is_not_proved(leaf, weight, said):
    case, arithmetic = student(), balls(128)
    getattr(case, leaf).ravel()[-1] = weight
    with arithmetic.working(), pytest.raises(Unproved, match=said):
        hessian(Landscape(case.at(arithmetic.array(case.vector), arithmetic)), case.trained)
