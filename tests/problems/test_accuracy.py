"""Accuracy against mpmath at 50 digits: the gradient, every pair's Hessian block, and the floors that bound them.

The weights are float64 numbers, so the oracle takes them as exact; what is measured is the rounding of gradflow alone.
"""

from functools import cache
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from oracles import derivatives as exact

import gradflow as gf
from gradflow.problems import curvature, expectations
from gradflow.problems.teacher import Teacher

ERF = gf.Erf()
GRID = [(d, norm) for d in (1, 2, 3, 5) for norm in (0.1, 1.0, 3.0, 10.0, 1e2, 1e3, 1e6)]


def gradient_bound(norm):
    return 1e-14 if norm <= 10 else 1e-11


def block_bound(norm):
    return 5e-14 if norm <= 10 else 1e-11


def directions(d):
    """A unit vector in general position, and one orthogonal to it (zero in one dimension)."""
    rng = np.random.default_rng(d)
    first, second = rng.standard_normal((2, d))
    first /= np.linalg.norm(first)
    if d == 1:
        return first, np.zeros(1)
    second -= (second @ first) * first
    return first, second / np.linalg.norm(second)


def pairs(d, norm):
    """Every relation that two neurons can stand in, by name; each in both orders."""
    e, f = directions(d)
    w, axis = norm * e, norm * np.eye(d)[0]
    found = {}
    for length in (1.0, 0.7, 1e-3):
        found |= {
            f"parallel {length}": (w, length * w),
            f"anti-parallel {length}": (w, -length * w),
            f"general {length}": (w, length * norm * (0.3 * e + 0.95 * f)),
            f"orthogonal {length}": (w, length * norm * f),
        }
        for angle in (1e-8, 1e-6, 1e-4):
            found[f"nearly parallel {angle} {length}"] = (w, length * norm * (e + angle * f))
            found[f"nearly anti-parallel {angle} {length}"] = (w, -length * norm * (e + angle * f))
    found |= {
        "duplicated": (w, w.copy()),
        "duplicated on an axis": (axis, axis.copy()),
        "beside an axis": (axis, 0.5 * axis + np.eye(d)[-1]),
        "unit length": (w, e.copy()),
        "norm 1e-12": (w, 1e-12 * (0.3 * e + 0.95 * f)),
        "norm 1e-12, parallel": (w, 1e-12 * e),
        "both of norm 1e-12": (1e-12 * e, 1e-12 * f),
        "zero": (w, np.zeros(d)),
        "both zero": (np.zeros(d), np.zeros(d)),
    }
    return {
        f"{name}{order}": pair[::step] for name, pair in found.items() for order, step in (("", 1), (" (swapped)", -1))
    }


def relative(got, wanted, scale=None):
    """The largest error relative to the largest exact entry (or to `scale`); where that is zero, the error must be."""
    got = np.asarray(got)
    error = np.max(np.abs(got - wanted))
    scale = np.max(np.abs(wanted)) if scale is None else scale
    if not np.all(np.isfinite(got)) or (scale == 0 and error > 0):
        return np.inf
    return float(error / scale) if scale > 0 else 0.0


def worst(errors):
    name = max(errors, key=errors.get)
    return errors[name], name


def exact_hessian(weights, output, teacher_weights, teacher_output):
    """The Hessian in (W, a), summed over pairs."""
    w, v = [exact.vector(row) for row in weights], [exact.vector(row) for row in teacher_weights]
    a, b = exact.vector(output), exact.vector(teacher_output)
    n, d = len(w), len(w[0])
    others = [*zip(a, w, strict=True), *((-bj, vj) for bj, vj in zip(b, v, strict=True))]
    matrix = np.full((n * (d + 1), n * (d + 1)), mpmath.mpf(0), dtype=object)
    for i in range(n):
        rows = slice(i * d, (i + 1) * d)
        for j in range(n):
            matrix[rows, j * d : (j + 1) * d] = 2 * a[i] * a[j] * exact.cross_block(w[i], w[j])
            matrix[rows, n * d + j] = [2 * a[i] * entry for entry in exact.slope(w[i], w[j])]
            matrix[n * d + i, n * d + j] = 2 * exact.expectation(w[i], w[j])
        for factor, u in others:
            matrix[rows, rows] += 2 * a[i] * factor * exact.own_block(w[i], u)
            matrix[rows, n * d + i] += np.array([2 * factor * entry for entry in exact.slope(w[i], u)], dtype=object)
    matrix[n * d :, : n * d] = matrix[: n * d, n * d :].T
    return matrix


def crowd(norm):
    """Neurons in all relations at once, n = k = 6 and d = 5; neither network is orthonormal."""
    e, f = directions(5)
    rng = np.random.default_rng(7)
    weights = norm * np.stack([e, e, e + 1e-8 * f, 0.3 * e + 0.95 * f, 1e-12 * f / norm, 0 * e])
    others = np.stack([norm * e, norm * f, -0.7 * norm * e, *rng.standard_normal((3, 5))])
    teacher = gf.TwoLayerNetwork(others, [1.0, -0.5, 2.0, 0.7, -1.3, 0.2])
    return teacher, gf.TwoLayerNetwork(weights, [0.8, -1.1, 2.0, -0.6, 3.0, 1.7])


def next_to_zero_loss(norm):
    teacher, _ = crowd(norm)
    rng = np.random.default_rng(3)
    weights = np.asarray(teacher.weights) + 1e-8 * rng.standard_normal((6, 5))
    return teacher, gf.TwoLayerNetwork(weights, np.asarray(teacher.output) + 1e-8 * rng.standard_normal(6))


class Point(NamedTuple):
    """A problem and a student, with everything about them at 50 digits."""

    problem: gf.TeacherStudent
    student: gf.TwoLayerNetwork
    loss: mpmath.mpf
    gradient: tuple
    hessian: np.ndarray


@cache
def point(place, norm):
    teacher, student = {"crowd": crowd, "next to zero loss": next_to_zero_loss}[place](norm)
    given = arrays(teacher, student)
    problem = gf.TeacherStudent(teacher, width=6)
    return Point(problem, student, exact.loss(*given), exact.gradient(*given), exact_hessian(*given))


def arrays(teacher, student):
    return tuple(np.asarray(leaf) for net in (student, teacher) for leaf in (net.weights, net.output))


everywhere = pytest.mark.parametrize("norm", [0.1, 1.0, 3.0, 10.0, 1e3, 1e6])
both_places = pytest.mark.parametrize("place", ["crowd", "next to zero loss"])


def test_the_oracle_is_the_derivative_of_the_expectation():
    first, second = exact.vector([0.3, -1.2]), exact.vector([2.0, 0.7])

    def g(*entries):
        return exact.expectation(entries[:2], entries[2:])

    def derivative(*order):
        return mpmath.diff(g, tuple(first + second), order)

    unit = np.eye(4, dtype=int)
    for i in range(2):
        assert abs(derivative(*unit[i]) - exact.slope(first, second)[i]) < 1e-20
        for j in range(2):
            assert abs(derivative(*(unit[i] + unit[j])) - exact.own_block(first, second)[i, j]) < 1e-15
            assert abs(derivative(*(unit[i] + unit[2 + j])) - exact.cross_block(first, second)[i, j]) < 1e-15


@pytest.mark.slow
@pytest.mark.parametrize(("d", "norm"), GRID)
def test_the_curvature_block_of_every_pair_keeps_its_digits(d, norm):
    errors = {}
    for name, (w, u) in pairs(d, norm).items():
        wanted = exact.own_block(exact.vector(w), exact.vector(u))
        # one pair alone: 2 · (−(−½)) of its block
        teacher, student = gf.TwoLayerNetwork(u[None], [-0.5]), gf.TwoLayerNetwork(w[None], [0.0])
        errors[name] = relative(curvature.curvature(Teacher(teacher), ERF, student)[0], wanted)
    assert worst(errors)[0] <= block_bound(norm), worst(errors)


@pytest.mark.slow
@pytest.mark.parametrize(("d", "norm"), GRID)
def test_the_cross_block_of_every_pair_keeps_its_digits(d, norm):
    errors, slopes = {}, {}
    for name, (w, u) in pairs(d, norm).items():
        first, second = exact.vector(w), exact.vector(u)
        # outputs ½ and 1 make the factor 2 a_i a_k equal to 1
        student, teacher = gf.TwoLayerNetwork(np.stack([w, u]), [0.5, 1.0]), gf.TwoLayerNetwork(u[None], [-0.5])
        matrix = np.asarray(curvature.hessian(Teacher(teacher), ERF, student))
        errors[name] = relative(matrix[:d, d : 2 * d], exact.cross_block(first, second))
        slopes[name] = relative(matrix[:d, 2 * d + 1], np.array(exact.slope(first, second), dtype=object))
    assert worst(errors)[0] <= block_bound(norm), worst(errors)
    assert worst(slopes)[0] <= block_bound(norm), worst(slopes)


@pytest.mark.slow
@pytest.mark.parametrize(("d", "norm"), GRID)
def test_the_gradient_is_exact_to_rounding_of_the_terms_summed(d, norm):
    errors = {}
    for name, (w, u) in pairs(d, norm).items():
        teacher = gf.TwoLayerNetwork(np.stack([u, np.eye(d)[0]]), [1.0, -0.3])
        student = gf.TwoLayerNetwork(np.stack([w, u]), [0.5, 1.0])
        in_weights, in_output, weight_sizes, output_sizes = exact.gradient(*arrays(teacher, student))
        _, weights, output = expectations.loss_and_gradient(Teacher(teacher), ERF, student)
        errors[name] = max(
            *(relative(weights[i], in_weights[i], weight_sizes[i].max()) for i in range(2)),
            relative(output, in_output, output_sizes.max()),
        )
    assert worst(errors)[0] <= gradient_bound(norm), worst(errors)


@pytest.mark.slow
@everywhere
@both_places
def test_the_gradient_of_many_neurons_is_exact_to_rounding_of_the_terms_summed(place, norm):
    problem, student, _, (in_weights, in_output, weight_sizes, output_sizes), _ = point(place, norm)
    gradient = problem.gradient(student)
    for i in range(6):
        assert relative(gradient.weights[i], in_weights[i], weight_sizes[i].max()) <= gradient_bound(norm)
        assert relative(gradient.output[i], in_output[i], output_sizes[i]) <= gradient_bound(norm)


@everywhere
@both_places
def test_every_block_of_the_hessian_of_many_neurons_keeps_its_digits(place, norm):
    problem, student, _, _, wanted = point(place, norm)
    matrix = np.asarray(problem.hessian(student))
    _, output, others, factors = arrays(problem.teacher, student)
    vectors = [exact.vector(row) for row in (*student.weights, *others)]
    factors = [*output, *factors]
    for i in range(6):
        rows = slice(5 * i, 5 * i + 5)
        sizes = [
            abs(factor) * np.max(np.abs(exact.own_block(vectors[i], u)))
            for factor, u in zip(factors, vectors, strict=True)
        ]
        for j in range(6):
            columns = slice(5 * j, 5 * j + 5)
            # a neuron's own block is a sum over pairs: relative to the largest entries of them all
            cross = abs(output[i]) * np.max(np.abs(exact.cross_block(vectors[i], vectors[i])))
            scale = 2 * abs(output[i]) * (sum(sizes) + cross) if i == j else None
            assert relative(matrix[rows, columns], wanted[rows, columns], scale) <= block_bound(norm)


@everywhere
@both_places
def test_hessian_error_bounds_the_error_of_every_row(place, norm):
    problem, student, _, _, wanted = point(place, norm)
    errors = np.sum(np.abs(np.asarray(problem.hessian(student)) - wanted), axis=1)
    assert np.all(errors <= np.asarray(problem.hessian_error(student)))


@everywhere
@both_places
def test_gradient_floor_bounds_the_error_of_the_gradient_and_is_the_size_of_its_terms(place, norm):
    problem, student, _, (in_weights, in_output, weight_sizes, output_sizes), _ = point(place, norm)
    gradient, floor = problem.gradient(student), float(problem.gradient_floor(student))
    assert np.max(np.abs(np.asarray(gradient.weights) - in_weights)) <= floor
    assert np.max(np.abs(np.asarray(gradient.output) - in_output)) <= floor
    # short vectors are summed by matrix products, whose terms are somewhat larger
    size = 4 * 2.0**-52 * float(max(weight_sizes.max(), output_sizes.max()))
    assert 0.99 * size <= floor <= 3 * size


@everywhere
@both_places
def test_loss_floor_bounds_the_error_of_the_loss(place, norm):
    problem, student, wanted, _, _ = point(place, norm)
    floor = float(problem.loss_floor(student))
    assert abs(float(problem.loss(student)) - wanted) <= floor
    assert abs(float(problem.value_and_gradient(student)[0]) - wanted) <= floor


def test_the_gradient_floor_at_the_optimal_copy_average_is_8e_15(problem):
    # shared/design.md, section 3: 8e-15 at n = 4, k = 8
    assert f"{float(problem.gradient_floor(gf.copy_average(8, 4).student)):.0e}" == "8e-15"


def test_the_loss_of_the_optimal_copy_average_is_the_reference_to_its_floor(problem):
    # L*(5), shared/reference.md
    wanted, student = mpmath.mpf("0.0724526452036704687458586378"), gf.copy_average(8, 4).student
    assert abs(float(problem.loss(student)) - wanted) <= float(problem.loss_floor(student))
