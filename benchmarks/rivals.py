"""What the benchmarks compare with: the same formulas in plain JAX and in numba, and other integrators on them.

An orthonormal teacher on the axes, W (n, d) then a (n,) as one vector. Needs `pip install numba scikit-sundae nlopt`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numba
import numpy as np
import optimistix as optx
import scipy.integrate
from cores import one_core as one_core
from sksundae.cvode import CVODE

import gradflow as gf

GRADIENT_TOLERANCE = 1e-8
Vector = np.ndarray
Gradient = Callable[[Vector], Vector]


@dataclass
class Ended:
    """How a rival's flow ended."""

    position: Vector
    seconds: float
    gradients: int
    note: str = ""


def problem(n: int, k: int) -> gf.TeacherStudent:
    """The paper's: d = k + 1."""
    return gf.TeacherStudent(gf.orthonormal_teacher(k, k + 1), n)


def formula(n: int, k: int, d: int) -> Callable[[jax.Array], jax.Array]:
    """The loss as anyone would write it in JAX: (2/π) asin(c/√(AB)) summed over pairs."""
    teacher = jnp.eye(k, d)

    def expectation(c: jax.Array, a: jax.Array, b: jax.Array) -> jax.Array:
        return 2 / jnp.pi * jnp.arcsin(c / jnp.sqrt(a[:, None] * b[None]))

    def loss(vector: jax.Array) -> jax.Array:
        weights, output = vector[: n * d].reshape(n, d), vector[n * d :]
        a, b = 1 + jnp.sum(weights**2, axis=1), 2 * jnp.ones(k)
        own = output @ expectation(weights @ weights.T, a, a) @ output
        across = jnp.sum(output @ expectation(weights @ teacher.T, a, b))
        return own - 2 * across + k * 2 / jnp.pi * jnp.arcsin(1 / 2)

    return loss


@numba.njit(fastmath=True, cache=False)
def _numba_gradient(vector: Vector, n: int, k: int, d: int, out: Vector) -> None:
    """Pairs i < j once; the products by BLAS."""
    weights, output = vector[: n * d].reshape(n, d), vector[n * d :]
    overlaps = weights @ weights.T
    slopes = np.empty((n, n))
    along = np.zeros(n)
    outputs = np.zeros(n)
    for i in range(n):
        for j in range(i + 1):
            c = overlaps[i, j]
            root = math.sqrt((1 + overlaps[i, i]) * (1 + overlaps[j, j]) - c * c)
            kappa = 2 / math.pi / root
            g = 2 / math.pi * math.atan(c / root)
            slopes[i, j] = kappa * output[j]
            slopes[j, i] = kappa * output[i]
            outputs[i] += g * output[j]
            along[i] += kappa * output[j] * c
            if j < i:
                outputs[j] += g * output[i]
                along[j] += kappa * output[i] * c
    moved = slopes @ weights
    for i in range(n):
        a = 1 + overlaps[i, i]
        for j in range(k):
            c = weights[i, j]
            root = math.sqrt(2 * a - c * c)
            kappa = 2 / math.pi / root
            outputs[i] -= 2 / math.pi * math.atan(c / root)
            along[i] -= kappa * c
            moved[i, j] -= kappa
        for j in range(d):
            out[i * d + j] = 2 * output[i] * (moved[i, j] - along[i] / a * weights[i, j])
        out[n * d + i] = 2 * outputs[i]


@numba.njit(fastmath=True, cache=False)
def _numba_hessian(vector: Vector, n: int, k: int, d: int, out: Vector) -> None:
    """Block by block into a buffer."""
    weights, output = vector[: n * d].reshape(n, d), vector[n * d :]
    overlaps = weights @ weights.T
    residual, other = np.empty(d), np.empty(d)
    out[:] = 0
    for i in range(n):
        a = 1 + overlaps[i, i]
        # own blocks: Σ_j a_j κ [−(c/A)(I − wwᵀ/A) − (wrᵀ + rwᵀ)/A + (c/D²) rrᵀ], and the gradient's direction
        own, mixed, direction = 0.0, np.zeros(d), np.zeros(d)
        for j in range(n + k):
            if j < n:
                c, b, factor = overlaps[i, j], 1 + overlaps[j, j], output[j]
            else:
                c, b, factor = weights[i, j - n], 2.0, -1.0
            square = a * b - c * c
            kappa = 2 / math.pi / math.sqrt(square) * factor
            for e in range(d):
                u = weights[j, e] if j < n else (1.0 if e == j - n else 0.0)
                residual[e] = u - c / a * weights[i, e]
                direction[e] += kappa * residual[e]
                mixed[e] -= kappa / a * residual[e]
            own -= kappa * c / a
            bend = 2 * output[i] * kappa * c / square
            for e in range(d):
                scaled = bend * residual[e]
                for f in range(d):
                    out[i * d + e, i * d + f] += scaled * residual[f]
        for e in range(d):
            for f in range(d):
                out[i * d + e, i * d + f] += (
                    2
                    * output[i]
                    * (-own * weights[i, e] * weights[i, f] / a + weights[i, e] * mixed[f] + mixed[e] * weights[i, f])
                )
            out[i * d + e, i * d + e] += 2 * output[i] * own
            out[i * d + e, n * d + i] += 2 * direction[e]
            out[n * d + i, i * d + e] += 2 * direction[e]
        for j in range(n):
            c = overlaps[i, j]
            square = a * (1 + overlaps[j, j]) - c * c
            kappa = 2 / math.pi / math.sqrt(square)
            for e in range(d):
                residual[e] = weights[j, e] - c / a * weights[i, e]
                other[e] = weights[i, e] / a
            factor, bend = 2 * output[i] * output[j] * kappa, 2 * output[i] * output[j] * kappa * a / square
            for e in range(d):
                first, second = factor * weights[i, e], bend * residual[e]
                for f in range(d):
                    out[i * d + e, j * d + f] -= first * other[f] + second * residual[f]
                out[i * d + e, j * d + e] += factor
                out[i * d + e, n * d + j] += 2 * output[i] * kappa * residual[e]
                out[n * d + j, i * d + e] += 2 * output[i] * kappa * residual[e]
            out[n * d + i, n * d + j] = 4 / math.pi * math.atan(c / math.sqrt(square))


def numba_gradient(n: int, k: int) -> Gradient:
    """∇L, compiled."""
    d = k + 1

    def gradient(vector: Vector) -> Vector:
        out = np.empty(n * (d + 1))
        _numba_gradient(vector, n, k, d, out)
        return out

    gradient(np.ones(n * (d + 1)))
    return gradient


def numba_hessian(n: int, k: int) -> Callable[[Vector], Vector]:
    """The dense Hessian in one buffer, compiled."""
    d = k + 1
    buffer = np.empty((n * (d + 1), n * (d + 1)))

    def hessian(vector: Vector) -> Vector:
        _numba_hessian(vector, n, k, d, buffer)
        return buffer

    hessian(np.ones(n * (d + 1)))
    return hessian


class Counted:
    """A gradient that counts its calls and can be out of time."""

    def __init__(self, gradient: Gradient, seconds: float):
        self.gradient, self.calls, self._until = gradient, 0, perf_counter() + seconds

    def __call__(self, vector: Vector) -> Vector:
        self.calls += 1
        if perf_counter() > self._until:
            raise TimeoutError
        return self.gradient(vector)


def cvode(
    gradient: Gradient, start: Vector, *, rtol: float, atol: float, linsolver: str, limit: float = 8.0, **options: Any
) -> Ended:
    """SUNDIALS' CVODE, step by step until ‖∇L‖∞ ≤ 1e-8."""
    counted = Counted(gradient, limit)

    def right(t: float, y: Vector, out: Vector) -> None:
        out[:] = -gradient(y)
        counted.calls += 1

    solver = CVODE(right, method="BDF", rtol=rtol, atol=atol, linsolver=linsolver, max_num_steps=100_000, **options)
    began = perf_counter()
    solver.init_step(0.0, start)
    while True:
        step = solver.step(1e15, method="onestep")
        position = step.y
        if not step.success:
            return Ended(position, perf_counter() - began, counted.calls, f"failed: {step.message}"[:40])
        if np.max(np.abs(gradient(position))) <= GRADIENT_TOLERANCE:
            return Ended(position, perf_counter() - began, counted.calls)
        if perf_counter() - began > limit:
            norm = np.max(np.abs(gradient(position)))
            return Ended(position, perf_counter() - began, counted.calls, f"not done: gradient norm {norm:.0e}")


def scipy_flow(
    gradient: Gradient,
    hessian: Callable[[Vector], Vector],
    start: Vector,
    *,
    method: str,
    rtol: float,
    atol: float,
    limit: float = 8.0,
) -> Ended:
    """SciPy's stiff integrators with the exact Jacobian, step by step until ‖∇L‖∞ ≤ 1e-8."""
    counted = Counted(gradient, limit)
    kind = {"LSODA": scipy.integrate.LSODA, "BDF": scipy.integrate.BDF, "Radau": scipy.integrate.Radau}[method]
    began = perf_counter()
    solver = kind(
        lambda t, y: -counted(y), 0.0, start, 1e15, rtol=rtol, atol=atol, jac=lambda t, y: -np.array(hessian(y))
    )
    try:
        while solver.status == "running":
            solver.step()
            if np.max(np.abs(gradient(solver.y))) <= GRADIENT_TOLERANCE:
                return Ended(solver.y, perf_counter() - began, counted.calls)
        note = f"failed: {solver.status}"
    except TimeoutError:
        note = "not done"
    norm = np.max(np.abs(gradient(solver.y)))
    return Ended(solver.y, perf_counter() - began, counted.calls, f"{note}: gradient norm {norm:.0e}")


def diffrax_flow(solver: Any, n: int, k: int, *, rtol: float = 1e-3, atol: float = 1e-6) -> Callable[[Vector], Ended]:
    """diffrax as its documentation writes it, with `jax.grad` of the formula; compiled before it is timed."""
    gradient = jax.grad(formula(n, k, k + 1))

    def stop(t: Any, y: jax.Array, args: Any, **rest: Any) -> jax.Array:
        return jnp.max(jnp.abs(gradient(y))) <= GRADIENT_TOLERANCE

    @jax.jit
    def run(start: jax.Array) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, args: -gradient(y)),
            solver,
            0.0,
            1e15,
            None,
            start,
            stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
            event=diffrax.Event(stop),
            max_steps=200_000,
            throw=False,
        )

    def follow(start: Vector) -> Ended:
        began = perf_counter()
        solution = jax.block_until_ready(run(jnp.asarray(start)))
        seconds, end = perf_counter() - began, np.asarray(solution.ys[-1])
        norm = float(jnp.max(jnp.abs(gradient(jnp.asarray(end)))))
        note = "" if norm <= GRADIENT_TOLERANCE else f"not done: gradient norm {norm:.0e}"
        return Ended(end, seconds, int(solution.stats["num_steps"]), note)

    run.lower(jnp.zeros(n * (k + 2))).compile()
    return follow


def as_it_comes() -> Any:
    """Kvaerno5 with diffrax's own root finder, which rejects steps in the hundreds here."""
    return diffrax.Kvaerno5()


def with_newton() -> Any:
    """Kvaerno5 with a root finder that works."""
    return diffrax.Kvaerno5(root_finder=optx.Newton(rtol=1e-6, atol=1e-9))
