"""Run every notebook in this folder from the first cell to the last; an error in one is an error here. Nothing is
written.
"""

import sys
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main() -> None:
    failed = []
    notebooks = sorted(Path(__file__).parent.glob("*.ipynb"))
    for path in notebooks:
        began = perf_counter()
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
        try:
            client.execute()
        except CellExecutionError as error:
            print(error)
            failed.append(path.name)
        print(f"{path.name}: {'failed' if path.name in failed else 'ran'} in {perf_counter() - began:.0f} s")
    if failed or not notebooks:
        sys.exit(f"notebooks that failed: {', '.join(failed) or 'none found'}")


if __name__ == "__main__":
    main()
