"""Error of the path over CPU seconds: our solvers, diffrax's, SciPy's and SUNDIALS', at several tolerances.

The error is the largest over matched times of ‖θ − θ_ref‖∞, the reference being Dop853's at 1e-12 (a problem small and
a time short enough for an explicit method). Failures stay in the table.

    python benchmarks/work_precision.py
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import rivals
import scipy.integrate
from sksundae.cvode import CVODE

import gradflow as gf
from gradflow._text import table

N, K = 10, 20
TIMES = (0.3, 3.0, 30.0, 300.0)  # the fast modes, the plateaus and the way down to ‖∇L‖ ≈ 1e-4
TOLERANCES = (1e-3, 1e-5, 1e-7, 1e-9)
Path = Callable[[float], np.ndarray]


def main() -> None:
    rivals.one_core()
    problem = rivals.problem(N, K)
    student = problem.init(jax.random.key(0))
    start = np.asarray(problem.flatten(student))
    gradient, hessian = rivals.numba_gradient(N, K), rivals.numba_hessian(N, K)
    reference = scipy.integrate.solve_ivp(
        lambda t, y: -gradient(y), (0, TIMES[-1]), start, method="DOP853", rtol=1e-12, atol=1e-13, t_eval=TIMES
    ).y.T

    def by_flow(method: Any) -> Path:
        """Stopped at every time, and begun again there: the price of matched times."""

        def path(rtol: float) -> np.ndarray:
            states, here, before = [], student, 0.0
            for time in TIMES:
                here = gf.flow(
                    problem, here, method=method, rtol=rtol, atol=1e-3 * rtol, end_time=time - before, max_steps=100_000
                ).final
                before = time
                states.append(np.asarray(problem.flatten(here)))
            return np.stack(states)

        return path

    def by_diffrax(solver: Any) -> Path:
        plain = jax.grad(rivals.formula(N, K, K + 1))
        implicit = diffrax.ODETerm(lambda t, y, args: -plain(y))
        terms: Any = implicit
        if isinstance(solver, diffrax.AbstractImplicitSolver) and solver.term_structure is not diffrax.AbstractTerm:
            # KenCarp splits the field: nothing of it is left to the explicit half
            terms = diffrax.MultiTerm(diffrax.ODETerm(lambda t, y, args: jnp.zeros_like(y)), implicit)

        @jax.jit
        def run(rtol: jax.Array) -> Any:
            return diffrax.diffeqsolve(
                terms,
                solver,
                0.0,
                TIMES[-1],
                None,
                jnp.asarray(start),
                saveat=diffrax.SaveAt(ts=jnp.asarray(TIMES)),
                stepsize_controller=diffrax.PIDController(rtol=rtol, atol=1e-3 * rtol),
                max_steps=100_000,
                throw=False,
            ).ys

        return lambda rtol: np.asarray(jax.block_until_ready(run(jnp.asarray(rtol))))

    def by_scipy(method: str) -> Path:
        return lambda rtol: (
            scipy.integrate.solve_ivp(
                lambda t, y: -gradient(y),
                (0, TIMES[-1]),
                start,
                method=method,
                rtol=rtol,
                atol=1e-3 * rtol,
                t_eval=TIMES,
                jac=lambda t, y: -np.array(hessian(y)),
            ).y.T
        )

    def by_cvode(linsolver: str) -> Path:
        def right(t: float, y: np.ndarray, out: np.ndarray) -> None:
            out[:] = -gradient(y)

        def jacobian(t: float, y: np.ndarray, velocity: np.ndarray, out: np.ndarray) -> None:
            out[:] = -hessian(np.ascontiguousarray(y))

        def path(rtol: float) -> np.ndarray:
            options = {"jacfn": jacobian} if linsolver == "dense" else {"krylov_dim": 20}
            solver = CVODE(right, rtol=rtol, atol=1e-3 * rtol, linsolver=linsolver, max_num_steps=100_000, **options)
            found = solver.solve(np.array([0.0, *TIMES]), start)
            return np.asarray(found.y)[1:]

        return path

    rows = []
    for name, path in (
        ("gradflow NDF", by_flow(gf.NDF())),
        ("gradflow Diffrax(Kvaerno5, CG)", by_flow(gf.Diffrax())),
        ("diffrax Kvaerno5, Newton", by_diffrax(rivals.with_newton())),
        ("diffrax KenCarp5, Newton", by_diffrax(diffrax.KenCarp5(root_finder=rivals.with_newton().root_finder))),
        ("SciPy LSODA, exact Hessian", by_scipy("LSODA")),
        ("SciPy BDF, exact Hessian", by_scipy("BDF")),
        ("SciPy Radau, exact Hessian", by_scipy("Radau")),
        ("CVODE dense, exact Hessian", by_cvode("dense")),
        ("CVODE GMRES(20)", by_cvode("gmres")),
    ):
        cells = []
        for rtol in TOLERANCES:
            try:
                path(rtol)  # compiles
                times = []
                for _ in range(3):
                    began = perf_counter()
                    found = path(rtol)
                    times.append(perf_counter() - began)
                if found.shape != reference.shape or not np.all(np.isfinite(found)):
                    cells.append("did not arrive")
                    continue
                cells.append(f"{np.max(np.abs(found - reference)):.0e} in {np.median(times):.3f} s")
            except Exception as error:  # a rival's failure is a result
                cells.append(f"{type(error).__name__}")
        rows.append((name, *cells))
        print(name, *cells, flush=True)
    print(table(("integrator", *(f"rtol {rtol:.0e}" for rtol in TOLERANCES)), rows))


if __name__ == "__main__":
    main()
