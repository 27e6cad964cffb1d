"""What would not fit into memory is refused before it is computed."""

import os
from pathlib import Path

from gradflow._errors import TooLarge

_FLOAT64 = 8


def matrices(count: int, size: int) -> float:
    """The bytes of so many square matrices of float64."""
    return count * _FLOAT64 * float(size) ** 2


def require_matrix(verb: str, shape: tuple[int, int], instead: str) -> None:
    """Raise `MemoryError` unless a matrix fits, and another of its size: what is computed with it is no smaller."""
    require(verb, 2.0 * _FLOAT64 * shape[0] * shape[1], f"a matrix of {shape[0]} × {shape[1]} numbers", instead)


def available() -> float:
    """Bytes that this process may still take: what the system has left, and no more than a container allows."""
    limits = [_system()]
    # version 2 of Linux's control groups, then version 1; "max" or a number beyond all memory where there is no limit
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            limits.append(float(Path(limit).read_text()) - float(Path(used).read_text()))
        except (OSError, ValueError):
            continue
    return max(min(limits), 0.0)


def require(verb: str, needed: float, what: str, instead: str) -> None:
    """Raise `MemoryError` unless so many bytes are there."""
    there = available()
    if needed > there:
        raise TooLarge(
            f"{verb}: {what} needs {needed / 1e9:z.1f} GB, and {there / 1e9:z.1f} GB of memory are free. {instead}"
        )


def _system() -> float:
    """Free memory, file caches included where the system tells them apart."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
