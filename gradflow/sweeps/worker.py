"""A process that does the runs it is told of: `python -m gradflow.sweeps.worker STORE [CORES]`.

It reads the experiment from the store and says `{"ready": true}`; then it reads one task a line (see `sweeps.task`),
does that run, keeps its record, and its certificate if one is wanted, and answers `{"done": [k, n, run]}`, or
`{"error": ...}` if they cannot be kept. It ends with its input. A process of its own needs no main guard in the
caller's script and no pickling, and if it dies it takes one run with it.
"""

import json
import os
import sys


def main() -> None:
    """Serve until the input ends."""
    # whatever a library prints must not be taken for an answer
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    folder, cores = sys.argv[1], [int(core) for core in "".join(sys.argv[2:3]).split(",") if core]
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)

    from gradflow.sweeps._open_store import open_store
    from gradflow.sweeps.run import do
    from gradflow.sweeps.store import StoreError
    from gradflow.sweeps.task import Task

    store = open_store(folder, "worker")
    print(json.dumps({"ready": True}), file=answers, flush=True)
    try:
        for line in sys.stdin:
            task = Task.from_json(json.loads(line))
            try:
                record = do(store.experiment, task, store)
            except StoreError as error:
                print(json.dumps({"error": [error.errno, error.strerror]}), file=answers, flush=True)
                return
            if record is None:
                return
            print(json.dumps({"done": list(task.address)}), file=answers, flush=True)
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        os._exit(1)  # whoever asked is gone: the record is kept, and nobody wants the answer


if __name__ == "__main__":
    main()
