"""Run every notebook in this folder from the first cell to the last, a process a core; an error in one is an error
here. Nothing is written.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def failure(path: Path) -> CellExecutionError | None:
    """Run one notebook in a kernel of its own."""
    began = perf_counter()
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    error = None
    try:
        client.execute()
    except CellExecutionError as found:
        error = found
    print(f"{path.name}: {'ran' if error is None else 'failed'} in {perf_counter() - began:.0f} s")
    return error


def main() -> None:
    notebooks = sorted(Path(__file__).parent.glob("*.ipynb"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = [error for error in pool.map(failure, notebooks) if error is not None]
    for error in errors:
        print(error)
    if errors or not notebooks:
        sys.exit(f"{len(errors)} of {len(notebooks)} notebooks failed")


if __name__ == "__main__":
    main()
