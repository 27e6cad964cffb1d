"""The grids that were asked for: what is missing from them is what is still to be done."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from gradflow import _checks
from gradflow._json import bounded_json
from gradflow.sweeps.address import Address

# a list of a million widths takes half of it
LARGEST_GRID = 2**24
# of a width, a teacher's or a number of runs, as they are checked when they are asked for
_LARGEST = 2**32 - 1
# a million widths, and what else a grid says
_MOST_VALUES = 2**20


class Grid(NamedTuple):
    """So many runs, from 0 on, at each width of one teacher."""

    k: int
    widths: tuple[int, ...]
    runs: int

    @property
    def name(self) -> str:
        """The name of its file: the same for the same grid."""
        said = json.dumps({"k": self.k, "widths": self.widths, "runs": self.runs})
        return f"k{self.k:04d}-{hashlib.sha256(said.encode()).hexdigest()[:12]}.json"

    def to_bytes(self) -> bytes:
        """What stands in its file."""
        return json.dumps(self._asdict() | {"since": time.time()}).encode()


def grid_of(content: bytes) -> Grid:
    """Back from `Grid.to_bytes`. Raises `ValueError`."""
    try:
        said = bounded_json(content, deepest=4, most=_MOST_VALUES)
        grid = Grid(said["k"], tuple(said["widths"]), said["runs"])
    except (LookupError, TypeError) as error:
        raise ValueError(_checks.why(error)) from error
    # a bool is an int
    if not all(type(number) is int and 1 <= number <= _LARGEST for number in (grid.k, grid.runs, *grid.widths)):
        raise ValueError("k, widths and runs are not positive integers")
    return grid


class Asked:
    """All runs of several grids, and those that are `there` besides. None is looked at one by one: a grid may have more
    than could be counted.
    """

    def __init__(self, grids: Sequence[Grid], there: Sequence[Address]):
        self._most: dict[tuple[int, int], int] = {}
        for grid in grids:
            for n in grid.widths:
                self._most[grid.k, n] = max(grid.runs, self._most.get((grid.k, n), 0))
        self._besides = [address for address in there if address.run >= self._most.get((address.k, address.n), 0)]

    @property
    def number(self) -> dict[int, int]:
        """How many there are of each k."""
        found: Counter[int] = Counter()
        for (k, _), runs in self._most.items():
            found[k] += runs
        found.update(address.k for address in self._besides)
        return dict(found)

    def has(self, name: str, value: float) -> bool:
        """Whether one of them has this k, n or run."""
        if any(getattr(address, name, None) == value for address in self._besides):
            return True
        if name == "run":
            return any(0 <= value < runs and value == int(value) for runs in self._most.values())
        at = {"k": 0, "n": 1}.get(name)
        return at is not None and any(value == place[at] for place in self._most)
