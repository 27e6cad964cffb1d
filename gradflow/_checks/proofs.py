"""What can be proved, and files that say that it was."""

import csv
import json
import os
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from gradflow._checks.numbers import count
from gradflow._errors import WrongType, WrongValue

# more than 280 digits take; beyond, a number in a file could fill the memory
_MOST_BITS = 10_000


def provable(verb: str, problem: Any, kinds: tuple[type, ...], activation: type) -> None:
    """A problem whose loss can be enclosed."""
    if not isinstance(problem, kinds):
        raise WrongType(
            f"{verb}: proofs know {' and '.join(kind.__name__ for kind in kinds)}, got a {type(problem).__name__}, "
            "whose loss has no closed form to enclose. Write gf.certify(gf.TeacherStudent(teacher, width=4), point), "
            "or gf.classify(problem, point) for what the numbers say."
        )
    own = getattr(problem, "activation", None)
    if own is not None and type(own) is not activation:
        raise WrongValue(
            f"{verb}: proofs know {activation.__name__} neurons, got {own!r}. Write gf.classify(problem, point) for "
            "what the numbers say."
        )


def certificate_file(verb: str, path: str | os.PathLike[str]) -> bytes:
    """What is in a file."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        line = f"gf.write_certificate(certificate, {str(path)!r})"
        raise WrongValue(f"{verb}: there is no file {path}. Write {line}.") from None
    except OSError as error:
        raise WrongValue(f"{verb}: {path} is not a certificate: {error}.") from error


def certificate_fields(verb: str, content: bytes, path: Any) -> dict[str, Any]:
    """The fields that `write_certificate` wrote."""
    try:
        found = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise WrongValue(f"{verb}: {path} is not a certificate: {error}.") from error
    if not isinstance(found, dict) or found.get("format") != "gradflow certificate":
        raise WrongValue(
            f"{verb}: {path} is not a certificate: its field 'format' is not 'gradflow certificate'. Certificates are "
            "written by gf.write_certificate(certificate, path)."
        )
    return found


def whole_certificate(verb: str, certificate: Any, parameters: int) -> None:
    """A certificate of a dense problem with all that its statement needs."""
    statement = str(certificate.statement)

    def require(name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise WrongValue(
                f"{verb}: the certificate says {statement!r}, which needs {expected} in its field {name!r}. Write "
                "gf.certify(problem, point) for a whole one."
            )

    def is_number(name: str, kind: type) -> bool:
        value = getattr(certificate, name)
        return isinstance(value, kind) and not isinstance(value, bool)

    if statement == "not isolated":
        require("radius", is_number("radius", Real), "a number")
        require("sharing", bool(certificate.sharing), "two integers for every neuron")
        return
    for name in ("error", "radius", "isolation", "gap"):
        require(name, is_number(name, Real), "a number")
    require("index", is_number("index", Integral), "an integer")
    bits = is_number("bits", Integral) and 0 < certificate.bits <= _MOST_BITS
    require("bits", bits, f"an integer of at most {_MOST_BITS}")
    excess = certificate.excess is None or (is_number("excess", Integral) and certificate.excess >= 0)
    require("excess", excess, "an integer that is not negative")
    require("loss", certificate.loss is not None, "two numbers")
    require("center", len(certificate.middle) == parameters, f"{parameters} numbers")


def certificate_field(verb: str, path: Any, name: str, error: Exception) -> ValueError:
    """A field that is missing or cannot be read."""
    return WrongValue(f"{verb}: the field {name!r} of the certificate {path} is missing or cannot be read ({error!r}).")


def widths_below(verb: str, ks: list[int], widths: list[Any] | None, most: int) -> list[tuple[int, int]]:
    """The pairs (k, n) with 2 ≤ n < k: all of them, or those of the widths that are chosen."""
    if widths is None:
        for k in ks:
            if k > most:
                raise WrongValue(f"{verb}: k = {k} has {k - 2} widths. Write widths=[{k // 5}, {k // 2}].")
        return [(k, n) for k in ks for n in range(2, k)]
    for k in ks:
        for n in widths:
            if count(verb, "each width", n, f"widths=[{max(k // 2, 2)}]", least=2) >= k:
                raise WrongValue(
                    f"{verb}: a width must be less than k = {k}, got {n}. Write widths=[{max(k // 2, 2)}]."
                )
    return [(k, int(n)) for k in ks for n in widths]


def widths_file(verb: str, path: str | os.PathLike[str], header: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a table that `write_certified_widths` wrote."""
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
    except FileNotFoundError:
        raise WrongValue(
            f"{verb}: there is no file {path}. Write gf.write_certified_widths(found, {str(path)!r})."
        ) from None
    except (OSError, ValueError, csv.Error) as error:
        raise WrongValue(f"{verb}: {path} is not a table of certified widths: {error}.") from error
    if tuple(reader.fieldnames or ()) != header:
        raise WrongValue(
            f"{verb}: {path} is not a table of certified widths: its first line must be {','.join(header)}. Tables are "
            "written by gf.write_certified_widths(gf.certify_widths(range(3, 51)), path)."
        )
    return rows


def widths_row(verb: str, path: Any, line: int, error: Exception) -> ValueError:
    """A row that cannot be read."""
    return WrongValue(f"{verb}: line {line} of {path} cannot be read ({error!r}).")
