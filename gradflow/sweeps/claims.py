"""Which run is being done by whom: several sweeps may share one store, each run is done by one of them.

    runs/k8/running/k0008-n0004-run0003.json     host, process and time of whoever does this run

A claim is a file that only one process can create. It is renewed while it is held; one whose process has died, or
that nobody has renewed for `STALE` seconds, counts for nothing, nor does what is no claim. Two that take over the same
dead claim at the same instant both do the run, which costs time and nothing else: a record is written whole, and both
have the same.
"""

import contextlib
import json
import os
import platform
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from gradflow._files import plain_content
from gradflow._json import bounded_json
from gradflow.sweeps.aside import folder_at, moved_aside
from gradflow.sweeps.rules import fields, number, text, whole

RENEWED = 30.0
# ten renewals missed: a machine that is alive but stalled this long is rather done without
STALE = 10 * RENEWED
# between a claim's making and its first word lies one system call, on a slow file server some of them
BEING_WRITTEN = 3.0

_LARGEST = 2**16
_CLAIM = fields(host=text(), process=whole(least=1, most=2**31 - 1), since=number(least=0.0))


@dataclass(frozen=True)
class Claim:
    """Who does a run, and since when (seconds since 1970)."""

    name: str
    host: str
    process: int
    since: float


class Claims:
    """The claims in a folder; those taken here are renewed by a thread of their own until they are released."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None

    def __reduce__(self) -> tuple[type["Claims"], tuple[Path]]:
        """A copy, or one in another process, holds none of the claims."""
        return Claims, (self._folder,)

    def take(self, name: str) -> bool:
        """Whether the claim is ours now."""
        path = self._path(name)
        content = json.dumps({"host": platform.node(), "process": os.getpid(), "since": time.time()}).encode()
        for _ in range(2):
            try:
                file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except (FileNotFoundError, NotADirectoryError):
                folder_at(self._folder)
                continue
            except FileExistsError:
                if self._holder(path) is not None:
                    return False
                self._remove(path)
                continue
            try:
                with os.fdopen(file, "wb") as opened:
                    opened.write(content)
            except OSError:  # a full disk
                path.unlink(missing_ok=True)
                raise
            with self._lock:
                self._held.add(name)
                if self._stop is None:
                    self._stop = threading.Event()
                    threading.Thread(target=self._renew, args=(self._stop,), daemon=True).start()
            return True
        return False

    def release(self, name: str) -> None:
        """Give a claim of ours back."""
        with self._lock:
            ours = name in self._held
            self._held.discard(name)
        if ours:
            self._remove(self._path(name))

    def release_all(self) -> None:
        """Give back what is left."""
        for name in list(self._held):
            self.release(name)
        with self._lock:
            if self._stop is not None:
                self._stop.set()
            self._stop = None

    def is_held(self, name: str) -> bool:
        """Whether somebody is doing this run."""
        return self._path(name).exists() and self._holder(self._path(name)) is not None

    def living(self) -> tuple[Claim, ...]:
        """All claims that count, whoever holds them."""
        found = (self._holder(path) for path in sorted(self._folder.glob("[!.]*.json")))
        return tuple(claim for claim in found if claim is not None)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _remove(self, path: Path) -> None:
        """Remove a claim, or whatever stands in its place."""
        with contextlib.suppress(FileNotFoundError):
            if path.is_dir() and not path.is_symlink():
                moved_aside(self._folder.parent / "damaged", path)
            else:
                path.unlink()

    def _holder(self, path: Path) -> Claim | None:
        """Who holds a claim; None if it counts for nothing."""
        try:
            written = path.stat().st_mtime
            # of the same clock: what is dated later than now is no renewal, and would count for ever
            age = abs(self._now() - written)
            content = plain_content(path, _LARGEST)
            if not content:  # its holder is just writing it, or died before it had
                return Claim(path.stem, "unknown", 0, written) if age < BEING_WRITTEN else None
            said = bounded_json(content, deepest=4, most=100)
            _CLAIM("", said)
        except (OSError, ValueError):
            return None
        claim = Claim(path.stem, said["host"], said["process"], said["since"])
        if age > STALE or (claim.host == platform.node() and not _lives(claim.process)):
            return None
        return claim

    def _now(self) -> float:
        """The time on the clock that dates the files: a file server has its own."""
        probe = self._folder / f".clock-{platform.node()}-{os.getpid()}-{threading.get_ident()}"
        try:
            probe.touch()
            now = probe.stat().st_mtime
            probe.unlink(missing_ok=True)
        except OSError:  # a disk that cannot be written
            return time.time()
        return now

    def _renew(self, stop: threading.Event) -> None:
        while not stop.wait(RENEWED):
            with self._lock:
                held = list(self._held)
            for name in held:
                with contextlib.suppress(OSError):  # released meanwhile, or the disk is away for a moment
                    os.utime(self._path(name))


def _lives(process: int) -> bool:
    """Whether a process of this machine is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):  # not Linux: no such file
        # killed, and its parent has not looked yet: a zombie does nothing any more
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
