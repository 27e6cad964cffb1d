"""Ctrl-C that is noticed even where a library's callback swallows the exception."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def listening() -> Iterator[Callable[[], bool]]:
    """Within, Ctrl-C raises `KeyboardInterrupt` as ever, and is remembered: the function says whether it came.

    Python raises the exception wherever it stands, and "Exception ignored in" is all that is seen of it if that is a
    garbage collector's callback (JAX has one); a loop over runs asks in between. Outside the main thread there are no
    signals to listen to.
    """
    came = False

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield lambda: came
        return
    before = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: came
    finally:
        signal.signal(signal.SIGINT, before)
