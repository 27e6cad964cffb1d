"""Sweeps and their stores: widths, folders, experiments."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gradflow._checks.numbers import count


def known_elsewhere(verb: str, init: Any, *, known: bool) -> None:
    """A law of initial weights that another process can make again."""
    if not known:
        raise ValueError(
            f"{verb}: worker processes know gradflow's own initialisers only, got {type(init).__name__}. "
            "Write processes=1."
        )


def widths(verb: str, value: Any) -> tuple[int, ...]:
    """Student widths: one, or several; sorted, each once."""
    if isinstance(value, str) or not isinstance(value, Iterable | int | np.integer):
        raise TypeError(f"{verb}: widths must be an integer or several, got {value!r}. Write widths=range(1, 8).")
    several = tuple(value) if isinstance(value, Iterable) else (value,)
    if not several:
        raise ValueError(f"{verb}: widths must name at least one student width, got none. Write widths=range(1, 8).")
    return tuple(sorted({count(verb, "a width", width, "widths=range(1, 8)") for width in several}))


def plain_fields(verb: str, law: Any) -> None:
    """An initialiser's fields identify it in a store: they must be plain data."""
    fields = {name: getattr(law, name) for name in law.__dataclass_fields__}
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{verb}: the fields of {type(law).__name__} identify the experiment and must be numbers, strings or lists "
            f"of them ({error}). Write the law with such fields."
        ) from error


def same_experiment(folder: Path, content: bytes, expected: dict[str, Any]) -> None:
    """The experiment.json of a store must describe this experiment."""
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ValueError(
            f"phase_diagram: {folder / 'experiment.json'} cannot be read ({error}). Restore it from a copy, or write "
            "store=... with a new folder."
        ) from error
    if found == expected:
        return
    if isinstance(found, dict) and found.get("schema", 0) > expected["schema"]:
        raise ValueError(
            f"phase_diagram: {str(folder)!r} was written by a newer gradflow (store schema {found['schema']}, known "
            f"here {expected['schema']}). Upgrade gradflow-jax to read it."
        )
    differences = _differences(found, expected)
    raise ValueError(
        f"phase_diagram: {str(folder)!r} holds another experiment: {'; '.join(differences)}. Write store=... with a "
        "new folder, or repeat the call with the stored settings."
    )


def fresh_folder(folder: Path, records: list[str]) -> None:
    if records:
        raise ValueError(
            f"phase_diagram: {str(folder)!r} has {len(records)} records but no experiment.json. "
            "Restore it from a copy, or write store=... with a new folder."
        )


def _differences(found: Any, expected: Any, name: str = "") -> list[str]:
    """Field by field: stored and asked for."""
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted(found.keys() | expected.keys())
        return [
            line
            for key in keys
            for line in _differences(found.get(key), expected.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if found == expected else [f"{name} is {found!r} there and {expected!r} here"]


def writable_folder(
    verb: str, path: str | os.PathLike[str], name: str = "store", line: str = "store='runs/k8'"
) -> Path:
    """Make the folder and prove that a file can be written into it, before anything is computed."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{verb}: {name} must be a folder's path, got {path!r}. Write {line}.")
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"{verb}: cannot write to {str(folder)!r} ({error.strerror or error}). Give a folder that can be written."
        ) from error
    return folder


def folder(verb: str, path: Any) -> Path:
    """The name of a folder."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f'{verb}: the store must be the name of a folder, got {path!r}. Write {verb}("runs/k8").')
    return Path(path)


def is_store(verb: str, folder: Path, description: Path) -> None:
    """A folder that a sweep has written."""
    if not description.is_file():
        raise ValueError(
            f"{verb}: {folder} has no {description.name}, so it is no store of a phase diagram. Write "
            f'{verb}("runs/k8") with the folder that was given to phase_diagram.'
        )


def some_runs(verb: str, count: int, where: str) -> None:
    """There must be something to show."""
    if not count:
        raise ValueError(
            f"{verb}: {where} has no runs yet, so there is nothing to show. Run gf.phase_diagram(k=8, store=...) first."
        )


def each_once(verb: str, ks: list[int]) -> None:
    """Diagrams are told apart by their k."""
    twice = sorted({k for k in ks if ks.count(k) > 1})
    if twice:
        raise ValueError(
            f"{verb}: diagrams are told apart by k, and several have k = {twice[0]}. Call {verb} once for each of them."
        )
