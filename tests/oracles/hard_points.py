"""Points that invite a false proof, with their problems."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import gradflow as gf
from oracles.edited import dead, split

Draw = Callable[[np.random.Generator], tuple[Any, Any]]
POINTS: dict[str, Draw] = {}

_EVERY = ("weights", "output")


def _points(kind: str) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        POINTS[kind] = draw
        return draw

    return register


@cache
def _problem(k: int, d: int, width: int, free: tuple[str, ...] = _EVERY) -> gf.TeacherStudent:
    return gf.TeacherStudent(gf.orthonormal_teacher(k=k, d=d), width=width, free=free)


@cache
def _member(family: str, k: int, n: int) -> gf.TwoLayerNetwork:
    return (gf.copy_average if family == "C-A" else gf.perturbed_n_copy)(k=k, n=n).student


def _some(rng: np.random.Generator) -> gf.TwoLayerNetwork:
    family, k, n = [("C-A", 2, 1), ("C-A", 3, 2), ("P-n-C", 3, 2), ("C-A", 3, 1), ("P-n-C", 4, 2)][rng.integers(5)]
    return _member(family, k, n)


def _of(student: gf.TwoLayerNetwork, free: tuple[str, ...] = _EVERY) -> gf.TeacherStudent:
    n, d = student.weights.shape
    return _problem(d - 1, d, n, free)


def _power(rng: np.random.Generator, low: float, high: float) -> float:
    return float(10.0 ** rng.uniform(low, high))


def _random(rng: np.random.Generator, problem: gf.TeacherStudent, scale: float) -> gf.TwoLayerNetwork:
    shape = (problem.width, problem.teacher.input_dimension)
    return gf.TwoLayerNetwork(scale * rng.normal(size=shape), rng.normal(size=shape[0]))


@_points("random points")
def _anywhere(rng: np.random.Generator) -> tuple[Any, Any]:
    k, extra, width = rng.integers(1, 4), rng.integers(0, 2), rng.integers(1, 4)
    problem = _problem(int(k), int(k + extra), int(width), [_EVERY, ("weights",), ("output",)][rng.integers(3)])
    return problem, _random(rng, problem, _power(rng, -6, 3))


@_points("points beside critical ones")
def _beside(rng: np.random.Generator) -> tuple[Any, Any]:
    student = _some(rng)
    step = _power(rng, -8, 0)
    weights = student.weights + step * rng.normal(size=student.weights.shape)
    return _of(student), gf.TwoLayerNetwork(weights, student.output + step * rng.normal(size=student.output.shape))


@_points("far out, where gradients vanish")
def _far_out(rng: np.random.Generator) -> tuple[Any, Any]:
    problem = _problem(2, 2 + int(rng.integers(2)), int(rng.integers(1, 3)))
    found = _random(rng, problem, _power(rng, 5, 17))
    return problem, gf.TwoLayerNetwork(found.weights, found.output * _power(rng, -17, -6))


@_points("channels to infinity")
def _channel(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two neurons that approach each other, output weights that grow against each other."""
    student = _some(rng)
    growing, direction = _power(rng, 1, 9), rng.normal(size=student.weights.shape[1])
    own = np.asarray(student.weights)
    pair = own[0] + np.array([[1], [-1]]) * direction / np.linalg.norm(direction) / growing
    weights = np.concatenate([pair, own[1:]])
    a = np.asarray(student.output)
    return _of(split(student, 0, rng)), gf.TwoLayerNetwork(weights, [a[0] / 2 + growing, a[0] / 2 - growing, *a[1:]])


@_points("duplicates")
def _duplicates(rng: np.random.Generator) -> tuple[Any, Any]:
    student = split(_some(rng), 0, rng)
    step = rng.choice([0.0, _power(rng, -17, -3)])
    weights = np.asarray(student.weights) + step * rng.normal(size=student.weights.shape)
    return _of(student), gf.TwoLayerNetwork(weights, student.output)


@_points("dead neurons")
def _dead(rng: np.random.Generator) -> tuple[Any, Any]:
    student = dead(_some(rng), rng)
    output = np.asarray(student.output).copy()
    output[-1] = rng.choice([0.0, _power(rng, -20, -2)])
    return _of(student), gf.TwoLayerNetwork(student.weights, output)


@_points("frozen leaves, nearly alike")
def _frozen(rng: np.random.Generator) -> tuple[Any, Any]:
    """Isolated as long as the frozen weights differ at all."""
    first = np.array([rng.choice([0.0, 1.0]), 1.0])
    other = first + np.array([_power(rng, -40, -5), 0.0])
    third = _power(rng, -90, -5) * rng.normal(size=2)
    problem = _problem(2, 2, 3, ("output",))
    weights = np.stack([first, other, third])
    return problem, gf.TwoLayerNetwork(weights, rng.choice([0.0, 1.0], size=3) * rng.normal(size=3))


@_points("zero and beside zero")
def _zero(rng: np.random.Generator) -> tuple[Any, Any]:
    problem = _problem(2, int(rng.integers(2, 4)), int(rng.integers(1, 4)))
    found = _random(rng, problem, rng.choice([0.0, _power(rng, -150, -3)]))
    return problem, gf.TwoLayerNetwork(found.weights, found.output * rng.choice([0.0, _power(rng, -150, -3)]))


@_points("wider than the teacher")
def _wide(rng: np.random.Generator) -> tuple[Any, Any]:
    student = gf.TwoLayerNetwork(np.eye(2, 3), np.ones(2))
    student = split(student, 0, rng) if rng.random() < 0.5 else dead(student, rng)
    step = rng.choice([0.0, _power(rng, -16, -4)])
    return _of(student), gf.TwoLayerNetwork(
        np.asarray(student.weights) + step * rng.normal(size=(3, 3)), np.asarray(student.output)
    )


@_points("turned out of the teacher's span")
def _turned(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two dimensions beyond the teacher: what has a part in them can be turned."""
    problem = _problem(2, 4, 2)
    student = _member("C-A", 3, 2)
    weights = np.zeros((2, 4))
    weights[:, :2] = np.asarray(student.weights)[:, :2]
    weights[:, 2:] = rng.choice([0.0, _power(rng, -12, 0)]) * rng.normal(size=(2, 2))
    return problem, gf.TwoLayerNetwork(weights, student.output)


@cache
def _twins(apart: float) -> gf.TeacherStudent:
    weights = np.array([[1.0, 0.0], [np.cos(apart), np.sin(apart)]])
    return gf.TeacherStudent(gf.TwoLayerNetwork(weights, np.array([1.0, 2.0])), width=2)


@_points("teachers that are nearly alike")
def _alike(rng: np.random.Generator) -> tuple[Any, Any]:
    """The copy of the teacher is isolated, its least eigenvalue goes with the square of the angle and below."""
    problem = _twins(float(rng.choice(10.0 ** -np.arange(0.0, 9.0, 0.25))))
    weights = np.asarray(problem.teacher.weights) + rng.choice([0.0, 1e-16, 1e-9]) * rng.normal(size=(2, 2))
    return problem, gf.TwoLayerNetwork(weights, problem.teacher.output)
