"""Not isolated: what is a curve of critical points, and what only looks like one."""

from dataclasses import replace

import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongUse
from gradflow.proofs import Statement
from gradflow.proofs.dense.curve import Narrower, _is_perfect_copy
from gradflow.proofs.dense.student import Student

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def duplicated():
    """C-A(1, 2) of three teachers with its average neuron in two parts, 0.5 + 1.5."""
    student = gf.copy_average(k=3, n=2).student
    average = int(np.argmax(np.abs(student.output)))
    weights = np.concatenate([student.weights, student.weights[average : average + 1]])
    output = np.append(student.output, 1.5)
    output[average] -= 1.5
    return gf.certify(gf.TeacherStudent(gf.orthonormal_teacher(k=3, d=4), width=3), gf.TwoLayerNetwork(weights, output))


def test_a_duplicated_neuron_is_on_a_curve_of_critical_points(duplicated):
    assert duplicated.statement is Statement.NOT_ISOLATED
    assert duplicated.radius < 1e-14
    assert gf.verify(duplicated).holds


@pytest.mark.parametrize("apart", [1e-30, 1e-12])
def test_frozen_weights_that_differ_are_no_duplicates(apart):
    """With weights that are not trained the loss is a quadratic form of the output weights, definite as soon as they
    differ: the least squares' solution is isolated, however small the gap.
    """
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=2), width=2, free=("output",))
    found = gf.certify(problem, gf.TwoLayerNetwork([[0.0, 1.0], [apart, 1.0]], [0.3, 0.7]))
    assert found.statement is not Statement.NOT_ISOLATED


def test_a_frozen_dead_neuron_cannot_move():
    """Beside an exact copy; its output weight must stay zero."""
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=2), width=3, free=("output",))
    found = gf.certify(problem, gf.TwoLayerNetwork([[1.0, 0.0], [0.0, 1.0], [1e-80, 0.0]], [1.0, 1.0, 0.0]))
    assert found.statement is not Statement.NOT_ISOLATED


@pytest.mark.parametrize(
    "sharing",
    [
        ((0, 1), (1, 1), (-2, 0)),  # a neuron that is nowhere
        ((0, 1), (2, 1), (2, 1)),  # one of the narrower student that nobody is
        ((0, 1), (1, 1), (1, -1)),
        ((0, 1), (1, 1), (-1, 0)),
        ((0, 1), (1, 1)),
        ((0, 1), (1, 2), (1, 2)),
    ],
)
def test_neurons_that_share_otherwise_are_found_out(duplicated, sharing):
    assert duplicated.sharing == ((0, 1), (1, 1), (1, 1))
    assert not gf.verify(replace(duplicated, sharing=sharing)).holds


def test_neurons_beyond_all_students_are_refused(duplicated):
    with pytest.raises(WrongUse, match="two integers for every neuron in its field 'sharing'"):
        gf.verify(replace(duplicated, sharing=((0, 1), (1, 1), (10**12, 1))))


@pytest.mark.parametrize("edit", [{"narrower": None}, {"radius": 1e-300}, {"radius": float("nan")}, {"radius": -1.0}])
def test_other_edits_are_found_out(duplicated, edit):
    assert not gf.verify(replace(duplicated, **edit)).holds


@pytest.mark.parametrize("edit", [{"sharing": None}, {"radius": None}])
def test_what_is_missing_is_named(duplicated, edit):
    with pytest.raises(ValueError, match=next(iter(edit))):
        gf.verify(replace(duplicated, **edit))


@pytest.mark.parametrize("edit", [{"index": 3}, {"gap": 1.0}, {"isolation": 10.0}, {"error": -1.0}, {"radius": 0.0}])
def test_an_edit_of_the_narrower_student_is_named(duplicated, edit):
    found = gf.verify(replace(duplicated, narrower=replace(duplicated.narrower, **edit)))
    assert any(name.endswith("of the narrower student") for name in found.failed)


def test_another_teacher_of_the_narrower_student_is_found_out(duplicated):
    problem = gf.TeacherStudent(gf.TwoLayerNetwork(np.eye(3, 4), [1.0, 1.0, 1.0 + 1e-15]), width=2)
    assert "sharing" in gf.verify(replace(duplicated, narrower=replace(duplicated.narrower, problem=problem))).failed


@pytest.mark.parametrize("seconds", [-1.0, np.nan])
def test_a_curve_found_in_a_time_that_is_none_is_named_by_it(duplicated, seconds):
    assert gf.verify(replace(duplicated, seconds=seconds)).failed == ("seconds",)


@pytest.mark.parametrize("radius", [-1.0, np.nan, np.inf])
def test_a_radius_that_bounds_nothing_is_named(duplicated, radius):
    assert gf.verify(replace(duplicated, radius=radius)).failed == ("radius",)


@pytest.mark.parametrize(("apart", "perfect"), [(0.0, True), (1e-201, True), (1e-199, False), (1e-170, False)])
def test_a_distance_whose_square_underflows_is_a_distance(apart, perfect):
    zero = np.zeros((1, 2))
    student = Student(np.array([[apart, 0.0]]), np.ones(1), zero, np.ones(1), ("weights", "output"))
    assert _is_perfect_copy(Narrower(student, (), 0.0, isolation=1e-200, bits=128)) is perfect
