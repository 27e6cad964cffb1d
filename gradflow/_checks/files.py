"""Names of files and folders: such as the system takes, before anything is computed."""

import os
from pathlib import Path
from typing import Any

from gradflow._checks.descriptions import shown
from gradflow._errors import WrongType, WrongValue


def named(verb: str, name: str, value: Any, line: str) -> Path:
    """The path of a file or folder, which need not be there."""
    if not isinstance(value, str | os.PathLike):
        raise WrongType(f"{verb}: {name} must be a path, got {shown(value)}. Write {line}.")
    text = os.fspath(value)
    if not isinstance(text, str):
        raise WrongType(f"{verb}: {name} must be a path of text, got {shown(text)}. Write {line}.")
    if not text:
        raise WrongValue(f"{verb}: {name} must be a path, got an empty text. Write {line}.")
    try:
        path = Path(text).expanduser()
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return path
    # of a name that is too long, holds a NUL or what is no text, of a folder that may not be entered, of links in a
    # circle, of the home of a user who does not exist
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongValue(f"{verb}: {name} {shown(text)} cannot be used ({reason}). Write {line}.") from error
    return path


def file_to_read(verb: str, name: str, value: Any, line: str) -> Path:
    """A plain file that is there; anything else may never end, or not begin."""
    path = named(verb, name, value, line)
    if not path.exists():
        raise WrongValue(f"{verb}: there is no file {path}. Write {line}.")
    if not path.is_file():
        raise WrongValue(f"{verb}: {path} is no file. Write {line}.")
    return path


def writable_path(verb: str, name: str, value: Any, example: str) -> Path:
    """A file in a folder that exists, both of which can be written."""
    file = named(verb, name, value, f'{name}="{example}"')
    folder = file.absolute().parent
    if not folder.is_dir():
        raise WrongValue(f"{verb}: the folder of {file} does not exist. Make it, or write another path.")
    if file.is_dir():
        raise WrongValue(f"{verb}: {file} is a folder. Write {file / example}.")
    if file.exists() and not file.is_file():
        raise WrongValue(f"{verb}: {file} is no plain file. Write {name}={example!r}.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise WrongValue(f"{verb}: {file} cannot be written. Write a path in a folder of your own.")
    return file
