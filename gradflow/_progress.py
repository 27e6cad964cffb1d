"""Meters: how far a long call has got. They print to the standard error stream, and only when asked to."""

import contextlib
import math
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gradflow._pace import Pace, rate_and_time_left

# seconds between two lines in a log
_BETWEEN_LINES = 20.0
# and before one that says what is compiled: a log is not to stand still for the first half minute
_SOON = 5.0
_COMPILING = "compiling"


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
        self._task = self._progress.add_task(f"{_COMPILING}, before the first step", total=1.0)
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
    """How a sweep gets on: finished runs, the count of every class so far, the rate, the time left, what is compiled; a
    context manager. On a terminal ("live") a bar, in a log ("plain") a line now and then; "auto" looks where it
    writes. Of the rate a `pace` leaves out what waits for the compiler.
    """

    def __init__(self, total: int, *, shown: str, of: str = "runs", pace: Pace | None = None):
        console = Console(stderr=True)
        self._of = of
        live, self._plain = _live(shown, console), _plain(shown, console)
        columns = (TextColumn(of), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, TextColumn("{task.description}"), console=console, disable=not live)
        self._task = self._progress.add_task("", total=total)
        self._total, self._found, self._done = total, 0, 0
        self._counts: Counter[str] = Counter()
        self._more: Counter[str] = Counter()
        self._began = self._last = monotonic()
        self._pace, self._said = pace, ""
        if pace is not None:
            pace.changed = self._compiles

    def __enter__(self) -> "SweepMeter":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()
        if self._pace is not None:
            self._pace.changed = lambda: None
        if self._plain and self._done:
            self._say()

    def _compiles(self) -> None:
        """Something is compiled now, or not any more."""
        self._progress.update(self._task, description=self._description())
        now, waited = self._compiling(), monotonic() - self._last
        if self._plain and now and now != self._said and (not self._said or waited > _SOON):
            self._said = now
            self._say()

    def _compiling(self) -> str:
        """For what, if anything."""
        names = () if self._pace is None else self._pace.compiling
        return f"{_COMPILING} {', '.join(names)}" if names else ""

    def found(self, outcome: str, *more: str) -> None:
        """A run that was done before; `more` is what else it counts as."""
        self._found += 1
        self._counts[outcome] += 1
        self._more.update(more)
        self._progress.update(self._task, completed=self._found, description=self._description())

    def done(self, outcome: str, *more: str) -> None:
        """A run that was done now."""
        self._done += 1
        self._counts[outcome] += 1
        self._more.update(more)
        self._progress.update(self._task, completed=self._found + self._done, description=self._description())
        if self._plain and monotonic() - self._last > _BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._last = monotonic()
        _log(f"{self._found + self._done}/{self._total} {self._of}, {self._description()}")

    def _description(self) -> str:
        every = (*self._counts.items(), *self._more.items())
        counts = ", ".join(f"{count} {name}" for name, count in every)
        left = self._total - self._found - self._done
        if self._pace is None:
            done, seconds = self._done, monotonic() - self._began
        else:
            done, seconds = self._pace.done, self._pace.seconds
        compiling = self._compiling()
        if compiling and not self._done:
            compiling += ", once for each width"
        parts = (counts + rate_and_time_left(done, seconds, done + left, self._of), compiling)
        return "; ".join(part for part in parts if part)


@contextmanager
def loading_jax(*, shown: str) -> Iterator[None]:
    """Load it, and what is loaded within, and say so: it takes seconds in which nothing else would be seen."""
    console = Console(stderr=True)
    with contextlib.ExitStack() as stack:
        if "jax" not in sys.modules:
            if _live(shown, console):
                stack.enter_context(console.status("loading JAX"))
            elif _plain(shown, console):
                _log("loading JAX")
        import jax  # noqa: F401

        yield


def _live(shown: str, console: Console) -> bool:
    return shown == "live" or (shown == "auto" and console.is_terminal)


def _plain(shown: str, console: Console) -> bool:
    return shown == "plain" or (shown == "auto" and not console.is_terminal)


def _log(line: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {line}", file=sys.stderr, flush=True)


def meter_for_flow(progress: bool | AbstractMeter) -> AbstractMeter:
    """A bar for True, nothing for False, or the caller's own meter."""
    if isinstance(progress, AbstractMeter):
        return progress
    return FlowMeter() if progress else Silent()
