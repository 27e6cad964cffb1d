"""Certificates, and files that should hold one."""

import math
import os
from fractions import Fraction
from numbers import Integral
from typing import Any

from gradflow._errors import WrongType, WrongValue
from gradflow._files import plain_content
from gradflow._json import bounded_json

# a teacher of two thousand neurons in as many dimensions; and its numbers
_LARGEST_FILE, _MOST_VALUES = 2**26, 2**22
# a row of the weights of the teacher of the problem of the narrower certificate, and two more
_DEEPEST = 8
# a proof starts with 64 at least; 280 digits take 930, an eigenvalue of 1e-200 of a Hessian of 1e30 another 770
_FEWEST_BITS, _MOST_BITS = 64, 2500
# by symmetry: digits, sizes up to 1e30 to the fifth power, and three and a half times that on the last rung
_MOST_BITS_BY_SYMMETRY = 10_000
# neurons; each has a line in the file
_MOST_NEURONS = 10**6
_QUOTED = 100


def certificate_file(verb: str, path: str | os.PathLike[str]) -> bytes:
    """What is in a file."""
    if not isinstance(path, str | os.PathLike):
        raise WrongType(f'{verb}: path must be the name of a file, got {path!r}. Write path="certificate.json".')
    try:
        return plain_content(path, _LARGEST_FILE)
    except FileNotFoundError:
        line = f"gf.write_certificate(certificate, {str(path)!r})"
        raise WrongValue(f"{verb}: there is no file {path}. Write {line}.") from None
    except (OSError, ValueError) as error:
        raise WrongValue(f"{verb}: {path} is not a certificate: {_short(str(error))}.") from error


def certificate_json(content: bytes) -> Any:
    """What JSON as long and as deep as a certificate may be says; raises `ValueError`."""
    return bounded_json(content, deepest=_DEEPEST, most=_MOST_VALUES)


def certificate_fields(verb: str, content: bytes, path: Any) -> dict[str, Any]:
    """The fields that `write_certificate` wrote."""
    try:
        found = certificate_json(content)
    except ValueError as error:
        raise WrongValue(f"{verb}: {path} is not a certificate: {_short(str(error))}.") from error
    if not isinstance(found, dict) or found.get("format") != "gradflow certificate":
        raise WrongValue(
            f"{verb}: {path} is not a certificate: its field 'format' is not 'gradflow certificate'. Certificates are "
            "written by gf.write_certificate(certificate, path)."
        )
    return found


def known_fields(verb: str, path: Any, fields: dict[str, Any], known: dict[str, Any], within: str = "") -> None:
    """Nothing stands in a certificate's file that `write_certificate` does not write: what is not read is not proved,
    and who opens the file would take it for a part of it.
    """
    for name, value in fields.items():
        if name not in known:
            raise WrongValue(
                f"{verb}: the certificate {path} has a field {_short(repr(within + name))}, which no certificate has. "
                "Certificates are written by gf.write_certificate(certificate, path)."
            )
        if isinstance(value, dict) and isinstance(known[name], dict):
            known_fields(verb, path, value, known[name], f"{within}{name}.")
        elif isinstance(value, list) and isinstance(known[name], list | tuple):
            for place, (one, other) in enumerate(zip(value, known[name], strict=False)):
                if isinstance(one, dict) and isinstance(other, dict):
                    known_fields(verb, path, one, other, f"{within}{name}[{place}].")


def certificate_field(verb: str, path: Any, name: str, error: Exception) -> ValueError:
    """A field that is missing or cannot be read."""
    said = _short(f"{type(error).__name__}: {error}")
    return WrongValue(f"{verb}: the field {name!r} of the certificate {path} is missing or cannot be read ({said}).")


def whole_certificate(verb: str, certificate: Any, parameters: int | None, *, by_symmetry: bool = False) -> None:
    """A certificate of an isolated point with all that its statement needs, each of its kind; so many `parameters`."""
    require = _requirement(verb, certificate)
    for name in ("error", "radius", "isolation", "gap"):
        require(name, _is_number(getattr(certificate, name)), "a number")
    require("index", _is_integer(certificate.index), "an integer")
    most = _MOST_BITS_BY_SYMMETRY if by_symmetry else _MOST_BITS
    bits = _is_integer(certificate.bits) and _FEWEST_BITS <= certificate.bits <= most
    require("bits", bits, f"an integer between {_FEWEST_BITS} and {most}")
    require("elsewhere", type(certificate.elsewhere) is bool, "True or False")
    excess = not by_symmetry or (_is_integer(certificate.excess) and 0 <= certificate.excess <= _MOST_NEURONS**5)
    require("excess", excess, "an integer that is not negative")
    require("loss", _is_range(certificate.loss), "two numbers")
    least = certificate.least_eigenvalue
    require("least_eigenvalue", least is None or _is_range(least), "two numbers, or nothing,")
    middle = certificate.middle
    fits = isinstance(middle, tuple) and parameters in (None, len(middle)) and all(map(_is_fraction, middle))
    require("center", fits, "numbers" if parameters is None else f"{parameters} numbers")


def whole_curve(verb: str, certificate: Any, kind: type) -> None:
    """A certificate of a curve with all that its statement needs, each of its kind."""
    require = _requirement(verb, certificate)
    require("radius", _is_number(certificate.radius), "a number")
    sharing = certificate.sharing
    pairs = isinstance(sharing, tuple) and len(sharing) > 0
    pairs = pairs and all(isinstance(pair, tuple) and len(pair) == 2 and all(map(_is_place, pair)) for pair in sharing)
    require("sharing", pairs, "two integers for every neuron")
    narrower = certificate.narrower
    require("narrower", narrower is None or isinstance(narrower, kind), "a certificate, or nothing,")


def _requirement(verb: str, certificate: Any) -> Any:
    # printed nowhere, but there to be read
    seconds = certificate.seconds
    if not _is_number(seconds):
        raise WrongValue(f"{verb}: the certificate's seconds must be a number, got {_short(repr(seconds))}.")

    def require(name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise WrongValue(
                f"{verb}: the certificate says {str(certificate.statement)!r}, which needs {expected} in its field "
                f"{name!r}. Write gf.certify(problem, point) for a whole one."
            )

    return require


def _is_number(value: Any) -> bool:
    """Also infinite, or none: that is no bound, and said to be so."""
    return isinstance(value, float) or (_is_integer(value) and abs(value) < 2**53)


def _is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_place(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST_NEURONS


def _is_fraction(value: Any) -> bool:
    return isinstance(value, Fraction) or _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_range(value: Any) -> bool:
    ends = [getattr(value, name, None) for name in ("lower", "upper")]
    return all(map(_is_fraction, ends))


def _short(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "..."
