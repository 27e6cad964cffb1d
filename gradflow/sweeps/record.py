"""One run's record: a JSON header and arrays in one file, readable without gradflow.

The file is a zip archive in NumPy's npz layout, with the header as its member `header.json`: `numpy.load` reads the
arrays, any unzip the header, and every member carries a checksum, so that damage is noticed. What a header may say is
in `sweeps.header`.
"""

import functools
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow._digest import digest_of
from gradflow.critical_points import Kind
from gradflow.sweeps.address import Address
from gradflow.sweeps.archive import Archive, bytes_of, packed
from gradflow.sweeps.cores import cores
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.header import EXTREMES, SCHEMA, header_bytes, header_of, require_arrays
from gradflow.sweeps.task import Task

if TYPE_CHECKING:
    import gradflow

_HEADER = "header.json"


@dataclass(frozen=True, eq=False)
class Record:
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
        """ "C-A", "P-n-C", "other", "channel", "minimum at infinity" or "failed": one for every run."""
        return self.kind if self.kind == "failed" or not self.reached else self.configuration

    @property
    def reached(self) -> bool:
        """Whether the run ended in a point: it did not fail, and it has an end."""
        return self.kind != "failed" and Kind(self.kind).has_end

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
            **{name: verdict[name] if verdict else None for name in EXTREMES},
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


def record_of(
    plan: Experiment, task: Task, solution: "gradflow.Solution", *, seconds: float, compile_seconds: float = 0.0
) -> Record:
    """The record of a finished run that took `seconds`, and `compile_seconds` besides."""
    from gradflow._results import message_of, name_of

    trajectory, point, verdict = solution.trajectory, solution.point, solution.classification
    found = solution.configuration
    start, final = trajectory.state(0), solution.student
    loss = trajectory.losses[-1] if point is None else point.loss
    if not all(np.all(np.isfinite(values)) for values in (loss, final.weights, final.output)):
        verdict = found = None  # a class is one of a point
    header = _place(plan, task) | {
        "result": name_of(solution.result),
        "message": message_of(solution.result, trajectory),
        "loss": _finite(loss),
        "flow": {
            "result": name_of(trajectory.result),
            "time": _finite(trajectory.times[-1]),
            "steps": trajectory.stats["steps"],
            "rejected": trajectory.stats["rejected"],
            "gradient_norm": _finite(trajectory.gradient_norms[-1]),
            "seconds": trajectory.stats["seconds"],
        },
        "point": None
        if point is None
        else {
            "result": name_of(point.result),
            "gradient_norm": _finite(point.gradient_norm),
            "gradient_floor": _finite(point.gradient_floor),
            "newton_step": _finite(point.newton_step),
            "moved": _finite(point.moved),
            "loss_floor": _finite(point.loss_floor),
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
            "distance": _finite(found.distance),
            "neurons": [
                {
                    "kind": neuron.kind.value,
                    "teachers": list(neuron.teachers),
                    "cosine": _finite(neuron.cosine),
                    "norm": _finite(neuron.norm),
                    "output": _finite(neuron.output),
                }
                for neuron in found.neurons
            ],
        },
        "seconds": seconds,
        "compile_seconds": compile_seconds,
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
        return dict.fromkeys(EXTREMES)
    found = (values[0], errors[0], values[-1])
    return {name: _finite(value) for name, value in zip(EXTREMES, found, strict=True)}


def _finite(value: Any) -> float | None:
    """JSON has no other numbers."""
    return float(value) if np.isfinite(value) else None


def crashed(
    plan: Experiment, task: Task, error: Exception, *, seconds: float = 0.0, compile_seconds: float = 0.0
) -> Record:
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
        "compile_seconds": compile_seconds,
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
    import jax

    return {
        "host": platform.node(),
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": len(cores()),
        "device": jax.devices()[0].device_kind,
    }


def to_bytes(record: Record) -> bytes:
    """The file's content; the same record gives the same bytes."""
    # the checksums of a zip archive do not cover its directory
    digests = {name: digest_of(array) for name, array in record.arrays.items()}
    members = {_HEADER: header_bytes(record.header, digests)}
    return packed(members | {f"{name}.npy": bytes_of(array) for name, array in sorted(record.arrays.items())})


def from_bytes(content: bytes, *, header_only: bool = False) -> Record:
    """The record in a file's content, or one with its header and no arrays; `ValueError` if anything in it does not fit
    (with `header_only`: in its header), `NewerRecord` if a newer gradflow has written it.
    """
    archive = Archive(content)
    header, listed = header_of(archive.member(_HEADER))
    address = Address(k=header["k"], n=header["n"], run=header["run"])
    current = not header["classification"] or EXTREMES[0] in header["classification"]
    if header_only and current:
        return Record(address=address, header=header, arrays={})
    arrays = {name: archive.array(name) for name in archive.arrays}
    if listed != {name: digest_of(array) for name, array in arrays.items()}:
        raise ValueError("its arrays are not those that its header lists")
    require_arrays(header, arrays)
    if not current:  # written before they stood there
        header["classification"] |= _extremes(arrays.get("eigenvalues"), arrays.get("eigenvalue_error"))
    return Record(address=address, header=header, arrays=arrays)
