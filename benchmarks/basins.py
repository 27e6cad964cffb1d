"""The critical point that the flow reaches does not depend on the integrator's tolerance: run by run, at rtol 1e-3,
1e-6 and 1e-9.

32 starts at n = 10, k = d = 20, W ~ N(0, 1/d), a = 1, or others. One table: a row a start, a column a tolerance, then
the exceptions.

    python benchmarks/basins.py
    python benchmarks/basins.py --n 23 --k 50 --d 51 --law GlorotNormal --starts 8
"""

import argparse
from collections import Counter
from time import perf_counter

import jax

import gradflow as gf
from gradflow._text import table

TOLERANCES = ((1e-3, 1e-6), (1e-6, 1e-9), (1e-9, 1e-12))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=32)
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--d", type=int, default=20)
    parser.add_argument("--law", choices=("LecunNormal", "GlorotNormal"), default="LecunNormal")
    asked = parser.parse_args()
    starts, law = asked.starts, getattr(gf, asked.law)()
    problem = gf.TeacherStudent(gf.orthonormal_teacher(asked.k, asked.d), asked.n)
    rows, exceptions = [], []
    totals: dict[float, Counter[str]] = {rtol: Counter() for rtol, _ in TOLERANCES}
    steps, seconds = Counter[float](), Counter[float]()
    for run in range(starts):
        student = problem.init(jax.random.key(run), law)
        found = {}
        for rtol, atol in TOLERANCES:
            began = perf_counter()
            found[rtol] = gf.solve(problem, student, rtol=rtol, atol=atol, max_steps=100_000)
            seconds[rtol] += perf_counter() - began
            steps[rtol] += found[rtol].trajectory.stats["steps"]
        names = {
            rtol: f"{solution.configuration.label.replace('1, ' * (asked.n - 1), '…, ')} {solution.classification.kind}"
            for rtol, solution in found.items()
        }
        far = max(gf.distance(solution.student, found[1e-9].student) for solution in found.values())
        rows.append((run, *names.values(), f"{far:.1e}"))
        for rtol, name in names.items():
            totals[rtol][name] += 1
        if len(set(names.values())) > 1 or far > 1e-8:
            exceptions.append(run)
    print(table(("run", *(f"rtol {rtol:.0e}" for rtol, _ in TOLERANCES), "largest distance"), rows))
    for rtol, counts in totals.items():
        shown = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        print(f"rtol {rtol:.0e}: {shown}; {steps[rtol] / starts:.0f} steps and {seconds[rtol] / starts:.2f} s a run")
    print(f"exceptions (another class or point than at rtol 1e-9): {exceptions or 'none'}")


if __name__ == "__main__":
    main()
