"""Seconds from an initialisation to ‖∇L‖∞ ≤ 1e-8 and to a class, on one core, compilation aside: ours, and other
integrators followed by SciPy's and NLopt's polishing (the pipeline of MLPGradientFlow.jl: a stiff solver, then SLSQP
or BFGS).

    python benchmarks/to_critical_point.py [--sizes 4,8 10,20 23,50 46,100 60,100] [--seeds 5]
"""

import argparse
import contextlib
import resource
from collections.abc import Callable
from time import perf_counter
from typing import Any

import jax
import nlopt
import numpy as np
import rivals
import scipy.optimize

import gradflow as gf
from gradflow._text import table

# beyond these sizes a rival with a dense Jacobian, or without a root finder that works, takes minutes a run
DENSE, AS_IT_COMES, KVAERNO = 300, 300, 2_000


def polished(n: int, k: int, end: np.ndarray) -> float:
    """Seconds of SLSQP (NLopt) and BFGS (SciPy) from the end of a flow, at most 50 iterations each."""
    gradient = rivals.numba_gradient(n, k)
    loss = jax.jit(rivals.formula(n, k, k + 1))
    began = perf_counter()
    optimiser = nlopt.opt(nlopt.LD_SLSQP, end.size)

    def objective(x: np.ndarray, out: np.ndarray) -> float:
        if out.size:
            out[:] = gradient(x)
        return float(loss(x))

    optimiser.set_min_objective(objective)
    optimiser.set_maxeval(50)
    with contextlib.suppress(nlopt.RoundoffLimited, RuntimeError):
        end = optimiser.optimize(end)
    scipy.optimize.minimize(lambda x: float(loss(x)), end, jac=gradient, method="BFGS", options={"maxiter": 50})
    return perf_counter() - began


def main() -> None:
    rivals.one_core()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["4,8", "10,20", "23,50", "46,100", "60,100"])
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    for size in asked.sizes:
        n, k = (int(part) for part in size.split(","))
        of_size(n, k, asked.seeds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory of this process, rivals included: {peak:.1f} GB")


def of_size(n: int, k: int, seeds: int) -> None:
    problem = rivals.problem(n, k)
    starts = [problem.init(jax.random.key(seed)) for seed in range(seeds)]
    vectors = [np.asarray(problem.flatten(start)) for start in starts]
    gradient = rivals.numba_gradient(n, k)
    gf.solve(problem, starts[0])  # compiles
    flows, classes, kinds, ends = [], [], [], []
    for start in starts:
        began = perf_counter()
        trajectory = gf.flow(problem, start)
        flows.append(perf_counter() - began)
        began = perf_counter()
        solution = gf.solve(problem, start)
        classes.append(perf_counter() - began)
        kinds.append(f"{solution.configuration.name} {solution.classification.kind}")
        ends.append(float(trajectory.losses[-1]))
    rows: list[tuple[str, ...]] = []
    ours = float(np.median(flows))
    rows.append(
        ("gradflow, init → class", f"{np.median(classes):.3f}", "", f"{seeds}/{seeds}", ", ".join(sorted(set(kinds))))
    )
    rows.append(("gradflow NDF, flow", f"{ours:.3f}", "1.0", f"{seeds}/{seeds}", ""))

    def rival(name: str, follow: Callable[[np.ndarray], rivals.Ended], count: int = seeds) -> None:
        runs = []
        for vector in vectors[:count]:
            try:
                runs.append(follow(vector))
            except Exception as error:  # a rival's failure is a result
                rows.append((name, "", "", f"0/{count}", f"{type(error).__name__}: {error}"[:60]))
                return
        seconds = float(np.median([run.seconds for run in runs]))
        done = [run for run in runs if not run.note]
        same = sum(
            abs(float(problem.loss(problem.unflatten(run.position, starts[0]))) - ends[number]) < 1e-9
            for number, run in enumerate(runs)
            if not run.note
        )
        notes = sorted({run.note for run in runs if run.note})
        told = f"{same} of {len(done)} at our point" + (f"; {notes[0]}" if notes else "")
        rows.append((name, f"{seconds:.3f}", f"{seconds / ours:.1f}", f"{len(done)}/{count}", told))
        print(*rows[-1], flush=True)

    def diffrax_rival(name: str, solver: Any, count: int) -> None:
        rival(name, rivals.diffrax_flow(solver, n, k), count)

    rival("CVODE GMRES(5) 1e-6", lambda v: rivals.cvode(gradient, v, rtol=1e-6, atol=1e-6, linsolver="gmres"))
    # its default is a Krylov space of 5; of 5 and 20, and absolute tolerances 1e-6 to 1e-9, these were the fastest
    rival(
        "CVODE GMRES(20) 1e-6",
        lambda v: rivals.cvode(gradient, v, rtol=1e-6, atol=1e-6, linsolver="gmres", krylov_dim=20),
    )
    rival(
        "CVODE GMRES(20) 1e-3",
        lambda v: rivals.cvode(gradient, v, rtol=1e-3, atol=1e-6, linsolver="gmres", krylov_dim=20),
    )
    if vectors[0].size <= KVAERNO:
        gf.flow(problem, starts[0], method=gf.Diffrax())  # compiles
        rival("gradflow Diffrax (Kvaerno5, CG)", lambda v: _by_diffrax(problem, problem.unflatten(v, starts[0])))
    if problem.flatten(starts[0]).size <= DENSE:
        hessian = rivals.numba_hessian(n, k)

        def jacobian(t: float, y: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
            out[:] = -hessian(np.ascontiguousarray(y))

        rival(
            "CVODE dense 1e-6, Hessian",
            lambda v: rivals.cvode(gradient, v, rtol=1e-6, atol=1e-9, linsolver="dense", jacfn=jacobian),
        )
        for method in ("LSODA", "BDF", "Radau"):
            rival(
                f"SciPy {method} 1e-6, Hessian",
                lambda v, method=method: rivals.scipy_flow(gradient, hessian, v, method=method, rtol=1e-6, atol=1e-9),
            )
        diffrax_rival("diffrax Kvaerno5, Newton, jax.grad", rivals.with_newton(), min(3, seeds))
    if problem.flatten(starts[0]).size <= AS_IT_COMES:
        diffrax_rival("diffrax Kvaerno5 as it comes, jax.grad", rivals.as_it_comes(), min(3, seeds))
    if problem.flatten(starts[0]).size <= DENSE:
        end = rivals.cvode(gradient, vectors[0], rtol=1e-6, atol=1e-9, linsolver="gmres").position
        rows.append(("  polishing by SLSQP and BFGS besides", f"{polished(n, k, end):.3f}", "", "1/1", "no class"))
    print(f"\n(n, k) = ({n}, {k}), {seeds} seeds, medians")
    print(table(("to ‖∇L‖∞ ≤ 1e-8", "seconds", "over ours", "arrived", ""), rows), flush=True)


def _by_diffrax(problem: gf.TeacherStudent, start: gf.TwoLayerNetwork) -> rivals.Ended:
    began = perf_counter()
    trajectory = gf.flow(problem, start, method=gf.Diffrax())
    end = np.asarray(problem.flatten(trajectory.final))
    return rivals.Ended(end, perf_counter() - began, trajectory.stats["steps"])


if __name__ == "__main__":
    main()
