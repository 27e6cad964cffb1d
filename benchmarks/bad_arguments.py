"""Every public call with 24 bad values in place of each argument, and wrong command lines of all subcommands: how many
are refused, how many work, and whether an error from inside ever comes out.

    PYTHONPATH=tests python benchmarks/bad_arguments.py [NAME ...]

With names, the calls that begin so alone; without, all calls and the command.
"""

import os
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from time import process_time

os.environ.setdefault("MPLBACKEND", "agg")

import jax
from oracles.bad_command_lines import answers, places
from oracles.bad_values import VALUES, walked
from oracles.public_calls import calls

import gradflow as gf

# beyond what any of these calls takes: one that asks for more fails here, and not the machine
_MEMORY = 8 * 2**30
# seconds of a call that hangs
_LONGEST = 300


def _bounded() -> None:
    """This process, with so much memory beside what it has mapped already."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + _MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _walk(chosen: list[str], folder: Path, empty: Path) -> Counter[str]:
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)
    solution = gf.solve(problem, problem.init(jax.random.key(0)))
    every = calls(problem, solution, folder)
    wanted = [call for call in every if not chosen or any(call.name.startswith(name) for name in chosen)]
    counts: Counter[str] = Counter(calls=len(wanted), arguments=sum(len(call.arguments) for call in wanted))
    _bounded()
    for found in walked(wanted, empty, reduced=False):
        signal.alarm(_LONGEST)  # ends the process: a hang is a failure
        counts["tried"] += 1
        counts["raw errors" if found.wrong else "work" if found.said == "works" else "refused"] += 1
        if found.wrong:
            print(found)
    signal.alarm(0)
    return counts


def _command(folder: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line, wrong in answers(places(folder)):
        counts["command lines"] += 1
        counts["wrong answers"] += wrong is not None
        if wrong is not None:
            print(f"gradflow {line}: {wrong}")
    return counts


def main() -> None:
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as root:
        folders = [Path(root, name) for name in ("calls", "empty", "command")]
        for folder in folders:
            folder.mkdir()
        counts = _walk(sys.argv[1:], *folders[:2])
        if len(sys.argv) == 1:
            counts |= _command(folders[2])
    print(f"{len(VALUES)} values; " + ", ".join(f"{number} {name}" for name, number in counts.items()))
    print(f"{process_time():.0f} CPU seconds")
    if counts["raw errors"] or counts["wrong answers"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
