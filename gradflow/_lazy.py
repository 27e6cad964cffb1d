"""Faces of rooms: the names in them load when they are first used (PEP 562).

A face is the stub `__init__.pyi`, which type checkers read, and is the one list: lines `from gradflow.room.module
import Name as Name`. The `__init__.py` beside it takes its names from there. So whoever needs one name of a room loads
the module of that name and what it stands on, no more; and what needs no JAX can be had without it.
"""

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_NAMED = re.compile(r"^from (\S+) import (\w+) as \2$", re.MULTILINE)


def homes_of(package: str) -> dict[str, str]:
    """The names in a package's stub, and the module of each."""
    stub = Path(str(sys.modules[package].__file__)).with_suffix(".pyi")
    return {name: module for module, name in _NAMED.findall(stub.read_text(encoding="utf-8"))}


def attached(
    package: str, given: Callable[[Any], Any] = lambda value: value
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of a package: the names in its stub, each as `given` makes it. None may be
    that of a module in the package, which Python would put in its place.
    """
    homes = homes_of(package)

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = given(getattr(import_module(homes[name]), name))
        setattr(sys.modules[package], name, value)
        return value

    names = list(homes)
    return load, lambda: sorted(names), names
