"""Certificates as files: JSON in which every number is exact."""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._text import on_one_line
from gradflow._writing import written_whole
from gradflow.networks import TwoLayerNetwork
from gradflow.problems import AbstractProblem, SymmetricNetwork, SymmetricTeacherStudent, TeacherStudent
from gradflow.proofs.certificate import Certificate, Statement, is_sharing
from gradflow.proofs.dense import description
from gradflow.proofs.enclosure import Enclosure
from gradflow.proofs.exactly import as_list, read_all, read_float, written
from gradflow.proofs.quoted import misquoted, says_elsewhere
from gradflow.proofs.symmetric import description as symmetric

_FORMAT, _VERSION = "gradflow certificate", 1
# float64, or None
_BOUNDS = ("error", "radius", "isolation", "gap")
_ENCLOSURES = ("loss", "least_eigenvalue")
_TEXTS = ("reason", "step", "advice", "arithmetic")
_COUNTS = ("index", "bits", "excess")
_PLAIN = (*_TEXTS, *_COUNTS)
# of a reason why something was not proved, an error's message among them
_LONGEST_TEXT = 2000


def write_certificate(certificate: Checked[Certificate], path: Checked[str | os.PathLike[str]]) -> Path:
    """Write a certificate as JSON: the problem, the given point, and what was proved, every number exactly.

    `gf.read_certificate` gives it back, `gf.verify` checks it.
    """
    _checks.instance("write_certificate", "certificate", certificate, Certificate, "gf.certify(problem, point)")
    target = _checks.path_to_write("write_certificate", path, "certificate.json")
    with written_whole(target) as file:
        file.write_bytes(content_of(certificate))
    return target


def read_certificate(path: Checked[str | os.PathLike[str]]) -> Certificate:
    """A certificate that `gf.write_certificate` wrote. What it says is not checked: that is `gf.verify`. The text of a
    statement ("says", "reason") is there for who opens the file: it is made from the numbers again, and where the file
    has another, `.misquoted` names it.

    Raises `ValueError` for anything else, and names the field that cannot be read.
    """
    line = f"gf.write_certificate(certificate, {_checks.shown(path)})"
    file = _checks.file_to_read("read_certificate", "path", path, line)
    return certificate_of(_checks.certificate_file("read_certificate", file), file)


def content_of(certificate: Certificate) -> bytes:
    """What stands in the file of a certificate."""
    return (json.dumps(described(certificate), indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def certificate_of(content: bytes, path: Any) -> Certificate:
    """Back from `content_of`; `path` is what errors call it."""
    return _read(_checks.certificate_fields("read_certificate", content, path), path)


def _read(fields: dict[str, Any], path: Any, *, inside: bool = False) -> Certificate:
    """`inside` says that it is the narrower one of another, and has none itself."""

    def field(name: str, reader: Callable[[Any], Any], *absent: Any) -> Any:
        if absent and name not in fields:
            return absent[0]
        try:
            return reader(fields[name])
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise _checks.certificate_field("read_certificate", path, name, error) from error

    field("version", _known_version)
    problem = field("problem", _problem)
    found = Certificate(
        problem=problem,
        given=field("given", lambda given: _parameters(problem, given)),
        statement=field("statement", Statement),
        middle=field("center", read_all),
        sharing=field("sharing", _sharing),
        narrower=field("narrower", lambda inner: _narrower(inner, path, inside)),
        # files of the first version have it in their text alone: it is to be proved like the others
        elsewhere=field("elsewhere", lambda value: _given(_of_kind(value, bool)), says_elsewhere(fields)),
        **{name: field(name, _enclosure) for name in _ENCLOSURES},
        seconds=field("seconds", read_float),
        **{name: field(name, lambda text: None if text is None else read_float(text)) for name in _BOUNDS},
        step=field("step", _text),
        **{name: field(name, lambda text: _given(_text(text))) for name in _TEXTS if name != "step"},
        **{name: field(name, lambda value: _of_kind(value, int)) for name in _COUNTS},
    )
    _checks.known_fields("read_certificate", path, fields, described(found))
    return dataclasses.replace(found, misquoted=misquoted(fields, found))


def _narrower(fields: Any, path: Any, inside: bool) -> Certificate | None:
    if fields is None:
        return None
    if inside:
        raise ValueError("the certificate of a narrower student has no narrower one")
    if not isinstance(fields, dict):
        raise TypeError(f"a certificate was expected, got {type(fields).__name__}")
    return _read(fields, path, inside=True)


def _sharing(pairs: Any) -> tuple[tuple[int, int], ...] | None:
    found = None if pairs is None else tuple(tuple(as_list(pair)) for pair in as_list(pairs))
    if found is not None and not is_sharing(found):
        raise TypeError("a pair of integers was expected for every neuron")
    return found


def _text(value: Any) -> str | None:
    """On one line, since it is printed."""
    found = _of_kind(value, str)
    if found is None:
        return None
    return on_one_line(found[:_LONGEST_TEXT])


def _known_version(version: Any) -> None:
    if type(version) is not int or version != _VERSION:
        raise ValueError(f"version {version!r} is not {_VERSION}, which this gradflow knows")


def described(certificate: Certificate) -> dict[str, Any]:
    """What the file holds."""
    bounds = {name: getattr(certificate, name) for name in (*_BOUNDS, "seconds")}
    ranges: dict[str, Enclosure | None] = {name: getattr(certificate, name) for name in _ENCLOSURES}
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "says": str(certificate),
        "statement": certificate.statement.value,
        **{name: getattr(certificate, name) for name in _PLAIN},
        **{name: None if value is None else value.hex() for name, value in bounds.items()},
        **{name: None if ends is None else [written(ends.lower), written(ends.upper)] for name, ends in ranges.items()},
        "problem": _described_problem(certificate.problem),
        "given": _described_parameters(certificate.given),
        "sharing": certificate.sharing,
        "elsewhere": certificate.elsewhere,
        "narrower": None if certificate.narrower is None else described(certificate.narrower),
        "center": [written(value) for value in certificate.middle],
    }


def _of_kind(value: Any, kind: type) -> Any:
    if value is not None and type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _given(value: Any) -> Any:
    if value is None:
        raise TypeError("null is no value of it")
    return value


def _enclosure(ends: Any) -> Enclosure | None:
    return None if ends is None else Enclosure(*read_all(ends))


def _described_problem(problem: AbstractProblem) -> dict[str, Any]:
    if isinstance(problem, SymmetricTeacherStudent):
        return symmetric.described_problem(problem)
    assert isinstance(problem, TeacherStudent)
    return description.described_problem(problem)


def _problem(fields: dict[str, Any]) -> AbstractProblem:
    if fields["kind"] == symmetric.KIND:
        return symmetric.read_problem(fields)
    if fields["kind"] != description.KIND:
        raise ValueError(f"unknown kind {fields['kind']!r}")
    return description.read_problem(fields)


def _described_parameters(given: Any) -> dict[str, Any]:
    if isinstance(given, SymmetricNetwork):
        return symmetric.described_network(given)
    assert isinstance(given, TwoLayerNetwork)
    return description.described_network(given)


def _parameters(problem: AbstractProblem, fields: dict[str, Any]) -> TwoLayerNetwork | SymmetricNetwork:
    if isinstance(problem, SymmetricTeacherStudent):
        return problem.shaped("read_certificate", symmetric.read_network(fields))
    found: TwoLayerNetwork = problem.check("read_certificate", description.read_network(fields))
    return found
