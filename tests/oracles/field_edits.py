"""Every field of a certificate's file replaced by other values: what may be proved of it then is true, or refused."""

import copy
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np

import gradflow as gf
from gradflow._errors import WrongUse
from gradflow.proofs.exactly import read, written
from gradflow.proofs.file import content_of
from oracles.edited import _copy, _problem, dead, split
from oracles.landscape import exact
from oracles.truth import contradiction

_DEEP: Any = [[]]
for _ in range(40):
    _DEEP = [_DEEP]
# of every kind that JSON has, and numbers as the file writes them
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 64, 10**15, -(10**15), 10**39, 0.5, -0.5, 1.0, 1e308, 5e-324),
    *("", "a", "no", "1p0", "0p0", "1p-1", "-1p0", "1p-20000", "1p-20001", "1p99999", "1p-99999999", "1p" + "9" * 400),
    *("f" * 3000 + "p0", "9" * 400, "0x0.0p+0", "0x1.0p+0", "-0x1.0p+0", "0x1.0p-1074", "0x1.fffp+1023", "0x1p+2000"),
    *("0x1.0p-30", "inf", "-inf", "nan", "not proved", "not isolated", "isolated critical point", "\ud800", "\x1b[2J"),
    *([], {}, [[]], [None], ["1p0"], ["1p-1", "1p0"], [[0, 1]], [[-1, 0], [-1, 0]], [[True, 1], [0, 1]], _DEEP),
)
# of what stands there: nearly right is the hardest
_CHANGES = ("twice", "half", "negative", "a little more", "a little less")
# numbers of the oracle
_DIGITS = 90
_LONGEST_SECONDS = 5.0

Path_ = tuple[Any, ...]


@dataclass
class Tally:
    """What became of edited files."""

    made: int = 0
    refused: int = 0
    not_proved: int = 0
    held: int = 0
    false: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    slowest: float = 0.0


def certificates(rng: np.random.Generator) -> dict[str, gf.Certificate]:
    """Twelve: dense, frozen leaves, not isolated by a split, by dead neurons, not proved, by symmetry."""
    average, perturbed = gf.copy_average(k=3, n=2), gf.perturbed_n_copy(k=3, n=2)
    one, two = gf.copy_average(k=3, n=1).student, average.student
    # with weights orthogonal to all others: the loss does not change with its output weight
    saddle = perturbed.student
    idle = gf.TwoLayerNetwork(np.concatenate([saddle.weights, np.eye(4)[3:]]), np.append(saddle.output, 0.0))
    moved = gf.TwoLayerNetwork(np.asarray(two.weights) + 0.1, two.output)

    def dense(student: gf.TwoLayerNetwork, **options: Any) -> gf.Certificate:
        return gf.certify(_problem(student), student, **options)

    return {
        "copy-average": dense(two, least_eigenvalue=True),
        "a saddle": dense(perturbed.student, least_eigenvalue=True),
        "a perfect copy": dense(_copy(2)),
        "one neuron": dense(_copy(1)),
        "frozen weights": gf.certify(_problem(two, ("output",)), two),
        "a split": dense(split(one, 0, rng)),
        "a split of a copy": dense(split(_copy(1), 0, rng)),
        "a dead neuron": dense(idle),
        "a dead neuron beside a copy": dense(dead(_copy(1), rng)),
        "not proved": dense(moved),
        # of float64, which the full student has too
        "by symmetry": gf.certify(average.problem, average.network, least_eigenvalue=True),
        "by symmetry, a saddle": gf.certify(perturbed.problem, perturbed.network),
    }


def places(fields: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Every field, and of lists their first and their last entry."""
    if at:
        yield at
    if isinstance(fields, dict):
        for name, value in fields.items():
            yield from places(value, (*at, name))
    elif isinstance(fields, list) and fields:
        for i in sorted({0, len(fields) - 1}):
            yield from places(fields[i], (*at, i))


def edits(fields: dict[str, Any], at: Path_) -> Iterator[dict[str, Any]]:
    """The file with other values there; without the field at last."""
    here = fields
    for step in at[:-1]:
        here = here[step]
    for value in (*VALUES, *_nearby(here[at[-1]])):
        found = copy.deepcopy(fields)
        _parent(found, at)[at[-1]] = value
        yield found
    found = copy.deepcopy(fields)
    del _parent(found, at)[at[-1]]
    yield found


def _parent(fields: Any, at: Path_) -> Any:
    for step in at[:-1]:
        fields = fields[step]
    return fields


def _nearby(value: Any) -> Iterator[Any]:
    factors = (Fraction(2), Fraction(1, 2), Fraction(-1), 1 + Fraction(1, 2**40), 1 - Fraction(1, 2**40))
    for _, factor in zip(_CHANGES, factors, strict=True):
        if type(value) is int:
            yield int(value * factor) + (factor > 1)
        elif isinstance(value, str) and "p" in value and value.startswith(("0x", "-0x")):
            yield (float.fromhex(value) * float(factor)).hex()
        elif isinstance(value, str) and "p" in value:
            try:
                yield written(read(value) * factor)
            except ValueError:  # a text
                yield value + " and more"
        elif isinstance(value, str):
            yield value + " and more"


def tried(content: bytes, name: str, file: Path, tally: Tally) -> None:
    """What verify makes of it; whatever holds is compared with the truth."""
    tally.made += 1
    file.write_bytes(content)
    began = time.process_time()
    try:
        certificate = gf.read_certificate(file)
        checked = gf.verify(certificate)
        said = f"{certificate}\n{checked}"
        said.encode("utf-8")
    except WrongUse as error:
        tally.refused += 1
        if "\n" in str(error):
            tally.errors.append(f"{name}: several lines: {error}")
        return
    except Exception as error:
        tally.errors.append(f"{name}: {type(error).__name__}: {error}")
        return
    finally:
        took = time.process_time() - began
        tally.slowest = max(tally.slowest, took)
        if took > _LONGEST_SECONDS:
            tally.slow.append(f"{name}: {took:.1f} s")
    if not checked.holds:
        tally.not_proved += 1
        return
    tally.held += 1
    if wrong := untrue(certificate):
        tally.false.append(f"{name}: {wrong}")


def untrue(certificate: gf.Certificate) -> str | None:
    """What a certificate says, its fields and its text, that is not so."""
    fields = {"reason": certificate.reason, "arithmetic": certificate.arithmetic, "advice": certificate.advice}
    if any("more" in text for text in fields.values()) or certificate.step is not None:
        return f"text that was edited: {fields}"
    if not 0 <= certificate.seconds < float("inf"):
        return f"it took {certificate.seconds} s"
    with mpmath.workdps(_DIGITS):
        if isinstance(certificate.problem, gf.SymmetricTeacherStudent):
            return _untrue_by_symmetry(certificate)
        inner = certificate.narrower
        return contradiction(certificate) or (None if inner is None else contradiction(inner))


def _untrue_by_symmetry(certificate: gf.Certificate) -> str | None:
    """By the full network, its entries in many digits."""
    problem: Any = certificate.problem
    # more of them have the same eigenvalues, none negative where `elsewhere` was proved; the full network must fit
    excess = min(certificate.excess, 3)
    lengths = exact(np.asarray(problem._lengths) ** 2)
    numbers = exact(np.array(certificate.middle, dtype=object)) / np.array([mpmath.sqrt(round(x)) for x in lengths])
    full = problem.student(certificate.given, d=int(problem._teachers) + excess)
    weights, output = np.asarray(full.weights), np.asarray(full.output)
    # which of the few numbers an entry is: that to which it is near
    entries = np.concatenate([weights.ravel(), output])
    near = numbers.astype(np.float64)
    at = np.argmin(np.abs(entries[:, None] - np.append(near, 0.0)), axis=1)
    middle = np.append(numbers, mpmath.mpf(0))[at]
    k, d = problem._teachers, weights.shape[1]
    dense = gf.TeacherStudent(gf.orthonormal_teacher(int(k), d), width=len(output))
    as_dense = gf.Certificate(
        problem=dense,
        given=full,
        middle=tuple(middle),
        statement=certificate.statement,
        seconds=0.0,
        **{
            name: getattr(certificate, name)
            for name in ("index", "error", "radius", "isolation", "gap", "loss", "least_eigenvalue", "bits")
        },
    )
    return contradiction(as_dense)


def edited_certificates(file: Path, rng: np.random.Generator, every: int = 1) -> dict[str, Tally]:
    """All edits of all certificates, or every so many."""
    found, number = {}, 0
    for name, certificate in certificates(rng).items():
        fields, tally = json.loads(content_of(certificate)), Tally()
        for at in places(fields):
            for edit in edits(fields, at):
                number += 1
                if number % every == 0:
                    what = f"{name}, {'.'.join(map(str, at))} = {_shown(edit, at)}"
                    tried(json.dumps(edit).encode("utf-8"), what, file, tally)
        found[name] = tally
    return found


def _shown(edit: Any, at: Path_) -> str:
    try:
        return repr(_parent(edit, at)[at[-1]])[:60]
    except (LookupError, TypeError):
        return "missing"


def edited_tables(found: gf.CertifiedWidths, file: Path, every: int = 1) -> Tally:
    """Every cell of a table's rows replaced by other values."""
    header, *lines = gf.write_certified_widths(found, file).read_text().splitlines()
    tally, number = Tally(), 0
    for i, line in enumerate(lines):
        for column, name in enumerate(header.split(",")):
            for text in _texts(line.split(",")[column]):
                number += 1
                if number % every:
                    continue
                fields = line.split(",")
                fields[column] = text
                file.write_text("\n".join([header, *lines[:i], ",".join(fields), *lines[i + 1 :]]) + "\n")
                _tried_table(found.rows[i], i, f"row {i}, {name} = {text[:60]!r}", file, tally)
    return tally


def _texts(text: str) -> Iterator[str]:
    yield from (value if isinstance(value, str) else json.dumps(value) for value in VALUES if value != "\ud800")
    yield from ("", text + text[:1], "-" + text, text[:-1], " " + text, "٣", "1_0", "1e-99999999", "C-A", "P-n-C")
    # the reduced problem at k = 5, n = 3 has another critical point: its numbers
    yield from ("-0.1085", "0.3376", "0.1872", "1.4332")


def _tried_table(row: gf.CertifiedWidth, i: int, name: str, file: Path, tally: Tally) -> None:
    tally.made += 1
    began = time.process_time()
    try:
        table = gf.read_certified_widths(file)
        checked = gf.verify_widths(table)
        str(table), str(checked)
    except WrongUse as error:
        tally.refused += 1
        if "\n" in str(error):
            tally.errors.append(f"{name}: several lines: {error}")
        return
    except Exception as error:
        tally.errors.append(f"{name}: {type(error).__name__}: {error}")
        return
    finally:
        took = time.process_time() - began
        tally.slowest = max(tally.slowest, took)
        if took > _LONGEST_SECONDS:
            tally.slow.append(f"{name}: {took:.1f} s")
    if not checked.holds:
        tally.not_proved += 1
        return
    tally.held += 1
    edited = table.rows[i]
    same = all(getattr(edited, field) == getattr(row, field) for field in _THE_SAME)
    # a little is taken off each bound before it is stated
    bounds = all(0 < getattr(edited, field) <= getattr(row, field) * 1.03 for field in _AT_MOST)
    apart = max(abs(float(x) - float(y)) for x, y in zip(edited.center, row.center, strict=True))
    if not (same and bounds and apart <= float(row.radius or 0)):
        tally.false.append(f"{name}: {edited}")


_THE_SAME = ("k", "n", "copy_average_index", "perturbed_index", "lower")
_AT_MOST = ("copy_average_gap", "perturbed_gap", "radius")
