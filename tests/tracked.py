"""Nothing binary is under version control outside figures/: no cache, no archive, nothing that was generated."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# what git compares a first commit with
NOTHING = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def binaries() -> list[str]:
    """Tracked files in which git finds no lines."""
    command = ["git", "diff", "--numstat", "--no-renames", "-z", NOTHING, "--", ".", ":!figures"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = [row.split("\t") for row in listed.split("\0") if row]
    return [path for added, _, path in rows if added == "-"]


if __name__ == "__main__":
    if not (ROOT / ".git").exists():
        sys.exit("this is no clone of the repository: what is tracked cannot be told")
    if found := binaries():
        sys.exit(f"binary files under version control: {', '.join(found)}")
