"""The bound on how fast the Hessian changes is one."""

import mpmath
import numpy as np
import pytest

from gradflow.proofs import lipschitz
from gradflow.proofs.lipschitz import hessian_lipschitz

SIZES = ((1, 1, 1), (1, 3, 2), (2, 2, 2), (3, 2, 4), (4, 3, 1))
SCALES = (1e-8, 0.03, 0.3, 1.0, 3.0, 30.0, 1e3)


def test_every_rounded_constant_is_at_least_the_number_it_stands_for():
    with mpmath.workdps(40):
        slope = mpmath.sqrt(2 / mpmath.pi)
        curvature = mpmath.sqrt(2 / (mpmath.pi * mpmath.e))
        for found, number in (
            (lipschitz._SLOPE, slope),
            (lipschitz._SLOPE_SQUARED, slope**2),
            (lipschitz._BEND, mpmath.sqrt(3) * curvature),
            (lipschitz._THIRD, mpmath.sqrt(15) * slope),
        ):
            assert number <= mpmath.mpf(found) < number * (1 + mpmath.mpf(10) ** -4)


def hessian(weights, output, teacher, teacher_output):
    """By residuals r = u − (w·u/A) w, which do not cancel for long vectors; float64."""
    n, d = weights.shape
    partners, shares = np.concatenate([weights, teacher]), np.concatenate([output, -teacher_output])
    matrix = np.zeros((n * d + n, n * d + n))
    for i, w in enumerate(weights):
        size, c = 1 + w @ w, partners @ w
        residual = partners - np.outer(c / size, w)
        square = size * (1 + np.sum(residual * (residual + np.outer(c / size, w)), axis=1))
        kappa = 2 / np.pi / np.sqrt(square)
        projector, mine = np.eye(d) - np.outer(w, w) / size, slice(i * d, (i + 1) * d)
        own = np.zeros((d, d))
        for m, share in enumerate(shares):
            r = residual[m]
            mixed = (np.outer(w, r) + np.outer(r, w)) / size
            own += share * kappa[m] * (c[m] / square[m] * np.outer(r, r) - c[m] / size * projector - mixed)
        for j in range(n):
            r = residual[j]
            block = kappa[j] * (projector - size / square[j] * np.outer(r, r))
            matrix[mine, j * d : (j + 1) * d] += 2 * output[i] * output[j] * block
            matrix[n * d + j, mine] += 2 * output[i] * kappa[j] * r
        matrix[mine, mine] += 2 * output[i] * own
        matrix[n * d + i, mine] += 2 * (shares * kappa) @ residual
        matrix[n * d + i, n * d :] = 4 / np.pi * np.arctan2(c[:n], np.sqrt(square[:n]))
    matrix[: n * d, n * d :] = matrix[n * d :, : n * d].T
    return matrix


def loss(weights, output, teacher, teacher_output):
    partners, shares = np.concatenate([weights, teacher]), np.concatenate([output, -teacher_output])
    gram = partners @ partners.T
    sizes = 1 + np.diag(gram)
    return shares @ (2 / np.pi * np.arcsin(gram / np.sqrt(np.outer(sizes, sizes)))) @ shares


def configurations(count, rng):
    """Students and teachers with weights of all sizes, among them zeros."""
    for _ in range(count):
        n, k, d = SIZES[rng.integers(len(SIZES))]
        lengths = rng.choice([*SCALES, 0.0], size=(n, 1))
        weights = lengths * rng.normal(size=(n, d)) / np.sqrt(d)
        output = rng.choice([0.0, 0.1, 1.0, 30.0], size=n) * rng.normal(size=n)
        yield weights, output, rng.choice([0.3, 1.0, 30.0]) * rng.normal(size=(k, d)), rng.normal(size=k)


def change(point, direction, step, units=1.0):
    weights, output, *teacher = point
    size = weights.size
    moved = [
        (weights + sign * step * direction[:size].reshape(weights.shape), output + sign * step * direction[size:])
        for sign in (1, -1)
    ]
    ends = [hessian(*student, *teacher) for student in moved]
    return np.linalg.norm((ends[0] - ends[1]) / units / np.reshape(units, (-1, 1)), 2) / (2 * step)


@pytest.mark.parametrize("reach", [0.0, 1e-2, 1.0])
@pytest.mark.parametrize("scaled", [False, True])
def test_sampled_changes_of_the_hessian_never_exceed_it(reach, scaled):
    """Along random directions, along single parameters, and along the steepest of several."""
    rng = np.random.default_rng(7)
    largest = 0.0
    for point in configurations(60, rng):
        weights, output, *_ = point
        scales = rng.choice([1.0, 2.0, 32.0], size=len(output)) if scaled else np.ones(len(output))
        units = np.concatenate([np.repeat(scales, weights.shape[1]), np.ones(len(output))])
        norms, here = np.linalg.norm(weights, axis=1), max(float(loss(*point)), 0.0)
        bound = hessian_lipschitz(np.abs(output), norms, here, float(reach), scales=scales)
        count = weights.size + output.size
        directions = np.concatenate([rng.normal(size=(3, count)), np.eye(count)])
        for direction in directions / np.linalg.norm(directions, axis=1)[:, None]:
            # a secant within reach, or a derivative whose rounding is small beside the bound
            found = change(point, direction, reach or 1e-5, units)
            largest = max(largest, found / bound)
    assert 0.05 < largest < 1 + 1e-5


def test_it_is_nearly_reached_by_a_single_neuron():
    """One student, one input, no bound is far off: w = 0, a large, the third derivative along w."""
    point = (np.array([[0.5]]), np.array([10.0]), np.array([[1.0]]), np.array([1.0]))
    bound = hessian_lipschitz(np.array([10.0]), np.array([0.5]), float(loss(*point)), 0.0)
    assert bound < 20 * change(point, np.array([1.0, 0.0]), 1e-5)


def test_a_bound_that_is_no_number_is_infinite():
    assert not hessian_lipschitz(np.array([1.0]), np.array([1.0]), float("inf"), 0.0) < np.inf
