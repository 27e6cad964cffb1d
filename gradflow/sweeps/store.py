"""A folder of records: one experiment, one small immutable file a run.

    runs/k8/experiment.json                     what identifies the experiment
    runs/k8/records/k0008-n0004-run0003.npz     one run (see `sweeps.record`)
    runs/k8/damaged/…                           records that could not be read, set aside

A record is written to a temporary file, flushed to the disk and renamed, so that a process killed at any instant loses
at most the run in flight.
"""

import contextlib
import json
import os
import warnings
from pathlib import Path

from gradflow import _checks
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.record import Address, Record, from_bytes, to_bytes


class Store:
    """The records of one experiment. Opening makes the folder, or refuses another experiment's."""

    def __init__(self, folder: str | os.PathLike[str], experiment: Experiment):
        self.folder = _checks.writable_folder("phase_diagram", folder)
        self.experiment = experiment
        self._records = self.folder / "records"
        self._records.mkdir(exist_ok=True)
        description = self.folder / "experiment.json"
        if description.exists():
            _checks.same_experiment(self.folder, description.read_bytes(), experiment.description())
        else:
            _checks.fresh_folder(self.folder, [path.name for path in self._records.iterdir()])
            content = json.dumps(experiment.description(), sort_keys=True, indent=1) + "\n"
            _write(description, content.encode())

    def write(self, record: Record) -> None:
        """Keep a record; one that is already there is replaced whole."""
        _write(self._path(record.address), to_bytes(record))

    def read(self, address: Address) -> Record | None:
        """The record of a run, None if there is none; a damaged one is set aside with a warning that names it."""
        path = self._path(address)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            record = from_bytes(content)
            if self._path(record.address) != path or record.header["experiment"] != self.experiment.identity():
                raise ValueError("it belongs to another run or experiment")
        except ValueError as error:
            (self.folder / "damaged").mkdir(exist_ok=True)
            count = len(list((self.folder / "damaged").glob(f"{path.stem}*")))
            aside = self.folder / "damaged" / (path.name if count == 0 else f"{path.stem}.{count}{path.suffix}")
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                os.replace(path, aside)
            warnings.warn(f"damaged record set aside as {aside} ({error}); its run will be done again", stacklevel=2)
            return None
        return record

    def _path(self, address: Address) -> Path:
        return self._records / f"k{address.k:04d}-n{address.n:04d}-run{address.run:04d}.npz"


def _write(path: Path, content: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
