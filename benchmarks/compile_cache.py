"""A second process with a filled compilation cache compiles next to nothing: `gradflow solve --k 8 --n 4`, twice.

XLA's share as JAX counts it (`backend_compile_duration`, which includes reading the cache), tracing apart.

    python benchmarks/compile_cache.py
"""

import json
import os
import subprocess
import sys
import tempfile

from gradflow._text import table

RUN = """
import collections, contextlib, io, json, sys, time
began = time.perf_counter()
import jax
from gradflow.cli import main
seconds = collections.Counter()
jax.monitoring.register_event_duration_secs_listener(lambda name, duration, **_: seconds.update({name: duration}))
sys.argv = ["gradflow", "solve", "--k", "8", "--n", "4", "--json"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps({**seconds, "total": time.perf_counter() - began}))
"""
SHOWN = (
    "jaxpr_trace_duration",
    "jaxpr_to_mlir_module_duration",
    "backend_compile_duration",
    "cache_retrieval_time_sec",
)


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        cached = {
            "JAX_COMPILATION_CACHE_DIR": folder,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        for process in ("empty cache", "filled cache"):
            printed = subprocess.run(
                [sys.executable, "-c", RUN], env={**os.environ, **cached}, check=True, capture_output=True, text=True
            )
            seconds = json.loads(printed.stdout.splitlines()[-1])
            by_name = {name.rsplit("/", 1)[-1]: value for name, value in seconds.items()}
            rows.append((process, *(f"{by_name.get(name, 0.0):.2f}" for name in SHOWN), f"{seconds['total']:.2f}"))
    print(table(("process", *SHOWN, "total seconds"), rows))


if __name__ == "__main__":
    main()
