"""Classified runs a minute: one process and two, one start after the other and in lanes; on a GPU where there is one.

Starting and compiling are outside the clock for one process; for two the whole call is timed with a filled
compilation cache, and the time of starting the workers told apart.

    python benchmarks/throughput.py [--sizes 10,20 23,50] [--runs 100]
"""

import argparse
from time import perf_counter

import jax

import gradflow as gf
from gradflow._compilation_cache import use_compilation_cache
from gradflow._text import table

LANES = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["10,20", "23,50"])
    parser.add_argument("--runs", type=int, default=100)
    asked = parser.parse_args()
    rows = []
    for size in asked.sizes:
        n, k = (int(part) for part in size.split(","))
        problem = gf.TeacherStudent(gf.orthonormal_teacher(k, k + 1), n)
        starts = [problem.init(key) for key in jax.random.split(jax.random.key(0), asked.runs)]
        device = jax.devices()[0].device_kind
        for lanes in (1, LANES) if jax.default_backend() == "cpu" else (1, LANES, 32):
            gf.solve_many(problem, starts[:lanes], lanes=lanes)
            began = perf_counter()
            gf.solve_many(problem, starts, lanes=lanes)
            seconds = perf_counter() - began
            rows.append((f"({n}, {k})", device, "1", str(lanes), f"{60 * asked.runs / seconds:.0f}", ""))
            print(*rows[-1], flush=True)
        if jax.default_backend() != "cpu":
            continue
        gf.phase_diagram(k, n, 2, processes=2)  # fills the compilation cache
        began = perf_counter()
        gf.phase_diagram(k, n, 2, processes=2)
        few = perf_counter() - began
        began = perf_counter()
        gf.phase_diagram(k, n, asked.runs + 2, processes=2)
        rate = 60 * asked.runs / (perf_counter() - began - few)
        rows.append((f"({n}, {k})", "phase_diagram", "2", "1", f"{rate:.0f}", f"{few:.1f}"))
        print(*rows[-1], flush=True)
    print(table(("(n, k)", "where", "processes", "lanes", "runs a minute", "seconds to start"), rows))


if __name__ == "__main__":
    use_compilation_cache()
    main()
