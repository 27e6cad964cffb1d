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
import errno
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._files import NotPlain, plain_content
from gradflow._writing import NotWritten, write_whole
from gradflow.sweeps.address import Address
from gradflow.sweeps.aside import copied_aside, folder_at, left_out, moved_aside
from gradflow.sweeps.certified import Certified, certified_of, largest_certificate
from gradflow.sweeps.claims import Claims
from gradflow.sweeps.experiment import Experiment, identity_of
from gradflow.sweeps.grid import LARGEST_GRID, Asked, Grid, grid_of
from gradflow.sweeps.header import NewerRecord
from gradflow.sweeps.readme import README
from gradflow.sweeps.record import Record, from_bytes, to_bytes
from gradflow.sweeps.task import Task

CERTIFICATES = "certificates"
# the one way in which `Address.stem` writes a number: another name is no record's
_NUMBER = r"([0-9]{4}|[1-9][0-9]{4,9})"
_RECORD = re.compile(rf"k{_NUMBER}-n{_NUMBER}-run{_NUMBER}\.npz")

# what a record may have: so many points of its path, and so many bytes beside them (header, spectrum, zip); in all no
# more than a machine could read
_POINTS, _BESIDE, _MOST = 10**6, 2**26, 2**33
_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class StoreError(NotWritten):
    """A record could not be kept: the disk is full, away or not to be written."""


class Store:
    """The records of one experiment. Opening makes the folder, or refuses another experiment's; with `made=False` it
    must be there, and may be on a disk that cannot be written.

    One file that does not fit is left out with a warning that names it, and never in the way of the others. `kept_out`
    are the runs whose record cannot be read here and must stay where it is: they are not to be done again.
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
        self.kept_out: set[Address] = set()
        self._records = self.folder / "records"
        self._made = made
        self.description = experiment.description()
        described = self.folder / "experiment.json"
        content = _checks.experiment_file("Store", described)
        if content is not None and not made:
            self.description = _checks.described_experiment("Store", self.folder, content)
        elif content is not None:
            _checks.same_experiment(self.folder, content, self.description)
        elif not made:
            _checks.no_store("Store", self.folder, [])
        else:
            _checks.fresh_folder(self.folder, [address.stem for address in self.addresses()])
            self.write_file(described, f"{json.dumps(self.description, sort_keys=True, indent=1)}\n".encode())
            self.write_file(self.folder / "README.txt", README.encode())
        # of what the folder says, which an older or newer gradflow may have written
        self.identity = identity_of(self.description)
        if made:
            with self._storing("records"):
                self._records.mkdir(exist_ok=True)
        self._require_own()

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
            self._put(path, content)

    def claim(self, name: str) -> bool:
        """Claim a run. Raises `StoreError` if the claim cannot be written."""
        with self._storing(f"the claim of {name}"):
            return self.claims.take(name)

    def _keep(self, address: Address, content: bytes) -> None:
        with self._storing(f"the record of {address}"):
            if len(content) > self._most(address):
                raise OSError(errno.EFBIG, "it is larger than any that would be read again")
            self._put(self._path(address), content)

    def _put(self, path: Path, content: bytes) -> None:
        """Write a file whole, also where something stands that no file can take the place of."""
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):
                moved_aside(self.folder / "damaged", path)
        write_whole(path, content)

    @contextlib.contextmanager
    def _storing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                error.errno,
                f"{what} cannot be kept in {self.folder}: {error.strerror or error}. {self._advice(error.errno)}",
            ) from error

    def _advice(self, number: int | None) -> str:
        """What is lost, if anything, and what to do."""
        gone = next((folder for folder in (self.folder, self._records) if not folder.is_dir()), None)
        if gone is not None:
            return (
                f"The folder {gone} is gone, deleted or moved or its disk is away, and the records with it: bring it "
                "back and repeat the call, which goes on where it stopped. Without it, the call begins anew"
            )
        first = "make room and " if number in _FULL else "allow writing to it and " if number in _REFUSED else ""
        return f"All records before it are safe; {first}repeat the call, which goes on where it stopped"

    def _supersede(self, address: Address) -> None:
        with self._storing(f"the former record of {address}"):
            content = self.content(address)
            if content is not None:
                copied_aside(self.folder / "superseded", self._path(address), content)

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
            folder_at(path.parent)
            self._put(path, content)

    def certificate(self, record: Record) -> Certified | None:
        """What is proved of a record's end; None if there is no certificate, or one of another end. A damaged one is
        left out with a warning that names it.
        """
        try:
            return self.read_certificate(record)
        except ValueError as error:
            left_out(f"damaged certificate {self.certificate_path(record.address)} left out ({error})")
            return None

    def read_certificate(self, record: Record) -> Certified | None:
        """The same, but a damaged one raises `ValueError`."""
        try:
            at_most = largest_certificate(record.address.k, record.address.n, self.experiment.excess)
            content = _content(self.certificate_path(record.address), at_most)
        except OSError as error:
            raise ValueError(_said(error)) from error
        return None if content is None else certified_of(self.experiment, record, content)

    def content(self, address: Address) -> bytes | None:
        """The record of a run as it stands in its file, unread; None if there is none. Raises `OSError` for what is no
        file, or one larger than a record can be.
        """
        return _content(self._path(address), self._most(address))

    def _most(self, address: Address) -> int:
        """How large a record may be."""
        point = address.n * (address.k + self.experiment.excess + 1) + 3  # parameters, time, loss and gradient norm
        return min(_BESIDE + 8 * _POINTS * point, _MOST)

    def read(self, address: Checked[Address], *, header_only: Checked[bool] = False) -> Record | None:
        """The record of a run (with `header_only` without its arrays), None if there is none, or none that can be read:
        that is named in a warning, and set aside if the store is one to write to. One that a newer gradflow has
        written, or that is not to be read now, stays where it is, in `kept_out`.
        """
        _checks.instance("Store.read", "address", address, Address, "store.read(gf.Address(k=8, n=4, run=0))")
        header_only = _checks.flag("Store.read", "header_only", header_only)
        path = self._path(address)
        try:
            content = self.content(address)
            if content is None:
                return None
            record = from_bytes(content, header_only=header_only)
            if record.address != address:
                raise ValueError(f"it is the record of {record.address}")
            if record.header["experiment"] != self.identity:
                raise ValueError(f"it belongs to another experiment, {record.header['experiment']}")
            start = record.arrays.get("initial_weights")
            if start is not None and start.shape[-1] != address.k + self.experiment.excess:
                raise ValueError(
                    f"its students have {start.shape[-1]} input dimensions, those of its experiment others"
                )
        except NewerRecord as error:
            self.kept_out.add(address)
            left_out(f"left out: {_checks.newer_record(path, error)}")
            return None
        except (OSError, ValueError) as error:
            self._set_aside(address, error)
            return None
        return record

    def _set_aside(self, address: Address, error: Exception) -> None:
        path, said = self._path(address), _said(error)
        away = isinstance(error, OSError) and not isinstance(error, NotPlain) and error.errno != errno.ELOOP
        if away:  # a disk that does not answer, a file of somebody else: what it holds may be whole
            self.kept_out.add(address)
            left_out(f"record {path} left out, it cannot be read now ({said})")
        elif not self._made:
            left_out(f"damaged record {path} left out ({said})")
        else:
            with self._storing(f"the damaged record {path.name}"), contextlib.suppress(FileNotFoundError):
                aside = moved_aside(self.folder / "damaged", path)
                left_out(f"damaged record set aside as {aside} ({said}); its run will be done again")

    def _require_own(self) -> None:
        """Refuse a folder of records none of which belongs to its experiment.json: it is not theirs, and nothing is
        moved then; nor is it where all are of a newer gradflow.
        """
        refusals = []
        # the first one that is found will do, and most often is the first of all
        for address in filter(None, map(address_of, _checks.names_in(self._records))):
            try:
                record = from_bytes(self.content(address) or b"", header_only=True)
            except NewerRecord as error:
                refusals.append(_checks.newer_record(self._path(address), error))
                continue
            except (OSError, ValueError):
                continue  # named where it is read
            found = record.header["experiment"]
            if found == self.identity:
                return
            refusals.append(_checks.another_experiment(self._path(address), found, self.identity))
        _checks.some_own_record(refusals)

    def read_header(self, name: str) -> Record | None:
        """The record in the file of this name, without its arrays."""
        address = address_of(name)
        return None if address is None else self.read(address, header_only=True)

    @staticmethod
    def is_record(name: str) -> bool:
        """Whether a file's name is a record's."""
        return _RECORD.fullmatch(name) is not None

    def write_index(self, content: bytes) -> None:
        """Keep the index, if the folder can be written; without it the records are read again."""
        with contextlib.suppress(OSError):
            write_whole(self.folder / "index.npz", content)

    def addresses(self) -> list[Address]:
        """The runs that have a record, in order."""
        names = _checks.names_in(self._records)
        return sorted(address for address in map(address_of, names) if address is not None)

    def ask(self, k: int, widths: Iterable[int], runs: int) -> None:
        """Remember which grid was asked for: what is missing from it is what is still to be done."""
        self.keep_grid(Grid(k, tuple(sorted(widths)), runs))

    def keep_grid(self, grid: Grid) -> None:
        """Keep a grid, if it is not there."""
        path = self.folder / "asked" / grid.name
        if not path.exists():
            with self._storing("the grid that was asked for"):
                folder_at(path.parent)
                self._put(path, grid.to_bytes())

    def grids(self) -> tuple[Grid, ...]:
        """The grids that were asked for; a damaged one is left out with a warning that names it."""
        found = []
        for path in sorted(self.folder.glob("asked/[!.]*.json")):
            try:
                content = _content(path, LARGEST_GRID)
                if content is not None:
                    found.append(grid_of(content))
            except (OSError, ValueError) as error:
                left_out(f"damaged file {path} left out ({_said(error)})")
        return tuple(found)

    def asked(self) -> Asked:
        """All runs that were ever asked for; of a store that older versions made, those that are there."""
        return Asked(self.grids(), self.addresses())

    def _path(self, address: Address) -> Path:
        return self._records / f"{address.stem}.npz"


def address_of(name: str) -> Address | None:
    """The run whose record has this name."""
    match = _RECORD.fullmatch(name)
    return None if match is None else Address(*map(int, match.groups()))


def _content(path: Path, at_most: int) -> bytes | None:
    """What is in a file; None if there is none."""
    try:
        return plain_content(path, at_most)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise NotPlain("it is a link to nothing") from error
        return None


def _said(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # none, or a link to nothing
        return None
