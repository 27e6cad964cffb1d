"""Plain files of bounded size: what is opened, and how much of it is read."""

import os
import stat

_CHUNK = 2**20
# what opening or reading would block on, act on, or never end
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotPlain(OSError):
    """What is there is no plain file, or a larger one than can be meant."""


def plain_content(path: str | os.PathLike[str], at_most: int) -> bytes:
    """What is in a plain file of at most so many bytes; nothing else is opened, and no more is read.

    Raises `NotPlain` for a folder, a pipe, a device, a socket, and for a larger file; `FileNotFoundError` where nothing
    is, also behind a link; any other `OSError` where the file cannot be read, a loop of links among them; `ValueError`
    for a name that no file can have.
    """
    # before it is opened: a pipe's writer would go on
    _require_plain(os.stat(path), at_most)
    # what has come into its place since is not waited for
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _require_plain(os.fstat(file), at_most)
        found, size = [], 0
        # the size that is stated may be false: files that the system makes up have none, others grow
        while size <= at_most and (chunk := os.read(file, min(_CHUNK, at_most + 1 - size))):
            found.append(chunk)
            size += len(chunk)
    finally:
        os.close(file)
    if size > at_most:
        raise _too_large(f"more than {at_most}", at_most)
    return b"".join(found)


def _require_plain(status: os.stat_result, at_most: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for holds, name in _KINDS if holds(status.st_mode)), "something else")
        raise NotPlain(f"it is {kind}, not a plain file")
    if status.st_size > at_most:
        raise _too_large(str(status.st_size), at_most)


def _too_large(size: str, at_most: int) -> NotPlain:
    return NotPlain(f"it has {size} bytes, and {at_most} are the most that one has")
