"""How long JAX has traced and compiled, as JAX tells it: what a run took besides is its own time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

# of jax.monitoring; the last one holds the reading of a program that is kept on disk
_PHASES = frozenset(
    f"/jax/core/compile/{phase}_duration" for phase in ("jaxpr_trace", "jaxpr_to_mlir_module", "backend_compile")
)


class CompileTime:
    """What is told while it is heard, of one thread."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []

    def add(self, ended: float, seconds: float) -> None:
        """A phase that has just ended. Phases are told from within: one that holds others counts in their place."""
        began = ended - seconds
        while self._spans and self._spans[-1][0] >= began:
            self._spans.pop()
        self._spans.append((began, ended))

    @property
    def seconds(self) -> float:
        return sum((ended - began for began, ended in self._spans), 0.0)

    def rest_of(self, seconds: float) -> float:
        """What was something else; the clocks are two, and may differ by a little."""
        return max(seconds - self.seconds, 0.0)


class _OfThread(threading.local):
    """What is heard in this thread, from the outermost on."""

    def __init__(self) -> None:
        self.heard: list[CompileTime] = []


_here = _OfThread()
_listening = threading.Lock()
_told = False


def _tell(event: str, duration_secs: float, **_: Any) -> None:
    if event in _PHASES:
        for one in _here.heard:
            one.add(perf_counter(), duration_secs)


@contextmanager
def compile_time() -> Iterator[CompileTime]:
    """Within, what JAX traces and compiles in this thread is counted."""
    global _told
    with _listening:
        if not _told:
            import jax

            jax.monitoring.register_event_duration_secs_listener(_tell)
            _told = True
    heard = CompileTime()
    _here.heard.append(heard)
    try:
        yield heard
    finally:
        _here.heard.remove(heard)
