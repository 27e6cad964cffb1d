"""Files that are written whole or not at all: a temporary file beside, flushed to the disk, takes their place."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


class NotWritten(OSError):
    """A file cannot be written: the disk is full, away or not to be written. What stood in its place is whole."""

    def __str__(self) -> str:
        return self.strerror or super().__str__()


def write_whole(path: Path, content: bytes) -> None:
    """Put a file of this content in the place of whatever stands there, a link too; a folder is never replaced.

    Raises `OSError`; what stood there is as it was then.
    """
    with _in_place_of(path, path.with_name(f".{path.name}.{uuid.uuid4().hex}")) as temporary:
        temporary.write_bytes(content)


@contextlib.contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to, of the same ending, for a file that a caller has named: once the body is done, what it has
    written stands at `path`, with the permissions of what stood there. Links are followed; a pipe or a device is
    written to as it is, since it holds nothing that could be lost.

    Raises `NotWritten` in one sentence.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            # a pipe that nobody reads would hold up whoever writes to it
            opened = os.open(target, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            try:
                yield target
            finally:
                os.close(opened)
            return
        target = Path(os.path.realpath(path))
        # short, so that it fits wherever the name itself does
        with _in_place_of(target, target.with_name(f".{uuid.uuid4().hex[:12]}{target.suffix}")) as temporary:
            yield temporary
            if target.exists():
                shutil.copymode(target, temporary)
    except NotWritten:
        raise
    except OSError as error:
        raise NotWritten(
            error.errno,
            f"{path} cannot be written: {error.strerror or error}. What stood there before is as it was; make room or "
            "write another path, and repeat the call.",
        ) from error


@contextlib.contextmanager
def _in_place_of(path: Path, temporary: Path) -> Iterator[Path]:
    """Temporary file, fsync, rename, fsync of the folder."""
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # gone with the rename, or with the disk
            temporary.unlink()
    # the file is there; that its name is on the disk is more than some file systems can say
    with contextlib.suppress(OSError):
        _flush(path.parent)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
