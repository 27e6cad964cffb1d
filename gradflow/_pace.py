"""How fast a long call goes, and how long it will take."""

import threading
from collections.abc import Callable, Hashable
from time import monotonic
from typing import NamedTuple


class Pace:
    """How fast runs are done, compiling left aside. Whoever does them says when each begins and ends, and for what a
    program is compiled first; from any thread.

    The clock stands still while all that is under way waits for the compiler. Where others go on meanwhile, a run that
    waited has cost its share of what could be done.
    """

    def __init__(self, clock: Callable[[], float] = monotonic):
        self._clock, self._lock = clock, threading.Lock()
        self._under_way: dict[Hashable, _Begun] = {}
        self._seconds, self._since = 0.0, clock()
        self._begun, self._at_once = False, 1
        self.done = 0
        """Runs that have ended."""
        self.changed: Callable[[], None] = lambda: None
        """Called whenever something begins or ends to be compiled."""

    @property
    def seconds(self) -> float:
        """How long they took, compiling left aside."""
        with self._lock:
            self._count()
            return max(self._seconds, 0.0)

    @property
    def compiling(self) -> tuple[str, ...]:
        """For what programs are compiled now."""
        with self._lock:
            return tuple(dict.fromkeys(one.compiling for one in self._under_way.values() if one.compiling))

    def begin(self, name: Hashable, compiling: str = "") -> None:
        """A run begins, with its program being compiled for what is named, or with one that is there."""
        with self._lock:
            now = self._count()
            self._begun = True
            self._under_way[name] = _Begun(now, self._seconds, compiling)
            self._at_once = max(self._at_once, len(self._under_way))
        if compiling:
            self.changed()

    def compiled(self, name: Hashable) -> None:
        """The program of a run under way is there."""
        with self._lock:
            self._count()
            begun = self._under_way.get(name)
            if begun is None or not begun.compiling:
                return
            self._under_way[name] = begun._replace(compiling="")
        self.changed()

    def end(self, name: Hashable, own: float | None = None, compiling: float = 0.0) -> None:
        """A run has ended, which took `own` seconds and those of `compiling` besides; None if it was broken off."""
        with self._lock:
            now = self._count()
            begun = self._under_way.get(name)
            if begun is None:
                return
            if own is not None:
                counted = self._seconds - begun.counted
                stood_still = now - begun.at - counted
                # what was counted of this run that was no work of its own
                waited = counted - own if begun.compiling else max(compiling - stood_still, 0.0)
                self._seconds -= waited / self._at_once
                self.done += 1
            del self._under_way[name]
        if begun.compiling:
            self.changed()

    def _count(self) -> float:
        """The time, and what has passed of it since it was asked last."""
        now = self._clock()
        idle = not self._begun or (self._under_way and all(one.compiling for one in self._under_way.values()))
        self._seconds += 0.0 if idle else now - self._since
        self._since = now
        return now


class _Begun(NamedTuple):
    """When a run began, what was counted by then, and for what its program is compiled, if it is not there yet."""

    at: float
    counted: float
    compiling: str


def rate_and_time_left(done: int, seconds: float, of: int, what: str = "runs") -> str:
    """Of `of` runs, `done` in so many seconds: "; 2.3 runs/s, 6 min left"."""
    if done == 0 or seconds <= 0:
        return ""
    rate, left = done / seconds, (of - done) * seconds / done
    speed = f"{rate:.2g} {what}/s" if rate >= 1 else f"{60 * rate:.2g} {what}/min"
    return f"; {speed}" + (f", {duration(left)} left" if of > done else "")


def duration(seconds: float) -> str:
    """ "40 s", "6 min", "2 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
