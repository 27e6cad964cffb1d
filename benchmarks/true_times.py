"""Whether the flow's time is right: along algebraic tails, against exact laws and beside SciPy's BDF, and on leaving a
saddle after a small displacement.

    python benchmarks/true_times.py
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp

import gradflow as gf
from gradflow._text import table

RTOLS = (1e-3, 1e-6, 1e-9)
GRADIENT = 1e-14
DISPLACEMENTS = (1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-11)


class Law(NamedTuple):
    """A loss of one number w, where its flow starts, and L(t)."""

    loss: Callable[[Any], Any]
    start: float
    exact: Callable[[Any], Any]


def laws() -> Iterator[tuple[str, Law]]:
    yield "exp(-w)", Law(lambda w: jnp.exp(-w[0]), 0.0, lambda t: 1 / (1 + t))
    for q in (1.0, 2.0, 4.0):  # ẇ = q w^{−q−1}
        yield (
            f"w^-{q:.0f}",
            Law(lambda w, q=q: w[0] ** -q, 1.0, lambda t, q=q: (1 + q * (q + 2) * t) ** (-q / (q + 2))),
        )


def tails() -> None:
    rows = []
    for name, law in laws():
        problem, start = gf.Loss(law.loss, init=[law.start]), np.array([law.start])
        gradient, hessian = jax.jit(jax.grad(law.loss)), jax.jit(jax.hessian(law.loss))
        for rtol in RTOLS:
            options = {"rtol": rtol, "atol": 1e-3 * rtol}
            path = gf.flow(problem, start, gradient_tolerance=GRADIENT, throw=False, **options)

            def left(t: float, w: Any, gradient: Any = gradient) -> float:
                return float(np.max(np.abs(gradient(w)))) - GRADIENT

            left.terminal = True  # type: ignore[attr-defined]
            rival = solve_ivp(
                lambda t, w, gradient=gradient: -np.asarray(gradient(w)),
                (0, 1e30),
                start,
                method="BDF",
                jac=lambda t, w, hessian=hessian: -np.asarray(hessian(w)),
                events=left,
                **options,
            )
            errors = [
                np.max(np.abs(losses / law.exact(times) - 1)) / rtol
                for times, losses in (
                    (path.times, path.losses),
                    (rival.t, np.array([float(law.loss(w)) for w in rival.y.T])),
                )
            ]
            steps = path.stats["steps"], len(rival.t) - 1
            rows.append([name, f"{rtol:.0e}", *steps, path.stats["rejected"], *(f"{error:.1f}" for error in errors)])
    header = ["loss", "rtol", "steps", "of BDF", "rejected", "largest relative error of L, in rtol", "of BDF"]
    print(table(header, rows, keys=2))


def saddles() -> None:
    """Two wells, ẋ = x − x³, in closed form; copy-average (7, 8) by the same flow at rtol 1e-9."""
    wells = gf.Loss(lambda p: -(p[0] ** 2) / 2 + p[0] ** 4 / 4 + 5 * p[1] ** 2 + (p[0] * p[1]) ** 2, init=[0.0, 0.0])
    problem = gf.TeacherStudent(gf.orthonormal_teacher(8, 9), 7)
    saddle = gf.refine(problem, gf.copy_average(8, 7).student).parameters
    values, vectors = np.linalg.eigh(np.asarray(problem.hessian(saddle)))
    unstable = vectors[:, 0]  # of a simple eigenvalue
    rows = []
    for displacement in DISPLACEMENTS:
        found = _time(wells, np.zeros(2), np.array([displacement, 0.0]), 0.5)
        exact = np.log(0.5 / np.sqrt(1 - 0.25)) - np.log(displacement / np.sqrt(1 - displacement**2))
        centre = np.asarray(problem.flatten(saddle))
        start = problem.unflatten(centre + displacement * unstable, saddle)
        loose, tight = (_time(problem, centre, start, 0.1, rtol=rtol) for rtol in (1e-3, 1e-9))
        linear = np.log(0.1 / displacement) / -values[0]
        rows.append(
            [f"{displacement:.0e}", f"{found / exact - 1:+.2%}", f"{loose:.1f}", f"{tight:.1f}", f"{linear:.1f}"]
        )
    print(table(["displacement", "two wells", "C-A (7, 8), default", "rtol 1e-9", "ln(0.1/ε)/|λ|"], rows))


def _time(problem: Any, centre: np.ndarray, start: Any, radius: float, rtol: float = 1e-3) -> float:
    """When the flow is farther than this from the saddle, between samples by the logarithm."""
    path = gf.flow(
        problem,
        start,
        rtol=rtol,
        atol=1e-3 * rtol,
        gradient_tolerance=GRADIENT,
        samples_per_decade=1_000,
        max_steps=3_000,
        throw=False,
    )
    flat = [np.asarray(problem.flatten(path.state(i))) for i in range(len(path.times))]
    away = np.array([np.linalg.norm(each - centre) for each in flat])
    after = int(np.argmax(away > radius))
    ends = np.log(away[after - 1 : after + 1])
    return float(np.interp(np.log(radius), ends, path.times[after - 1 : after + 1]))


def main() -> None:
    tails()
    print()
    saddles()


if __name__ == "__main__":
    main()
