"""Compiled programs, kept on disk for the next process: a shape costs seconds to compile and half a second to read."""

import hashlib
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gradflow import _checks

# jax keeps programs that took a second to compile, and there are dozens that took less
_SETTINGS = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def folder() -> Path:
    """Where programs of this processor and this version of jax are kept: XLA compiles for the instructions that the
    processor has, and reads what was compiled for another one with a warning, or crashes.
    """
    name, features = _processor()
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "processor"
    digest = hashlib.sha256(features.encode()).hexdigest()[:8]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gradflow" / f"{slug}-{digest}-jax{version('jax')}"


def use_compilation_cache() -> None:
    """Keep compiled programs from here on, unless JAX_COMPILATION_CACHE_DIR says where (or, empty, nowhere). To be
    called before jax is loaded. A folder that cannot be made is done without.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return
    try:
        folder().mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a read-only or missing home
        return
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder())


def cache(path: Any | None = None) -> Path:
    """Keep compiled programs on disk from here on, and read those that are there: a new process then reads in place of
    compiling what another has compiled.

    A call, and no default: in Python JAX writes nothing to disk unless it is told to, and neither does gradflow. (The
    command `gradflow` keeps programs by itself.) The folder `path` is made if it is not there; left out it is the
    command's, in ~/.cache/gradflow or XDG_CACHE_HOME, one for each processor and version of JAX. This is JAX's own
    cache, with programs of every size, and other JAX code of the process uses it too. Returns the folder. Raises
    `ValueError` where it cannot be written.
    """
    place = _checks.writable_folder("cache", folder() if path is None else path, "path", "gf.cache()")
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    jax.config.update("jax_compilation_cache_dir", str(place))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)  # type: ignore[no-untyped-call]
    compilation_cache.reset_cache()  # JAX decides at its first compilation whether there is one
    return place


def _processor() -> tuple[str, str]:
    """The processor's name, and what it can do."""
    try:
        fields: dict[str, str] = {}
        for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines():
            field, _, value = line.partition(":")
            fields[field.strip()] = value.strip()
        name = fields.get("model name") or platform.machine()
        return name, fields.get("flags") or fields.get("Features") or name
    except OSError:
        name = platform.processor() or platform.machine()
        return name, name
