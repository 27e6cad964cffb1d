"""Whether the flow's time is right: along algebraic tails, against exact laws and beside SciPy's BDF, and on leaving a
saddle after a small displacement ε along its unstable direction, where it is ln(δ/ε)/|λ| + C to a distance δ.

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
    """A loss, where its flow starts, and L(t)."""

    loss: Callable[[Any], Any]
    start: tuple[float, ...]
    exact: Callable[[Any], Any]


def laws() -> Iterator[tuple[str, Law]]:
    yield "exp(-w)", Law(lambda w: jnp.exp(-w[0]), (0.0,), lambda t: 1 / (1 + t))
    for q in (1.0, 2.0, 4.0):  # ẇ = q w^{−q−1}
        yield (
            f"w^-{q:.0f}",
            Law(lambda w, q=q: w[0] ** -q, (1.0,), lambda t, q=q: (1 + q * (q + 2) * t) ** (-q / (q + 2))),
        )
    # logistic regression on separable data, ẇ = 1/(1 + e^w); of a softmax over two classes without weight decay w is
    # the difference, which moves twice as fast (written so that no digits are lost: log(e^a + e^b) − a has none left)
    yield "log(1 + exp(-w))", Law(lambda w: jnp.log1p(jnp.exp(-w[0])), (0.0,), lambda t: _logistic(t + 1))
    yield (
        "softmax",
        Law(lambda w: jnp.log1p(jnp.exp(w[1] - w[0])), (0.0, 0.0), lambda t: _logistic(2 * t + 1)),
    )


def _logistic(clock: np.ndarray) -> np.ndarray:
    """log(1 + e^(−w)) where w + e^w is `clock`, at least 1."""
    # convex in w, so that Newton's method from above converges monotonically
    w = np.log(clock)
    for _ in range(60):
        w = w - (w + np.exp(w) - clock) / (1 + np.exp(w))
    return np.log1p(np.exp(-w))


def tails() -> None:
    rows = []
    for name, law in laws():
        problem, start = gf.Loss(law.loss, init=np.array(law.start)), np.array(law.start)
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


def measured_saddles() -> None:
    """Time to leave against ln(δ/ε)/|λ| + C, right for ε ≪ δ; C is measured at ε = 1e-4 with Kvaerno5 at rtol 1e-10."""
    rows = []
    for name, (problem, near, radius) in leaving().items():
        saddle = gf.refine(problem, near, options=gf.RefineOptions(saddle_distance=0.1), throw=True).parameters
        values, vectors = np.linalg.eigh(np.asarray(problem.hessian(saddle)))
        centre = np.asarray(problem.flatten(saddle))
        # towards the side on which the largest entry grows, whatever sign the eigenvector has
        unstable = vectors[:, 0] * np.sign(vectors[np.argmax(np.abs(vectors[:, 0])), 0])

        def leave(
            displacement: float,
            problem=problem,
            saddle=saddle,
            centre=centre,
            unstable=unstable,
            radius=radius,
            **how: Any,
        ) -> float:
            return _time(problem, centre, problem.unflatten(centre + displacement * unstable, saddle), radius, **how)

        constant = leave(1e-4, rtol=1e-10, method=gf.Diffrax()) - np.log(radius / 1e-4) / -values[0]
        for displacement in DISPLACEMENTS:
            expected = np.log(radius / displacement) / -values[0] + constant
            rows.append(
                [
                    name,
                    f"{displacement:.0e}",
                    f"{expected:.4g}",
                    *(f"{leave(displacement, rtol=rtol) / expected - 1:+.2%}" for rtol in RTOLS),
                ]
            )
    print(
        table(
            ["saddle", "displacement", "ln(δ/ε)/|λ| + C", *(f"off at rtol {rtol:.0e}" for rtol in RTOLS)], rows, keys=2
        )
    )


def leaving() -> dict[str, tuple[gf.Loss, Any, float]]:
    """A loss, a point near a saddle of index 1, and the distance δ."""
    # Müller & Brown, Theor. Chim. Acta 53 (1979): four Gaussians, and the saddle that they call the transition state
    height, xx = np.array([-200.0, -100.0, -170.0, 15.0]), np.array([-1.0, -1.0, -6.5, 0.7])
    xy, yy = np.array([0.0, 0.0, 11.0, 0.6]), np.array([-10.0, -10.0, -6.5, 0.7])
    x0, y0 = np.array([1.0, 0.0, -0.5, -1.0]), np.array([0.0, 0.5, 1.5, 1.0])

    def mueller_brown(p: Any) -> Any:
        x, y = p[0] - x0, p[1] - y0
        return jnp.sum(height * jnp.exp(xx * x**2 + xy * x * y + yy * y**2))

    # E|x − ABx|² of inputs with covariance S: a saddle spans other eigenvectors than the first two (Baldi & Hornik,
    # Neural Networks 2 (1989))
    covariance = np.array([5.0, 3.0, 2.0, 1.0, 0.5])

    def autoencoder(p: Any) -> Any:
        left = jnp.eye(5) - p["A"] @ p["B"]
        return jnp.sum(left**2 * covariance)

    spanned = np.eye(5)[:, [0, 2]]
    return {
        "Müller–Brown": (gf.Loss(mueller_brown, init=[0.0, 0.0]), [-0.822, 0.624], 0.1),
        "autoencoder": (gf.Loss(autoencoder, {"A": spanned, "B": spanned.T}), {"A": spanned, "B": spanned.T}, 0.1),
    }


def _time(
    problem: Any, centre: np.ndarray, start: Any, radius: float, *, rtol: float = 1e-3, method: Any | None = None
) -> float:
    """When the flow is farther than this from the saddle, between samples by the logarithm."""
    path = gf.flow(
        problem,
        start,
        method=method,
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
    print()
    measured_saddles()


if __name__ == "__main__":
    main()
