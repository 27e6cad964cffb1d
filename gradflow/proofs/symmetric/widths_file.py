"""Certified widths as a table of text."""

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._writing import written_whole
from gradflow.proofs.symmetric.width import CertifiedWidth
from gradflow.proofs.symmetric.widths import CertifiedWidths

_CENTER = ("own", "others", "unmatched", "output")
_INDICES = ("copy_average_index", "perturbed_index")
_BOUNDS = ("copy_average_gap", "perturbed_gap", "radius")
_INTEGER = re.compile(r"-?\d{1,61}", re.ASCII)
_HEADER = ("k", "n", *_INDICES, "lower", *_CENTER, *_BOUNDS)


def write_certified_widths(found: Checked[CertifiedWidths], path: Checked[str | os.PathLike[str]]) -> Path:
    """Write certified widths as CSV, a pair (k, n) a line; empty is what was not proved.

    `gf.read_certified_widths` gives them back, `gf.verify_widths` checks them.
    """
    _checks.instance("write_certified_widths", "found", found, CertifiedWidths, "gf.certify_widths(50)")
    target = _checks.path_to_write("write_certified_widths", path, "widths.csv")
    with written_whole(target) as written, written.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        for row in found.rows:
            fields = row._asdict() | dict(zip(_CENTER, row.center, strict=True))
            writer.writerow(["" if fields[name] is None else fields[name] for name in _HEADER])
    return target


def read_certified_widths(path: Checked[str | os.PathLike[str]]) -> CertifiedWidths:
    """Certified widths that `gf.write_certified_widths` wrote. What they say is checked by `gf.verify_widths` only.

    Raises `ValueError` for anything else, and names the line that cannot be read.
    """
    example = f"gf.write_certified_widths(found, {_checks.shown(path)})"
    path = _checks.file_to_read("read_certified_widths", "path", path, example)
    rows = []
    for line, fields in enumerate(_checks.widths_file("read_certified_widths", path, _HEADER), start=2):
        try:
            rows.append(_row(fields))
        except ValueError as error:
            raise _checks.widths_row("read_certified_widths", path, line, error) from error
    return CertifiedWidths(tuple(rows))


def _row(fields: dict[str, Any]) -> CertifiedWidth:
    row = CertifiedWidth(
        k=_integer(fields["k"]),
        n=_integer(fields["n"]),
        lower=fields["lower"] or None,
        center=tuple(fields[name] for name in _CENTER),
        **{name: _or_none(fields[name], _integer) for name in _INDICES},
        **{name: _or_none(fields[name], float) for name in _BOUNDS},
    )
    if wrong := _checks.wrong_width(row):
        raise ValueError(wrong)
    return row


def _integer(text: str) -> int:
    """Python's takes digits of other scripts, underscores and spaces too."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text!r} is no integer of at most 61 digits")
    return int(text)


def _or_none(text: str, reader: Callable[[str], Any]) -> Any:
    return reader(text) if text else None
