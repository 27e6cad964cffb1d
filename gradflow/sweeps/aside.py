"""What is in a store and does not fit: named, and put aside where the store is one to write to. Nothing is deleted."""

import contextlib
import itertools
import os
import warnings
from collections.abc import Callable
from pathlib import Path


def left_out(message: str) -> None:
    """Say in one line what is passed over, and why."""
    warnings.warn(message, stacklevel=3)


def moved_aside(folder: Path, path: Path) -> Path:
    """Move whatever stands at a path into a folder of things put aside, none of which is ever overwritten. Raises
    `FileNotFoundError` if it is gone.
    """
    is_folder = path.is_dir() and not path.is_symlink()
    aside = _reserved(folder_at(folder), path.name, os.mkdir if is_folder else _empty)
    try:
        os.replace(path, aside)  # of whatever kind, and however large
    except OSError:
        (os.rmdir if is_folder else os.unlink)(aside)
        raise
    return aside


def copied_aside(folder: Path, path: Path, content: bytes) -> Path:
    """Keep the content of the file at a path, which stays, in a folder of things put aside."""
    aside = _reserved(folder_at(folder), path.name, _empty)
    with open(aside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside


def folder_at(path: Path) -> Path:
    """A folder of a store, made if it is not there; anything else in its place is put beside it."""
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        if not path.is_dir():  # nor has another process made it since
            aside = _reserved(path.parent, f"{path.name}.damaged", _empty)
            with contextlib.suppress(FileNotFoundError):  # or moved it away
                os.replace(path, aside)
                left_out(f"{path} was no folder, and is set aside as {aside}")
            path.mkdir(exist_ok=True)
    return path


def _reserved(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The first name that nothing has, taken by making something of it."""
    stem, ending = os.path.splitext(name)
    for number in itertools.count():
        path = folder / (name if number == 0 else f"{stem}.{number}{ending}")
        try:
            make(path)
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")


def _empty(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
