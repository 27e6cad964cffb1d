"""What a store's folder may come to hold: every damage by name, done to a copy of a small whole store.

The store has four runs (k = 8, n = 3 and 4, two of each) and a certificate of each. What a damage takes away with it is
in `lost`: all other runs must be served by every operation as if nothing had happened.
"""

import io
import json
import os
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import gradflow as gf
from gradflow._digest import digest_of

VICTIM = gf.Address(8, 4, 0)
ALL = tuple(gf.Address(8, n, run) for n in (3, 4) for run in range(2))
# more than a machine has, as a file of holes
_HUGE = 2**40
_DEEP = 100_000


class Damage(NamedTuple):
    """What is done to the folder of a store, which runs it costs, and whether the sweep does those `again`."""

    spoil: Callable[[Path], None]
    lost: tuple[gf.Address, ...] = ()
    again: bool = True


def whole_store(folder: Path) -> Path:
    """The store that is damaged: four runs with their certificates, an index, and one failed run done again."""
    gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=folder, certify=True)
    gf.status(folder)
    return folder


def record_path(folder: Path, address: gf.Address = VICTIM) -> Path:
    return folder / "records" / f"{address.stem}.npz"


# things in a file's place


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("x")


def _socket(path: Path) -> None:
    there = os.getcwd()
    os.chdir(path.parent)  # the name of a socket has at most a hundred characters
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(there)


def _huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(_HUGE)


IN_PLACE: dict[str, Callable[[Path], None]] = {
    "a folder": _folder,
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a loop of links": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to a folder": lambda path: path.symlink_to(".."),
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a file of a terabyte": _huge,
    "an empty file": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(4096)),
    "text": lambda path: path.write_text("nothing of the kind\n"),
    "nested lists": lambda path: path.write_text("[" * _DEEP + "]" * _DEEP),
    "bytes that are no text": lambda path: path.write_bytes(bytes(range(128, 256)) * 8),
}


def _in_place(make: Callable[[Path], None], where: Callable[[Path], Path], *, old: bool = False) -> Callable[..., None]:
    def spoil(folder: Path) -> None:
        path = where(folder)
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        make(path)
        if old and path.exists() and not path.is_symlink():
            os.utime(path, (time.time() - 60, time.time() - 60))

    return spoil


# records that are edited


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _archive(
    path: Path, members: dict[str, bytes] | list[tuple[str, bytes]], packing: int = zipfile.ZIP_STORED
) -> None:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=packing)


def _header(path: Path) -> dict[str, Any]:
    return dict(json.loads(_members(path)["header.json"]))


def _put_header(path: Path, header: Any, *, written: bytes | None = None) -> None:
    """An archive whose header is this one, with the digest that stands in it, if any."""
    _archive(path, _members(path) | {"header.json": json.dumps(header).encode() if written is None else written})


def _edited(edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """The header edited and its digest taken out, as in records of older versions."""

    def spoil(folder: Path) -> None:
        path = record_path(folder)
        header = _header(path)
        header.pop("digest", None)
        header.pop("compile_seconds", None)
        edit(header)
        _put_header(path, header)

    return spoil


def _field(*place: str, value: Any) -> Callable[[Path], None]:
    def edit(header: dict[str, Any]) -> None:
        inner = header
        for name in place[:-1]:
            inner = inner[name]
        inner[place[-1]] = value

    return _edited(edit)


def _without(*place: str) -> Callable[[Path], None]:
    def edit(header: dict[str, Any]) -> None:
        inner = header
        for name in place[:-1]:
            inner = inner[name]
        del inner[place[-1]]

    return _edited(edit)


def _neuron(**changes: Any) -> Callable[[Path], None]:
    return _edited(lambda header: header["configuration"]["neurons"][0].update(changes))


def _raw_header(content: bytes) -> Callable[[Path], None]:
    return lambda folder: _put_header(record_path(folder), None, written=content)


def _by_hand(folder: Path) -> None:
    """One digit of a loss, and the digest left as it was."""
    header = _header(record_path(folder))
    header["loss"] += 1e-3
    _put_header(record_path(folder), header)


def _in_utf_16(folder: Path) -> None:
    path = record_path(folder)
    _put_header(path, None, written=json.dumps(_header(path)).encode("utf-16"))


def _arrays(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Arrays changed, and all digests as they should be: what is left to see is what the arrays are."""

    def spoil(folder: Path) -> None:
        path = record_path(folder)
        members, header = _members(path), _header(path)
        header.pop("digest", None)
        header.pop("compile_seconds", None)
        arrays = {name: np.load(io.BytesIO(members[f"{name}.npy"])) for name in header["arrays"]}
        change(arrays)
        header["arrays"] = {name: digest_of(np.asarray(array)) for name, array in arrays.items()}
        files = {}
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.asarray(array), allow_pickle=True)
            files[f"{name}.npy"] = part.getvalue()
        _archive(path, {"header.json": json.dumps(header).encode()} | files)

    return spoil


def _array_file(content: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = record_path(folder)
        _archive(path, _members(path) | {"weights.npy": content})

    return spoil


def _npy(header: str, data: bytes = bytes(4 * 9 * 8)) -> bytes:
    """A file of an array with any text for its header."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


def _twice(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = record_path(folder)
        members = _members(path)
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as archive:
            for member, content in [*members.items(), (f"{name[:-1]}_", members[name])]:
                archive.writestr(zipfile.ZipInfo(member), content)
        path.write_bytes(raw.getvalue().replace(f"{name[:-1]}_".encode(), name.encode()))

    return spoil


def _bomb(name: str) -> Callable[[Path], None]:
    """A member of a quarter of a gigabyte of zeros, a quarter of a megabyte in the archive."""

    def spoil(folder: Path) -> None:
        path = record_path(folder)
        members = _members(path)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                if member != name:
                    archive.writestr(member, content)
            with archive.open(name, "w") as file:
                for _ in range(256):
                    file.write(bytes(2**20))

    return spoil


def _lied_size(folder: Path) -> None:
    """The directory says four gigabytes of its first member."""
    path = record_path(folder)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = b"\xfe\xff\xff\xff"
    path.write_bytes(bytes(content))


def _encrypted(folder: Path) -> None:
    path = record_path(folder)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    path.write_bytes(bytes(content))


def _bytes(change: Callable[[bytes], bytes], where: Callable[[Path], Path] = record_path) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = where(folder)
        path.write_bytes(change(path.read_bytes()))

    return spoil


def _flipped(mark: bytes, further: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        at = content.index(mark) + further
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    return change


def _of_another_run(folder: Path) -> None:
    record_path(folder).write_bytes(record_path(folder, ALL[0]).read_bytes())


def _under_another_name(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "records" / name).write_bytes(record_path(folder).read_bytes()) and None


_WRONG: dict[str, Callable[[Path], None]] = {
    "cut in half": _bytes(lambda content: content[: len(content) // 2]),
    "without its last byte": _bytes(lambda content: content[:-1]),
    "a flipped bit in its header": _bytes(_flipped(b"header.json", 40)),
    "a flipped bit in an array": _bytes(_flipped(b"initial_weights.npy", 150)),
    "two records in one file": _bytes(lambda content: content[: len(content) // 2] + content),
    "an edit by hand": _by_hand,
    "the record of another run": _of_another_run,
    "header: a list": _raw_header(b"[]"),
    "header: nothing": _raw_header(b"null"),
    "header: no JSON": _raw_header(b'{"k": 8,'),
    "header: NaN": _raw_header(b'{"k": NaN}'),
    "header: five thousand digits": _raw_header(b'{"k": ' + b"9" * 5000 + b"}"),
    "header: UTF-16": _in_utf_16,
    "header: no text": _raw_header(b"\xff\xfe\x80"),
    "header: nested": _raw_header(b'{"a":' * _DEEP + b"1" + b"}" * _DEEP),
    "header: nested in a field that nobody reads": _field("more", value=json.loads("[" * 400 + "]" * 400)),
    "schema: a word": _field("schema", value="x"),
    "schema: negative": _field("schema", value=-1),
    "experiment: another": _field("experiment", value="0" * 16),
    "experiment: a number": _field("experiment", value=7),
    "k: a word": _field("k", value="8"),
    "k: none": _without("k"),
    "n: another": _field("n", value=5),
    "run: true": _field("run", value=True),
    "run: huge": _field("run", value=10**300),
    "loss: a word": _field("loss", value="abc"),
    "loss: true": _field("loss", value=True),
    "loss: a list": _field("loss", value=[0.1]),
    "loss: missing": _without("loss"),
    "loss: null": _field("loss", value=None),
    "loss: infinite": _raw_header(b'{"loss": 1e999}'),
    "loss: four hundred digits": _field("loss", value=10**400),
    "flow: missing": _without("flow"),
    "flow: a list": _field("flow", value=[]),
    "flow: steps of a half": _field("flow", "steps", value=0.5),
    "flow: negative steps": _field("flow", "steps", value=-1),
    "flow: a time of words": _field("flow", "time", value="soon"),
    "flow: an unknown result": _field("flow", "result", value="fine"),
    "point: missing": _without("point"),
    "point: none of a class": _field("point", value=None),
    "point: a step of words": _field("point", "newton_step", value="small"),
    "class: an unknown kind": _field("classification", "kind", value="maximum"),
    "class: a kind of lists": _field("classification", "kind", value=["minimum"]),
    "class: an index in words": _field("classification", "index", value="five"),
    "class: an index of true": _field("classification", "index", value=True),
    "class: a negative index": _field("classification", "index", value=-1),
    "class: an index of 10^30": _field("classification", "index", value=10**30),
    "class: no nullity": _without("classification", "nullity"),
    "class: a reason of numbers": _field("classification", "reason", value=3),
    "class: half a character": _field("classification", "reason", value="\ud800"),
    "class: without a configuration": _field("configuration", value=None),
    "configuration: without a class": _field("classification", value=None),
    "configuration: an unknown name": _field("configuration", "name", value="Q-n-C"),
    "configuration: a partition in words": _field("configuration", "partition", value="1115"),
    "configuration: a partition of halves": _field("configuration", "partition", value=[0.5] * 4),
    "configuration: a partition of more teachers": _field("configuration", "partition", value=[1, 1, 1, 50]),
    "configuration: a neuron too many": _edited(
        lambda header: header["configuration"]["neurons"].append(header["configuration"]["neurons"][0])
    ),
    "configuration: neurons in words": _field("configuration", "neurons", value="four"),
    "neuron: an unknown kind": _neuron(kind="exact"),
    "neuron: the hundredth teacher": _neuron(teachers=[99]),
    "neuron: the teacher before the first": _neuron(teachers=[-1]),
    "neuron: a cosine in words": _neuron(cosine="one"),
    "machine: a list": _field("machine", value=[]),
    "machine: a host of lists": _field("machine", "host", value=["a"]),
    "versions: a list": _field("versions", value=[]),
    "versions: numbers": _field("versions", "jax", value=1),
    "changes: a list": _field("changes", value=["rtol"]),
    "message: none": _field("message", value=None),
    "result: unknown": _field("result", value="fine"),
    "seconds: a word": _field("seconds", value="long"),
    "arrays: none listed": _field("arrays", value={}),
    "arrays: a list": _field("arrays", value=[]),
    "arrays: objects": _arrays(lambda arrays: arrays.update(output=np.array([None] * 4, dtype=object))),
    "arrays: integers": _arrays(lambda arrays: arrays.update(output=np.ones(4, dtype=int))),
    "arrays: single precision": _arrays(lambda arrays: arrays.update(output=np.ones(4, dtype=np.float32))),
    "arrays: words": _arrays(lambda arrays: arrays.update(output=np.array(["a"] * 4))),
    "arrays: of another shape": _arrays(lambda arrays: arrays.update(weights=arrays["weights"].T)),
    "arrays: of no shape": _arrays(lambda arrays: arrays.update(initial_weights=np.float64(1.0))),
    "arrays: of lengths that differ": _arrays(lambda arrays: arrays.update(losses=arrays["losses"][:-1])),
    "arrays: one missing": _arrays(lambda arrays: arrays.pop("output")),
    "arrays: the start missing": _arrays(lambda arrays: arrays.pop("initial_weights")),
    "arrays: no number": _arrays(lambda arrays: arrays.update(weights=np.full((4, 9), np.nan))),
    "arrays: times without an end": _arrays(lambda arrays: arrays["times"].__setitem__(-1, np.inf)),
    "arrays: times that are no numbers": _arrays(lambda arrays: arrays["times"].__setitem__(slice(None), np.nan)),
    "arrays: times that go back": _arrays(lambda arrays: arrays.update(times=-arrays["times"])),
    "arrays: losses that are no numbers": _arrays(lambda arrays: arrays["losses"].__setitem__(2, np.nan)),
    "arrays: eigenvalues that are no numbers": _arrays(lambda arrays: arrays["eigenvalues"].__setitem__(0, np.nan)),
    "arrays: eigenvalues without an end": _arrays(lambda arrays: arrays["eigenvalues"].__setitem__(-1, np.inf)),
    "arrays: weights of 1e300": _arrays(lambda arrays: arrays.update(weights=np.full((4, 9), 1e300))),
    "arrays: weights of zero": _arrays(lambda arrays: arrays.update(weights=np.zeros((4, 9)))),
    "arrays: no eigenvalues": _arrays(
        lambda arrays: arrays.update(eigenvalues=np.zeros(0), eigenvalue_error=np.zeros(0))
    ),
    "arrays: no path": _arrays(
        lambda arrays: arrays.update(dict.fromkeys(("times", "losses", "gradient_norms"), np.zeros(0)))
    ),
    "arrays: too many eigenvalues": _arrays(
        lambda arrays: arrays.update(eigenvalues=np.ones(1000), eigenvalue_error=np.ones(1000))
    ),
    "array: an expression in its header": _array_file(
        _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10**9, __import__('os').getpid()), }\n")
    ),
    "array: nested brackets in its header": _array_file(_npy("(" * 9000 + ")" * 9000 + "\n")),
    "array: a terabyte": _array_file(_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (137438953472,), }\n")),
    "array: a negative size": _array_file(_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-4, 9), }\n")),
    "array: no header": _array_file(b"\x93NUMPY"),
    "archive: a member twice": _twice("header.json"),
    "archive: no header": lambda folder: _archive(record_path(folder), {"x": b""}),
    "archive: empty": lambda folder: _archive(record_path(folder), {}),
    "archive: a header of 256 megabytes": _bomb("header.json"),
    "archive: an array of 256 megabytes": _bomb("weights.npy"),
    "archive: packed in another way": lambda folder: _archive(
        record_path(folder), _members(record_path(folder)), zipfile.ZIP_LZMA
    ),
    "archive: a size that is none": _lied_size,
    "archive: encrypted": _encrypted,
}


# certificates, claims, grids, the index


def _certificate(folder: Path) -> Path:
    return folder / "certificates" / f"{VICTIM.stem}.json"


def _said(path: Callable[[Path], Path], **changes: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path(folder).write_text(json.dumps(json.loads(path(folder).read_text()) | changes))

    return spoil


def _claim(folder: Path) -> Path:
    return folder / "running" / f"{VICTIM.stem}.json"


def _claimed(**changes: Any) -> Callable[[Path], None]:
    """A claim of a run that has no record."""

    def spoil(folder: Path) -> None:
        record_path(folder).unlink()
        _claim(folder).parent.mkdir(exist_ok=True)
        said = {"host": "elsewhere", "process": 1, "since": 0.0} | changes
        _claim(folder).write_text(json.dumps(said))

    return spoil


def _claim_in_place(make: Callable[[Path], None]) -> Callable[[Path], None]:
    spoil = _in_place(make, _claim, old=True)

    def both(folder: Path) -> None:
        record_path(folder).unlink()
        spoil(folder)

    return both


def _renewed_tomorrow(folder: Path) -> None:
    _claimed()(folder)
    os.utime(_claim(folder), (time.time() + 86400,) * 2)


def _grid(folder: Path) -> Path:
    return folder / "asked" / "k0008-damaged.json"


def _asked(**changes: Any) -> Callable[[Path], None]:
    grid = {"k": 8, "widths": [3, 4], "runs": 2, "since": 0.0} | changes
    return lambda folder: _grid(folder).write_text(json.dumps(grid)) and None


def _index(folder: Path) -> Path:
    return folder / "index.npz"


def _forged(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        with np.load(_index(folder)) as file:
            columns = dict(file)
        change(columns)
        with open(_index(folder), "wb") as file:
            np.savez(file, **columns)

    return spoil


def _replaced(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Something else in the place of one of the store's folders."""

    def spoil(folder: Path) -> None:
        there = folder / name
        if there.is_dir():
            there.rename(folder.parent / f"{folder.name}-{name}-away")
        make(there)

    return spoil


_CERTIFICATES = {
    "radius: 2^2000": _said(_certificate, radius="0x1p+2000"),
    "radius: infinite": _said(_certificate, radius="inf"),
    "radius: no number": _said(_certificate, radius="nan"),
    "radius: negative": _said(_certificate, radius="-0x1p-20"),
    "radius: a list": _said(_certificate, radius=[]),
    "error: a number": _said(_certificate, error=1e-40),
    "index: a word": _said(_certificate, index="five"),
    "index: true": _said(_certificate, index=True),
    "loss: an exponent of 10^9": _said(_certificate, loss=["1p-1000000000", "1p1000000000"]),
    "loss: beyond float64": _said(_certificate, loss=["1p5000", "1p5001"]),
    "loss: one end": _said(_certificate, loss=["1p-3"]),
    "loss: in the wrong order": _said(_certificate, loss=["1p-1", "1p-2"]),
    "statement: unknown": _said(_certificate, statement="certainly"),
    "reason: a list": _said(_certificate, reason=["x"]),
    "problem: none": _said(_certificate, problem=None),
    "given: none": _said(_certificate, given={}),
    "given: of another point": _said(_certificate, given={"weights": [], "output": []}),
    "half of it": _bytes(lambda content: content[: len(content) // 2], _certificate),
}
_CLAIMS = {
    "process: a word": _claimed(process="abc"),
    "process: 10^30": _claimed(process=10**30, host=os.uname().nodename),
    "process: zero": _claimed(process=0, host=os.uname().nodename),
    "process: all": _claimed(process=-1, host=os.uname().nodename),
    "process: true": _claimed(process=True),
    "host: a list": _claimed(host=["a"]),
    "since: a word": _claimed(since="yesterday"),
    "since: infinite": _claimed(since=float("inf")),
    "renewed tomorrow": _renewed_tomorrow,
}
_GRIDS = {
    "10^8 runs": _asked(runs=10**8),
    "10^30 runs": _asked(runs=10**30),
    "a width of 10^9": _asked(widths=[10**9]),
    "a hundred thousand widths": _asked(widths=list(range(1, 100_001)), runs=10**6),
    "negative widths": _asked(widths=[-1]),
    "widths of halves": _asked(widths=[0.5]),
    "widths in words": _asked(widths="34"),
    "runs in words": _asked(runs="two"),
    "k: a list": _asked(k=[8]),
    "k: missing": lambda folder: _grid(folder).write_text('{"widths": [4], "runs": 1}') and None,
}
_INDICES = {
    "objects": _forged(lambda columns: columns.update(kind=np.array([None] * 4, dtype=object))),
    "lengths that differ": _forged(lambda columns: columns.update(kind=columns["kind"][:2])),
    "numbers for words": _forged(lambda columns: columns.update(kind=np.ones(4))),
    "words for numbers": _forged(lambda columns: columns.update(loss=np.array(["a"] * 4))),
    "another loss": _forged(lambda columns: columns.update(loss=columns["loss"] + 1)),
    "two dimensions": _forged(lambda columns: columns.update(loss=np.ones((4, 4)))),
    "a column missing": _forged(lambda columns: columns.pop("loss")),
    "half of it": _bytes(lambda content: content[: len(content) // 2], _index),
}

_STRAY = {
    "a record under a short name": _under_another_name("k8-n4-run0.npz"),
    "a record under a long name": _under_another_name(f"k{'9' * 60}-n{'9' * 60}-run{'9' * 60}.npz"),
    "a record that a kill left half written": _under_another_name(".k0008-n0004-run0000.npz.0123456789abcdef"),
    "a pipe that a kill left": lambda folder: os.mkfifo(folder / "records" / ".k0008-n0004-run0009.npz.0123"),
    "a folder in records": lambda folder: (folder / "records" / "old").mkdir(),
}
# of these folders nothing is needed to serve the runs
_FOLDERS = ("running", "asked", "certificates", "superseded", "damaged")

DAMAGES: dict[str, Damage] = {
    **{f"record, {name}": Damage(spoil, (VICTIM,)) for name, spoil in _WRONG.items()},
    **{f"record, {name}": Damage(_in_place(make, record_path), (VICTIM,)) for name, make in IN_PLACE.items()},
    **{f"records, {name}": Damage(spoil) for name, spoil in _STRAY.items()},
    **{f"certificate, {name}": Damage(spoil) for name, spoil in _CERTIFICATES.items()},
    **{f"certificate, {name}": Damage(_in_place(make, _certificate)) for name, make in IN_PLACE.items()},
    **{f"claim, {name}": Damage(spoil, (VICTIM,)) for name, spoil in _CLAIMS.items()},
    **{f"claim, {name}": Damage(_claim_in_place(make), (VICTIM,)) for name, make in IN_PLACE.items()},
    **{f"grid, {name}": Damage(spoil) for name, spoil in _GRIDS.items()},
    **{f"grid, {name}": Damage(_in_place(make, _grid)) for name, make in IN_PLACE.items()},
    **{f"index, {name}": Damage(spoil) for name, spoil in _INDICES.items()},
    **{f"index, {name}": Damage(_in_place(make, _index)) for name, make in IN_PLACE.items()},
    **{
        f"{name}, {what}": Damage(_replaced(name, IN_PLACE[what]))
        for name in _FOLDERS
        for what in ("text", "a link to nothing", "a pipe")
    },
    # a newer gradflow may have written it: it is never moved
    "record, of a newer gradflow": Damage(_field("schema", value=99), (VICTIM,), again=False),
    "README, a pipe": Damage(_in_place(os.mkfifo, lambda folder: folder / "README.txt")),
}
