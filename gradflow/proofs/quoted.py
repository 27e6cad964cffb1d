"""The text in a certificate's file, beside what the certificate says."""

import re
from collections.abc import Iterator
from typing import Any

from gradflow._text import listed
from gradflow.proofs.certificate import Certificate, Statement, shared_and_dead

# what the first version wrote, before "elsewhere" was a field
_ARITHMETIC = r"(index in (float64 with bounded rounding|balls of \d+ bits), point|by symmetry) in balls of {bits} bits"
_WAYS = (
    "freely beside an exact copy of the teacher",
    "on the surface where the loss does not change with the output weight",
)
_EVERYWHERE = re.compile(r" and in every other d > \d+$")


def says_elsewhere(fields: dict[str, Any]) -> bool:
    """Whether a file of the first version says in its text that its index holds in every number of dimensions."""
    reason = fields.get("reason")
    return isinstance(reason, str) and _EVERYWHERE.search(reason) is not None


def misquoted(fields: dict[str, Any], certificate: Certificate) -> tuple[str, ...]:
    """The names of the texts in a file's fields that the certificate does not say."""
    if not certificate.proved:
        return ()
    said: dict[str, str | None] = {
        "says": str(certificate),
        "reason": certificate.reason,
        "arithmetic": certificate.arithmetic,
    }
    said |= {"step": None, "advice": ""}
    different = [name for name, text in said.items() if fields.get(name) != text]
    if "elsewhere" in fields or certificate.statement is Statement.NOT_PROVED:
        return tuple(different)
    earlier = {"says": _said_earlier, "reason": _reason_earlier, "arithmetic": _arithmetic_earlier}
    return tuple(name for name in different if name not in earlier or not earlier[name](fields, certificate))


def _arithmetic_earlier(fields: dict[str, Any], certificate: Certificate) -> bool:
    text = fields.get("arithmetic")
    return isinstance(text, str) and re.fullmatch(_ARITHMETIC.format(bits=certificate.bits), text) is not None


def _reason_earlier(fields: dict[str, Any], certificate: Certificate) -> bool:
    """How neurons share, as it was said then; each part once, in the order of the neurons."""
    text = fields.get("reason")
    if certificate.statement is not Statement.NOT_ISOLATED or not isinstance(text, str):
        return False
    return text in set(_reasons_earlier(certificate))


def _reasons_earlier(certificate: Certificate) -> Iterator[str]:
    """All that it may have been: the way in which dead neurons move is no part of the data."""
    shared, dead = shared_and_dead(certificate.sharing)
    parts = [
        f"neurons {listed(group)} share one weight vector: their output weights can be exchanged" for group in shared
    ]
    if parts:
        yield "; ".join(parts)
    for way in _WAYS if dead else ():
        neurons = f"neuron{'s' * (len(dead) > 1)} {listed(dead)}: dead, with weights that can move {way}"
        yield "; ".join([*parts, neurons])


def _said_earlier(fields: dict[str, Any], certificate: Certificate) -> bool:
    text, ours = fields.get("says"), str(certificate)
    if certificate.statement is Statement.NOT_ISOLATED:
        return bool(text == ours.replace(certificate.reason, str(fields.get("reason"))))
    counted = re.match(r".* digits?(?=;|$)", ours)
    return counted is not None and text == f"{counted[0]}; {fields.get('arithmetic')}, {certificate.seconds:.2f} s"
