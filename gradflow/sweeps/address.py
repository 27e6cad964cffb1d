"""Where a run stands in the grid."""

from typing import NamedTuple

from gradflow import _checks


class Address(NamedTuple):
    """Where a run stands in the grid."""

    k: int
    n: int
    run: int

    def __str__(self) -> str:
        return f"k = {self.k}, n = {self.n}, run {self.run}"

    @property
    def stem(self) -> str:
        """The name of the run's files."""
        return f"k{self.k:04d}-n{self.n:04d}-run{self.run:04d}"


def checked_address(verb: str, k: int, n: int, run: int) -> Address:
    """A checked place in the grid."""
    return Address(
        k=_checks.count(verb, "k", k, "k=8", most=_checks.MOST_WIDTH),
        n=_checks.count(verb, "n", n, "n=4", most=_checks.MOST_WIDTH),
        run=_checks.count(verb, "run", run, "run=0", least=0, most=_checks.MOST_WIDTH),
    )
