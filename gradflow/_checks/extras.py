"""Libraries that only some need."""

import importlib
import re
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from gradflow._errors import WrongValue


def extra(verb: str, module: str, name: str) -> Any:
    """A library that only some need, with a line that installs what the extra of this name holds."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise WrongValue(
            f"{verb}: this needs {module}, which is not installed ({error}). Write {line_of(name)}."
        ) from error


def line_of(name: str) -> str:
    """The libraries themselves, which works wherever gradflow came from: no index has it under its own name."""
    clone = f'pip install ".[{name}]" in a clone of gradflow'
    try:
        every = requires("gradflow-jax") or []
    except PackageNotFoundError:  # run from a clone, and installed nowhere
        return clone
    marked = re.compile(rf"""\s*(\S+?)\s*;\s*extra == ["']{re.escape(name)}["']""")
    found = [match[1] for match in map(marked.fullmatch, every) if match is not None]
    return f"pip install {' '.join(map(_quoted, found))}, or {clone}"


def _quoted(requirement: str) -> str:
    """A shell takes > for itself."""
    return f'"{requirement}"'
