"""Sweeps and their stores: widths, folders, experiments."""

import codecs
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._checks.files import file_to_read, named
from gradflow._checks.lists import MOST_THINGS, listed
from gradflow._checks.numbers import count
from gradflow._checks.reasons import why
from gradflow._errors import TooLarge, WrongValue
from gradflow._files import plain_content
from gradflow._json import bounded_json

# of experiment.json, here because it is compared here; raised when a reader of the older one would misread it
STORE_SCHEMA = 1
# a key is derived from k, n and the number of the run, 32 bits each
MOST_WIDTH = 2**32 - 1


def widths(verb: str, value: Any, name: str = "widths", line: str = "widths=range(1, 8)") -> tuple[int, ...]:
    """Widths of students or teachers: one, or several; sorted, each once."""
    several = [value] if isinstance(value, int | np.integer) else listed(verb, name, value, line)
    return tuple(sorted({count(verb, f"each of {name}", width, line, most=MOST_WIDTH) for width in several}))


def grid(verb: str, widths: int, runs: int) -> None:
    """Runs that can be listed: each of them is a file in the end."""
    if widths * runs > MOST_THINGS:
        raise TooLarge(
            f"{verb}: {widths} widths of {runs} runs are more than {MOST_THINGS:,} runs. Write runs="
            f"{MOST_THINGS // widths}, or several calls with a store each."
        )


def different(verb: str, name: str, labels: list[str]) -> None:
    """Several things, each of them once."""
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise WrongValue(f"{verb}: {name} names {', '.join(twice)} more than once. Write each of them once.")


def same_experiment(folder: Path, content: bytes, expected: dict[str, Any]) -> None:
    """The experiment.json of a store must describe this experiment."""
    found = _experiment("phase_diagram", folder, content)
    # as text: 1 and 1.0 are two descriptions, a list and a tuple are one
    wanted = json.loads(json.dumps(expected))
    if json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True):
        return
    schema = found.get("schema") if isinstance(found, dict) else None
    if type(schema) is int and schema > STORE_SCHEMA:
        raise WrongValue(_newer("phase_diagram", folder, schema))
    raise WrongValue(
        f"phase_diagram: {str(folder)!r} holds another experiment: {'; '.join(_differences(found, wanted))}. Write "
        "store=... with a new folder, or repeat the call with the stored settings."
    )


def same_description(verb: str, folder: Path, found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Stores that are merged must hold one experiment, and one that this gradflow would make."""
    expected = json.loads(json.dumps(expected))
    if json.dumps(found, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise WrongValue(
            f"{verb}: {str(folder)!r} holds another experiment than the first store: "
            f"{'; '.join(_differences(found, expected))}. Keep the two apart."
        )


def no_doubles(verb: str, doubled: bool) -> None:
    if doubled:
        raise WrongValue(
            f"{verb}: two of the diagrams have runs in the same place (init, k, n, run). Write "
            f"gf.{verb}(...) with diagrams that differ in k, n or the law of the initial weights."
        )


def ending(verb: str, path: Any, known: tuple[str, ...]) -> None:
    """A file name whose ending says its format."""
    if named(verb, "path", path, f"runs{known[0]}").suffix not in known:
        raise WrongValue(
            f"{verb}: the file's ending says its format and must be {', '.join(known[:-1])} or {known[-1]}, got "
            f"{shown(path)}. Write runs{known[0]}."
        )


def _newer(verb: str, folder: Path, schema: Any) -> str:
    return (
        f"{verb}: {str(folder)!r} was written by a newer gradflow (store schema {schema}, known here {STORE_SCHEMA}). "
        "Upgrade gradflow-jax to read it."
    )


def fresh_folder(folder: Path, records: list[str]) -> None:
    if records:
        raise WrongValue(
            f"phase_diagram: {str(folder)!r} has {len(records)} records but no experiment.json. {_REMADE}, or write "
            "store=... with a new folder."
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
    return [] if repr(found) == repr(expected) else [f"{name} is {shown(found)} there and {shown(expected)} here"]


def writable_folder(
    verb: str, path: str | os.PathLike[str], name: str = "store", line: str = "store='runs/k8'"
) -> Path:
    """Make the folder and prove that a file can be written into it, before anything is computed."""
    folder = named(verb, name, path, line)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise WrongValue(
            f"{verb}: cannot write to {str(folder)!r} ({error.strerror or error}). Give a folder that can be written."
        ) from error
    return folder


def folder(verb: str, path: Any) -> Path:
    """The name of a folder."""
    return named(verb, "store", path, f'{verb}("runs/k8")')


# every record says to which experiment it belongs, so that a wrong file is noticed
_REMADE = (
    "Restore it from a copy, or have it made again by the same gf.phase_diagram(...) with store=... a new folder, and "
    "copy it from there"
)
# some 120 bytes a run
_LARGEST_SUMMARY = 2**30
# plain fields of laws of one's own may be long
_LARGEST_EXPERIMENT = 2**24
# laws within laws, and their numbers
_DEEPEST, _MOST_VALUES = 100, 2**20


def no_store(verb: str, folder: Path, records: list[str]) -> None:
    """A folder without a description of its experiment."""
    if not folder.is_dir():
        raise WrongValue(
            f"{verb}: there is no folder {folder}. Write {verb}({str(folder)!r}) once gf.phase_diagram(k=8, "
            f"store={str(folder)!r}) has made it; one that was deleted is gone with its records, and that call begins "
            "anew."
        )
    if records:
        raise WrongValue(f"{verb}: {folder} has {len(records)} records but no experiment.json. {_REMADE}.")
    raise WrongValue(
        f"{verb}: {folder} has no experiment.json, so it is no store of a phase diagram. Write "
        f'{verb}("runs/k8") with the folder that was given to phase_diagram.'
    )


def experiment_file(verb: str, path: Path) -> bytes | None:
    """What is in the experiment.json of a store; None if there is none."""
    try:
        return plain_content(path, _LARGEST_EXPERIMENT)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(verb, path.parent, error) from error


def names_in(folder: Path) -> list[str]:
    """The names in the folder of a store's records; none if there is no folder."""
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        if not folder.is_symlink():
            return []
        raise WrongValue(
            f"{folder} is a link to nothing, and so no folder of records. Bring back what it leads to."
        ) from None
    except OSError as error:
        raise WrongValue(
            f"{folder} cannot be listed ({error.strerror or error}), and so no record can be read. Bring the folder "
            "back, or allow reading it."
        ) from error


def some_runs(verb: str, count: int, where: str) -> None:
    """There must be something to show."""
    if not count:
        raise WrongValue(
            f"{verb}: {where} has no runs yet, so there is nothing to show. Run gf.phase_diagram(k=8, store=...) first."
        )


def described_experiment(verb: str, folder: Path, content: bytes) -> dict[str, Any]:
    """What a store's experiment.json says, if this gradflow can read it."""
    found = _experiment(verb, folder, content)
    if not isinstance(found, dict) or type(found.get("schema")) is not int:
        raise _unreadable(verb, folder, ValueError("it is no experiment with a schema, which is an integer"))
    if found["schema"] > STORE_SCHEMA:
        raise WrongValue(_newer(verb, folder, found["schema"]))
    return dict(found)


def _experiment(verb: str, folder: Path, content: bytes) -> Any:
    try:
        return bounded_json(content, deepest=_DEEPEST, most=_MOST_VALUES)
    except ValueError as error:
        raise _unreadable(verb, folder, error) from error


def _unreadable(verb: str, folder: Path, error: Exception) -> WrongValue:
    return WrongValue(
        f"{verb}: {folder / 'experiment.json'} cannot be read ({why(error)}). "
        f"{_REMADE}; the records beside it are whole."
    )


def summary_lines(verb: str, path: Any) -> tuple[dict[str, Any], list[str]]:
    """What a summary says of its experiment, and its table."""
    path = file_to_read(verb, "path", path, f"gf.{verb}('k50.csv')")
    try:
        content = plain_content(path, _LARGEST_SUMMARY)
    except OSError as error:
        raise WrongValue(f"{verb}: {str(path)!r} cannot be read ({error.strerror or error}).") from error
    first, _, rest = content.partition(b"\n")
    try:
        line = first.removeprefix(codecs.BOM_UTF8).removeprefix(b"# ")
        described = bounded_json(line, deepest=_DEEPEST, most=_MOST_VALUES)
        schema, _ = described["experiment"]["schema"], (described["k"], described["runs"], described["complete"])
    except (ValueError, KeyError, TypeError) as error:
        raise WrongValue(
            f"{verb}: {os.fspath(path)!r} does not begin with the experiment ({why(error)}). Write "
            "the file with gf.write_summary."
        ) from error
    if type(schema) is not int or schema > STORE_SCHEMA:
        raise WrongValue(_newer(verb, Path(path), schema))
    return dict(described), rest.decode("utf-8", errors="replace").splitlines()


def damaged_line(verb: str, path: Any, number: int, error: Exception) -> None:
    raise WrongValue(
        f"{verb}: line {number} of {os.fspath(path)!r} is no run ({why(error)}). Write the file "
        "again with gf.write_summary."
    ) from error


def all_lines(verb: str, path: Any, expected: int, different: int, found: int) -> None:
    if not expected == different == found:
        raise WrongValue(
            f"{verb}: {os.fspath(path)!r} should have {expected} runs and has {found}, {different} of them different. "
            "Write the file again with gf.write_summary."
        )


def with_weights(verb: str, *, there: bool) -> None:
    """What only the records of a store can show."""
    if not there:
        raise WrongValue(
            f"{verb}: these runs were read from a summary, which has no weights. Write {verb} with the store, or with "
            "gf.stored_diagrams('runs/k8')."
        )


def published_experiment(given: tuple[object, ...], published: tuple[object, ...]) -> None:
    if given != published:
        k, excess, law = published
        raise WrongValue(
            f"compare_with_publication: the published experiment has k = {k}, d = k + {excess} and {law} starts, this "
            f"one k = {given[0]}, d = k + {given[1]} and {given[2]}. Write gf.phase_diagram({k}, range(1, 51))."
        )


def incomplete_description(verb: str, folder: Path, error: Exception) -> None:
    raise WrongValue(
        f"{verb}: {folder / 'experiment.json'} is not a description of an experiment that this gradflow knows "
        f"({why(error)}). {_REMADE}; the records beside it are whole."
    ) from error


def another_experiment(path: Path, found: str, expected: str) -> str:
    """What is said of a record that says itself of which experiment it is."""
    return (
        f"{path} belongs to another experiment ({found}) than its folder's experiment.json ({expected}). Restore "
        "the experiment.json that belongs to it, or take the file out; nothing was moved."
    )


def newer_record(path: Path, what: object) -> str:
    """What is said of a record that cannot be understood here."""
    return f"{path} was written by a newer gradflow ({what}). Upgrade gradflow-jax to read it; it stays where it is."


def some_own_record(refusals: list[str]) -> None:
    """Records of which none can be read here are no store of this experiment; of several the first is named."""
    if refusals:
        raise WrongValue(refusals[0])


def progress(verb: str, value: Any) -> str:
    """How progress is shown: "none", "live", "plain" or, where that depends on the terminal, "auto"."""
    if isinstance(value, bool):
        return "auto" if value else "none"
    if not isinstance(value, str) or value not in ("live", "plain"):
        raise WrongValue(
            f'{verb}: progress must be True, False, "live" or "plain", got {shown(value)}. Write progress=True.'
        )
    return str(value)
