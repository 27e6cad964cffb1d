"""A process that does the runs it is told of: `python -m gradflow.sweeps.worker STORE`.

It reads one JSON line with the experiment, then one `[k, n, run]` a line, does that run, keeps its record in the store
and answers `[k, n, run]`. It ends with its input. A process of its own needs no main guard in the caller's script and
no pickling, and if it dies it takes one run with it.
"""

import json
import os
import sys


def main() -> None:
    """Serve until the input ends."""
    # whatever a library prints must not be taken for an answer
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    asked = json.loads(sys.stdin.readline())
    if asked["cores"] and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, asked["cores"])

    from gradflow.sweeps._phase_diagram import run_and_keep
    from gradflow.sweeps.experiment import from_description
    from gradflow.sweeps.record import Address
    from gradflow.sweeps.store import Store

    plan = from_description(asked["experiment"])
    store = Store(sys.argv[1], plan)
    try:
        for line in sys.stdin:
            address = Address(*json.loads(line))
            if run_and_keep(plan, address, store) is None:
                return
            print(json.dumps(list(address)), file=answers, flush=True)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
