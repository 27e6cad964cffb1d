"""A folder of records: one experiment, one small immutable file a run.

    runs/k8/experiment.json                     what identifies the experiment
    runs/k8/README.txt                          how to read all this without gradflow
    runs/k8/records/k0008-n0004-run0003.npz     one run (see `sweeps.record`)
    runs/k8/certificates/k0008-n0004-run0003.json  what is proved of its end (see `sweeps.certified`), if anything
    runs/k8/asked/…                             the grids that were asked for
    runs/k8/running/…                           who does which run now (see `sweeps.claims`)
    runs/k8/superseded/…                        records of failed runs that were done again
    runs/k8/damaged/…                           records that could not be read, set aside
    runs/k8/index.npz                           columns of all records, made from them (see `sweeps.index`)

A record is written to a temporary file, flushed to the disk and renamed, so that a process killed at any instant loses
at most the run in flight. Several processes, on several machines, may write at once.
"""

import contextlib
import hashlib
import itertools
import json
import os
import re
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.sweeps.address import Address
from gradflow.sweeps.certified import Certified, certified_of
from gradflow.sweeps.claims import Claims
from gradflow.sweeps.experiment import Experiment, from_description, identity_of
from gradflow.sweeps.record import NewerRecord, Record, from_bytes, to_bytes
from gradflow.sweeps.task import Task

CERTIFICATES = "certificates"
_RECORD = re.compile(r"k(\d+)-n(\d+)-run(\d+)\.npz")


class StoreError(OSError):
    """A record could not be kept: the disk is full, away or not to be written."""


class Store:
    """The records of one experiment. Opening makes the folder, or refuses another experiment's; with `made=False` it
    must be there, and may be on a disk that cannot be written.
    """

    def __init__(
        self, folder: Checked[str | os.PathLike[str]], experiment: Checked[Experiment], *, made: Checked[bool] = True
    ):
        made = _checks.flag("Store", "made", made)
        _checks.instance("Store", "experiment", experiment, Experiment, "gf.Store(folder, diagram.experiment)")
        self.folder = (
            _checks.writable_folder("Store", folder, "folder", "gf.Store('runs/k8', diagram.experiment)")
            if made
            else _checks.named("Store", "folder", folder, "gf.Store('runs/k8', diagram.experiment)")
        )
        self.experiment = experiment
        self.claims = Claims(self.folder / "running")
        self._records = self.folder / "records"
        self._made = made
        self.description = experiment.description()
        described = self.folder / "experiment.json"
        if not made:
            _checks.is_store("Store", self.folder, described)
            self.description = json.loads(described.read_bytes())
        elif described.exists():
            _checks.same_experiment(self.folder, described.read_bytes(), self.description)
        else:
            _checks.fresh_folder(self.folder, [path.name for path in self._records.glob("*.npz")])
            content = json.dumps(self.description, sort_keys=True, indent=1) + "\n"
            self.write_file(described, content.encode())
            self.write_file(self.folder / "README.txt", _README.encode())
        # of what the folder says, which an older or newer gradflow may have written
        self.identity = identity_of(self.description)
        if made:
            self._records.mkdir(exist_ok=True)

    def keep(self, record: Record, task: Task) -> None:
        """Keep the record of a task; of a run that is done again the former one is kept aside, unless it is the better
        one: a failure replaces failures only.
        """
        self.keep_content(task, to_bytes(record), failed=record.kind == "failed")

    def keep_content(self, task: Task, content: bytes, *, failed: bool) -> None:
        """The same for a record as it stands in its file."""
        if task.again:
            former = self.read(task.address)
            if former is not None and former.kind != "failed" and failed:
                return
            self._supersede(task.address)
        self._keep(task.address, content)

    def write(self, record: Record) -> None:
        """Keep a record; one that is already there is replaced whole. Raises `StoreError` if it cannot be kept."""
        self._keep(record.address, to_bytes(record))

    def write_file(self, path: Path, content: bytes) -> None:
        """Write another of the store's files. Raises `StoreError` if it cannot be written."""
        with self._storing(path.name):
            _write(path, content)

    def claim(self, name: str) -> bool:
        """Claim a run. Raises `StoreError` if the claim cannot be written."""
        with self._storing(f"the claim of {name}"):
            return self.claims.take(name)

    def _keep(self, address: Address, content: bytes) -> None:
        with self._storing(f"the record of {address}"):
            _write(self._path(address), content)

    @contextlib.contextmanager
    def _storing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                error.errno,
                f"{what} cannot be kept in {self.folder}: {error.strerror or error}. All records before it are safe; "
                "make room and repeat the call, which goes on where it stopped",
            ) from error

    def _supersede(self, address: Address) -> None:
        with self._storing(f"the former record of {address}"), contextlib.suppress(FileNotFoundError):
            _put_aside(self.folder / "superseded", self._path(address))

    def stamp(self, address: Address) -> int | None:
        """When the record of a run was written, in nanoseconds; None if there is none."""
        return _stamp(self._path(address))

    def certificate_stamp(self, address: Address) -> int | None:
        """The same of its certificate."""
        return _stamp(self.certificate_path(address))

    def stamp_of(self, task: Task) -> int | None:
        """When what a task is to make was written."""
        return self.certificate_stamp(task.address) if task.kept else self.stamp(task.address)

    def certificate_path(self, address: Address) -> Path:
        """Where the certificate of a run is, or would be: a file of `gf.write_certificate`."""
        return self.folder / CERTIFICATES / f"{address.stem}.json"

    def keep_certificate(self, address: Address, content: bytes) -> None:
        """Keep the certificate of a run, given as its file; one that is there is replaced whole. Raises `StoreError` if
        it cannot be kept.
        """
        path = self.certificate_path(address)
        with self._storing(f"the certificate of {address}"):
            path.parent.mkdir(exist_ok=True)
            _write(path, content)

    def certificate(self, record: Record) -> Certified | None:
        """What is proved of a record's end; None if there is no certificate, or one of another end. A damaged one is
        left out with a warning that names it.
        """
        try:
            return self.read_certificate(record)
        except ValueError as error:
            path = self.certificate_path(record.address)
            warnings.warn(f"damaged certificate {path} left out ({error})", stacklevel=2)
            return None

    def read_certificate(self, record: Record) -> Certified | None:
        """The same, but a damaged one raises `ValueError`."""
        try:
            content = self.certificate_path(record.address).read_bytes()
        except FileNotFoundError:
            return None
        return certified_of(self.experiment, record, content)

    def content(self, address: Address) -> bytes | None:
        """The record of a run as it stands in its file, unread; None if there is none."""
        try:
            return self._path(address).read_bytes()
        except FileNotFoundError:
            return None

    def read(self, address: Checked[Address], *, header_only: Checked[bool] = False) -> Record | None:
        """The record of a run (with `header_only` without its arrays), None if there is none; a damaged one is left out
        with a warning that names it, and set aside if the store is one to write to. Raises `ValueError` for a record
        of a newer gradflow or of another experiment, which stays where it is.
        """
        _checks.instance("Store.read", "address", address, Address, "store.read(gf.Address(k=8, n=4, run=0))")
        header_only = _checks.flag("Store.read", "header_only", header_only)
        path, content = self._path(address), self.content(address)
        if content is None:
            return None
        try:
            record = from_bytes(content, header_only=header_only)
            if record.address != address:
                raise ValueError(f"it is the record of {record.address}")
        except NewerRecord as error:
            _checks.newer_record(path, str(error))
        except ValueError as error:
            self._set_aside(path, error)
            return None
        _checks.own_record(path, record.header["experiment"], self.identity)
        return record

    def _set_aside(self, path: Path, error: ValueError) -> None:
        if not self._made:
            warnings.warn(f"damaged record {path} left out ({error})", stacklevel=3)
            return
        with self._storing(f"the damaged record {path.name}"), contextlib.suppress(FileNotFoundError):
            aside = _put_aside(self.folder / "damaged", path)
            path.unlink()
            warnings.warn(f"damaged record set aside as {aside} ({error}); its run will be done again", stacklevel=3)

    def read_header(self, name: str) -> Record | None:
        """The record in the file of this name, without its arrays."""
        match = _RECORD.fullmatch(name)
        return None if match is None else self.read(Address(*map(int, match.groups())), header_only=True)

    @staticmethod
    def is_record(name: str) -> bool:
        """Whether a file's name is a record's."""
        return _RECORD.fullmatch(name) is not None

    def write_index(self, content: bytes) -> None:
        """Keep the index, if the folder can be written; without it the records are read again."""
        with contextlib.suppress(OSError):
            _write(self.folder / "index.npz", content)

    def addresses(self) -> list[Address]:
        """The runs that have a record, in order."""
        names = os.listdir(self._records) if self._records.is_dir() else []
        found = map(_RECORD.fullmatch, names)
        return sorted(Address(*map(int, match.groups())) for match in found if match is not None)

    def ask(self, k: int, widths: Iterable[int], runs: int) -> None:
        """Remember which grid was asked for: what is missing from it is what is still to be done."""
        grid = {"k": k, "widths": sorted(widths), "runs": runs}
        name = hashlib.sha256(json.dumps(grid).encode()).hexdigest()[:12]
        path = self.folder / "asked" / f"k{k:04d}-{name}.json"
        if not path.exists():
            with self._storing("the grid that was asked for"):
                path.parent.mkdir(exist_ok=True)
            self.write_file(path, json.dumps(grid | {"since": time.time()}).encode())

    def asked(self) -> set[Address]:
        """All runs that were ever asked for; of a store that older versions made, those that are there."""
        addresses = set(self.addresses())
        for path in self.folder.glob("asked/*.json"):
            try:
                grid = json.loads(path.read_bytes())
                addresses |= {Address(grid["k"], n, run) for n in grid["widths"] for run in range(grid["runs"])}
            except (ValueError, LookupError, TypeError) as error:
                warnings.warn(f"damaged file {path} left out ({type(error).__name__}: {error})", stacklevel=2)
        return addresses

    def _path(self, address: Address) -> Path:
        return self._records / f"{address.stem}.npz"


def open_store(folder: Checked[str | os.PathLike[str]], verb: Checked[str] = "open_store") -> Store:
    """The store that is in a folder, with the experiment that it says it holds."""
    verb = _checks.text("open_store", "verb", verb, 'gf.open_store("runs/k8")')
    path = _checks.folder(verb, folder)
    description = path / "experiment.json"
    _checks.is_store(verb, path, description)
    found = _checks.described_experiment(verb, path, description.read_bytes())
    try:
        experiment = from_description(found)
    except (LookupError, TypeError, AttributeError) as error:
        _checks.incomplete_description(verb, path, error)
        raise AssertionError("unreachable") from error
    return Store(path, experiment, made=False)


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _put_aside(folder: Path, path: Path) -> Path:
    """Copy a file into a folder of things put aside, none of which is ever overwritten."""
    content = path.read_bytes()
    folder.mkdir(exist_ok=True)
    for number in itertools.count():
        aside = folder / (path.name if number == 0 else f"{path.stem}.{number}{path.suffix}")
        with contextlib.suppress(FileExistsError), open(aside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            return aside
    raise AssertionError("unreachable")


def _write(path: Path, content: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # gone with the rename, or with the disk
            temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


_README = """A sweep of gradient flows, one file a run. Nothing but the standard tools is needed to read it.

experiment.json   what every run shares: problem, law of the initial weights, seed, options, schema version
records/          one zip archive a run, named by teacher width k, student width n and repetition:
                  header.json   class, losses, what every neuron does, timings, versions, machine, reason of a failure
                  *.npy         initial_weights (n, d), initial_output (n), weights, output: the student at both ends
                                eigenvalues, eigenvalue_error: of the Hessian at the end
                                times, losses, gradient_norms: along the flow
                                path_weights (time, n, d), path_output (time, n): only if they were asked for
                  In Python: numpy.load("records/k0008-n0004-run0003.npz"); elsewhere: unzip.
certificates/     what is proved of a run's end, as JSON: statement, index, radius, loss; may be deleted at any time
superseded/       records of failed runs that were done again
damaged/          files that could not be read
asked/, running/  which grids were asked for, and who is at work
index.npz         columns made from the records; may be deleted at any time

The student f(x) = sum_i a_i erf(w_i.x/sqrt 2) learns f*(x) = sum_j erf(v_j.x/sqrt 2), v_j the first k unit vectors,
x ~ N(0, I), by the gradient flow of E[(f - f*)^2].
"""
