"""Meters: how far a long call has got. They print to the standard error stream, and only when asked to."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class AbstractMeter(ABC):
    """Something that is told of a flow's progress; a context manager."""

    def __enter__(self) -> "AbstractMeter":
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    @abstractmethod
    def update(self, gradient_norm: float, tolerance: float, time: float, steps: int) -> None:
        """Called after every chunk of steps."""


class Silent(AbstractMeter):
    """Says nothing."""

    def update(self, gradient_norm: float, tolerance: float, time: float, steps: int) -> None:
        return None


class FlowMeter(AbstractMeter):
    """A bar on log ‖∇L‖∞, from the largest seen down to the tolerance."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("flow"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("starting", total=1.0)
        self._largest = 0.0

    def __enter__(self) -> "FlowMeter":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def update(self, gradient_norm: float, tolerance: float, time: float, steps: int) -> None:
        self._largest = max(self._largest, gradient_norm)
        done = 0.0
        if 0 < tolerance < self._largest and 0 < gradient_norm < math.inf:
            done = math.log(self._largest / gradient_norm) / math.log(self._largest / tolerance)
        description = f"t = {time:.2e}, gradient norm {gradient_norm:.1e}, {steps} steps"
        self._progress.update(self._task, completed=min(max(done, 0.0), 1.0), description=description)


class SweepMeter:
    """A bar on finished runs, with the count of every class so far; a context manager."""

    def __init__(self, total: int, *, shown: bool):
        columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self._progress = Progress(
            *columns, TextColumn("{task.description}"), console=Console(stderr=True), disable=not shown
        )
        self._task = self._progress.add_task("", total=total)

    def __enter__(self) -> "SweepMeter":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def update(self, done: int, counts: Mapping[str, int]) -> None:
        description = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        self._progress.update(self._task, completed=done, description=description)


def meter_for_flow(progress: bool | AbstractMeter) -> AbstractMeter:
    """A bar for True, nothing for False, or the caller's own meter."""
    if isinstance(progress, AbstractMeter):
        return progress
    return FlowMeter() if progress else Silent()
