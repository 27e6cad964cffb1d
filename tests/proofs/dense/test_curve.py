"""Not isolated: the curve of critical points is the proof."""

import dataclasses

import numpy as np
import pytest

import gradflow as gf


@pytest.fixture(scope="module")
def average():
    """C-A(1, 1, 4) of six teachers: weights and output weights."""
    student = gf.copy_average(k=6, n=3).student
    return np.asarray(student.weights), np.asarray(student.output)


def certified(weights, output, k, **options):
    weights, output = np.asarray(weights, dtype=float), np.asarray(output, dtype=float)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=k, d=weights.shape[1]), width=len(output), **options)
    return gf.certify(problem, gf.TwoLayerNetwork(weights, output))


def gradient_size(certificate, weights, output):
    gradient = certificate.problem.gradient(gf.TwoLayerNetwork(weights, output))
    return max(np.max(np.abs(gradient.weights)), np.max(np.abs(gradient.output)))


@pytest.mark.parametrize(("sign", "split"), [(1, (1.5, 2.5)), (-1, (5.5, 1.5))])
def test_duplicates_can_exchange_their_output_weights(average, sign, split):
    weights, _ = average
    weights = np.vstack([weights, sign * weights[-1:]])
    certificate = certified(weights, (1, 1, *split), k=6)
    assert certificate.statement is gf.Statement.NOT_ISOLATED
    assert certificate.proved
    assert certificate.index is None
    assert "neurons 2 and 3 share one weight vector" in certificate.reason
    assert certificate.radius < 1e-15
    assert certificate.sharing == ((0, 1), (1, 1), (2, 1), (2, sign))
    assert gf.verify(certificate).holds
    # the curve itself, far along it
    assert gradient_size(certificate, weights, np.array([1.0, 1, split[0] + 3, split[1] - sign * 3])) < 1e-13


def test_duplicates_whose_output_weights_sum_to_zero_are_not_proved(average):
    weights, _ = average
    certificate = certified(np.vstack([weights, -weights[-1:]]), (1, 1, 4, 4), k=6)
    assert not certificate.proved


def test_duplicates_are_no_curve_where_output_weights_are_not_trained(average):
    weights, _ = average
    certificate = certified(np.vstack([weights, weights[-1:]]), (1, 1, 2, 2), k=6, free=("weights",))
    assert certificate.statement is not gf.Statement.NOT_ISOLATED


def test_neurons_that_differ_in_weights_that_are_not_trained_are_no_duplicates(average):
    weights, _ = average
    weights = np.vstack([weights, weights[-1:] * (1 + 1e-12)])
    assert not certified(weights, (1, 1, 1.5, 2.5), k=6, free=("output",)).proved


def test_a_dead_neuron_whose_weights_are_not_trained_has_nowhere_to_go():
    weights = np.vstack([np.eye(3, 4), np.random.default_rng(0).normal(size=4)])
    certificate = certified(weights, (1, 1, 1, 0), k=3, free=("output",))
    assert certificate.statement is gf.Statement.ISOLATED


def test_dead_neurons_of_zero_weights_can_move_where_the_slope_does_not_vanish():
    # all students dead: index 4, nullity 32 of 40 (derived)
    certificate = certified(np.zeros((4, 9)), np.zeros(4), k=8)
    assert certificate.statement is gf.Statement.NOT_ISOLATED
    assert "neurons 0, 1, 2 and 3: dead" in certificate.reason
    assert certificate.narrower is None
    assert gf.verify(certificate).holds


def test_a_dead_neuron_of_zero_weights_beside_copy_average_is_not_proved(average):
    # E[(f − f*) x] is zero there, which no enclosure can tell
    weights, _ = average
    certificate = certified(np.vstack([weights, np.zeros((1, 7))]), (1, 1, 4, 0), k=6)
    assert certificate.statement is gf.Statement.NOT_PROVED
    assert certificate.step == "curvature"


def test_a_dead_neuron_lies_on_a_surface_of_weights(average):
    """Its weights are found by bisection of ∂L/∂a, and the surface is left in other directions."""
    weights, output = average
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=6, d=7), width=4)
    one, other = np.random.default_rng(1).normal(size=(2, 7))

    def student(share):
        return np.vstack([weights, share * one + (1 - share) * other]), np.array([*output, 0.0])

    def slope(share):
        return float(problem.gradient(gf.TwoLayerNetwork(*student(share))).output[3])

    places = np.linspace(-3, 3, 31)
    slopes = [slope(place) for place in places]
    at = next(i for i in range(30) if slopes[i] * slopes[i + 1] < 0)
    low, high = places[at], places[at + 1]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) * slopes[at] > 0 else (low, middle)
    certificate = certified(*student(low), k=6)
    assert certificate.statement is gf.Statement.NOT_ISOLATED
    assert certificate.radius < 1e-12
    assert "neuron 3: dead, with weights that can move on the surface" in certificate.reason
    assert gf.verify(certificate).holds
    # beside the surface the point is not critical
    assert not certified(*student(low + 0.1), k=6).proved


def test_a_dead_neuron_is_free_beside_an_exact_copy_of_the_teacher():
    weights = np.vstack([np.eye(3, 4)[[1, 0, 2]], np.random.default_rng(0).normal(size=4)])
    certificate = certified(weights, (1, 1, 1, 0), k=3)
    assert certificate.statement is gf.Statement.NOT_ISOLATED
    assert "freely beside an exact copy of the teacher" in certificate.reason
    assert gf.verify(certificate).holds


def test_a_copy_of_the_teacher_split_in_two_is_proved_from_a_point_beside_it():
    weights = np.vstack([np.eye(3, 4), np.eye(1, 4)]) + 1e-13
    certificate = certified(weights, (0.3, 1, 1, 0.7), k=3)
    assert certificate.statement is gf.Statement.NOT_ISOLATED
    assert 1e-13 < certificate.radius < 1e-12


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"radius": 1e-30}, ("radius",)),
        ({"sharing": ((0, 1), (1, 1), (2, 1), (1, 1))}, ("radius",)),
        ({"sharing": ((0, 1), (1, 1), (2, 1), (2, -1))}, ("radius",)),
        ({"sharing": ((0, 1), (1, 1), (2, 1))}, ("sharing",)),
    ],
)
def test_an_edited_certificate_is_not_proved_again(average, change, failed):
    weights, _ = average
    certificate = certified(np.vstack([weights, weights[-1:]]), (1, 1, 1.5, 2.5), k=6)
    assert gf.verify(dataclasses.replace(certificate, **change)).failed == failed


def test_it_is_kept_in_a_file(average, tmp_path):
    weights, _ = average
    certificate = certified(np.vstack([weights, weights[-1:]]), (1, 1, 1.5, 2.5), k=6)
    path = gf.write_certificate(certificate, tmp_path / "curve.json")
    again = gf.read_certificate(path)
    assert str(again) == str(certificate)
    assert again.narrower.middle == certificate.narrower.middle
    assert gf.verify(path).holds
