"""One run's record: a JSON header and arrays in one file, readable without gradflow.

The file is a zip archive in NumPy's npz layout, with the header as its member `header.json`: `numpy.load` reads the
arrays, any unzip the header, and every member carries a checksum, so that damage is noticed.
"""

import functools
import io
import json
import platform
import zipfile
import zlib
from importlib.metadata import version
from typing import Any

import equinox as eqx
import jax
import numpy as np

from gradflow._digest import digest_of
from gradflow._results import message_of, name_of
from gradflow._solve import Solution
from gradflow.critical_points import Kind
from gradflow.sweeps.address import Address
from gradflow.sweeps.cores import cores
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.task import Task

# of a record's header; raised when a reader of the older one would misread it
SCHEMA = 1

_EXTREMES = ("least_eigenvalue", "least_eigenvalue_error", "largest_eigenvalue")


class NewerRecord(ValueError):
    """A record that a newer gradflow has written."""


class Record(eqx.Module):
    """What is kept of a run: plain data in `header`, arrays by name in `arrays` (initial weights always among them)."""

    address: Address
    header: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def configuration(self) -> str:
        """ "C-A", "P-n-C", "other", or "" for a run that failed."""
        return str(self.header["configuration"]["name"]) if self.header["configuration"] else ""

    @property
    def kind(self) -> str:
        """The kind of the end point, or "failed"."""
        return str(self.header["classification"]["kind"]) if self.header["classification"] else "failed"

    @property
    def outcome(self) -> str:
        """ "C-A", "P-n-C", "other", "channel" or "failed": one for every run."""
        return self.kind if self.kind in ("failed", Kind.CHANNEL.value) else self.configuration

    def summary(self) -> dict[str, Any]:
        """What the run came to, as plain data; nothing of how fast or by whom."""
        verdict, point, named = (self.header[name] for name in ("classification", "point", "configuration"))
        return {
            "k": self.address.k,
            "n": self.address.n,
            "run": self.address.run,
            "result": self.header["result"],
            "outcome": self.outcome,
            "partition": named["partition"] if named else None,
            "kind": self.kind,
            "reason": verdict["reason"] if verdict else self.header["message"],
            "index": verdict["index"] if verdict else None,
            "nullity": verdict["nullity"] if verdict else None,
            "loss": self.header["loss"],
            "gradient_norm": point["gradient_norm"] if point else None,
            "gradient_floor": point["gradient_floor"] if point else None,
            **{name: verdict[name] if verdict else None for name in _EXTREMES},
        }

    @property
    def neurons(self) -> list[dict[str, Any]]:
        """What every neuron does, as plain data; none for a run that failed."""
        return list(self.header["configuration"]["neurons"]) if self.header["configuration"] else []

    @property
    def loss(self) -> float:
        """The loss at the end, of a failed run the last one of its flow; infinite if that is not a number."""
        return float("inf") if self.header["loss"] is None else float(self.header["loss"])

    @property
    def loss_floor(self) -> float:
        """The rounding level of the loss; 0 where it is not known."""
        return float((self.header["point"] or {}).get("loss_floor") or 0.0)


def record_of(plan: Experiment, task: Task, solution: Solution, *, seconds: float) -> Record:
    """The record of a finished run that took `seconds`."""
    trajectory, point, verdict = solution.trajectory, solution.point, solution.classification
    found = solution.configuration
    start, final = trajectory.state(0), solution.student
    loss = trajectory.losses[-1] if point is None else point.loss
    header = _place(plan, task) | {
        "result": name_of(solution.result),
        "message": message_of(solution.result, trajectory),
        "loss": float(loss) if np.isfinite(loss) else None,
        "flow": {
            "result": name_of(trajectory.result),
            "time": float(trajectory.times[-1]),
            "steps": trajectory.stats["steps"],
            "rejected": trajectory.stats["rejected"],
            "gradient_norm": float(trajectory.gradient_norms[-1]),
            "seconds": trajectory.stats["seconds"],
        },
        "point": None
        if point is None
        else {
            "result": name_of(point.result),
            "gradient_norm": point.gradient_norm,
            "gradient_floor": point.gradient_floor,
            "newton_step": point.newton_step,
            "moved": point.moved,
            "loss_floor": point.loss_floor,
        },
        "classification": None
        if verdict is None
        else {
            "kind": verdict.kind.value,
            "reason": verdict.reason,
            "index": verdict.index,
            "nullity": verdict.nullity,
            **_extremes(verdict.eigenvalues, verdict.eigenvalue_error),
        },
        "configuration": None
        if found is None or verdict is None
        else {
            "name": found.name,
            "partition": None if found.partition is None else list(found.partition),
            "distance": found.distance if np.isfinite(found.distance) else None,
            "neurons": [
                {
                    "kind": neuron.kind.value,
                    "teachers": list(neuron.teachers),
                    "cosine": neuron.cosine,
                    "norm": neuron.norm,
                    "output": neuron.output,
                }
                for neuron in found.neurons
            ],
        },
        "seconds": seconds,
    }
    arrays = {
        "times": trajectory.times,
        "losses": trajectory.losses,
        "gradient_norms": trajectory.gradient_norms,
        "initial_weights": np.asarray(start.weights),
        "initial_output": np.asarray(start.output),
        "weights": np.asarray(final.weights),
        "output": np.asarray(final.output),
    }
    if verdict is not None:
        arrays |= {"eigenvalues": verdict.eigenvalues, "eigenvalue_error": verdict.eigenvalue_error}
    if task.trajectories:
        path = trajectory.states
        arrays |= {"path_weights": np.asarray(path.weights), "path_output": np.asarray(path.output)}
    return Record(address=task.address, header=header, arrays=arrays)


def _extremes(values: np.ndarray | None, errors: np.ndarray | None) -> dict[str, float | None]:
    """The least eigenvalue with its error bound, and the largest; None of a spectrum known by its signs alone."""
    if values is None or errors is None or not len(values):
        return dict.fromkeys(_EXTREMES)
    found = (float(values[0]), float(errors[0]), float(values[-1]))
    return {name: value if np.isfinite(value) else None for name, value in zip(_EXTREMES, found, strict=True)}


def crashed(plan: Experiment, task: Task, error: Exception, *, seconds: float = 0.0) -> Record:
    """The record of a run that ended in an error of ours or of a library: a row with its reason, never a hole."""
    header = _place(plan, task) | {
        "result": "crashed",
        "message": f"{type(error).__name__}: {error}",
        "loss": None,
        "flow": None,
        "point": None,
        "classification": None,
        "configuration": None,
        "seconds": seconds,
    }
    start = plan.start(*task.address)
    arrays = {"initial_weights": np.asarray(start.weights), "initial_output": np.asarray(start.output)}
    return Record(address=task.address, header=header, arrays=arrays)


def _place(plan: Experiment, task: Task) -> dict[str, Any]:
    """Which run this is, how it was done, and what ran it."""
    return {
        "schema": SCHEMA,
        "experiment": plan.identity(),
        **task.address._asdict(),
        "changes": dict(task.changes),
        "time_limit": task.time_limit,
        "versions": _versions(),
        "machine": _machine(),
    }


@functools.cache
def _versions() -> dict[str, str]:
    names = {"gradflow": "gradflow-jax", "jax": "jax", "diffrax": "diffrax", "equinox": "equinox", "numpy": "numpy"}
    return {name: version(package) for name, package in names.items()} | {"python": platform.python_version()}


@functools.cache
def _machine() -> dict[str, Any]:
    """Where a run was done: rounding, and so the last bits, may depend on it."""
    return {
        "host": platform.node(),
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": len(cores()),
        "device": jax.devices()[0].device_kind,
    }


def to_bytes(record: Record) -> bytes:
    """The file's content; the same record gives the same bytes."""
    buffer = io.BytesIO()
    # the checksums of a zip archive do not cover its directory
    header = record.header | {"arrays": {name: digest_of(array) for name, array in record.arrays.items()}}
    members = {"header.json": json.dumps(header, sort_keys=True, indent=1, allow_nan=False).encode()}
    for name, array in sorted(record.arrays.items()):
        part = io.BytesIO()
        np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
        members[f"{name}.npy"] = part.getvalue()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            # the digits of arrays hardly shrink, and cost more time than all else
            how = zipfile.ZIP_STORED if name.endswith(".npy") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return buffer.getvalue()


def from_bytes(content: bytes, *, header_only: bool = False) -> Record:
    """The record in a file's content, or one with its header and no arrays; `ValueError` if it is damaged (with
    `header_only`: if its header is).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            header = json.loads(archive.read("header.json"))
            if header.get("schema", SCHEMA) > SCHEMA:
                raise NewerRecord(f"record schema {header['schema']}, known here {SCHEMA}")
            current = not header["classification"] or _EXTREMES[0] in header["classification"]
            partial = header_only and current
            arrays = {
                name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in archive.namelist()
                if name.endswith(".npy") and not partial
            }
        address = Address(k=header["k"], n=header["n"], run=header["run"])
        if not current:  # written before they stood there
            header["classification"] |= _extremes(arrays.get("eigenvalues"), arrays.get("eigenvalue_error"))
        listed = header.pop("arrays")
        if not partial and listed != {name: digest_of(array) for name, array in arrays.items()}:
            raise ValueError("its arrays are not those that its header lists")
    except NewerRecord:
        raise
    # all that zipfile, zlib and NumPy were seen to raise for damaged files
    except (
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        ValueError,
        EOFError,
        OSError,
        TypeError,
        RuntimeError,
        AttributeError,
    ) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return Record(address=address, header=header, arrays=arrays)
