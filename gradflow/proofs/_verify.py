"""verify: check a certificate."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.problems import SymmetricTeacherStudent
from gradflow.proofs.certificate import Certificate, Statement
from gradflow.proofs.dense import recheck
from gradflow.proofs.file import read_certificate
from gradflow.proofs.symmetric import recheck_symmetric


@dataclass(frozen=True, repr=False)
class Verification:
    """The statements of a certificate, each with whether it was proved again. False does not mean that a statement is
    wrong: it has not been proved by what the certificate holds.
    """

    statements: tuple[tuple[str, bool], ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the certificate makes statements and all were proved."""
        return bool(self.statements) and not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of those that were not."""
        return tuple(name for name, proved in self.statements if not proved)

    def __str__(self) -> str:
        if not self.statements:
            return "verify: nothing to check, the certificate says that nothing was proved"
        if self.failed:
            return f"verify: not proved: {', '.join(self.failed)}; {self.seconds:.2f} s"
        return f"verify: proved again: {', '.join(name for name, _ in self.statements)}; {self.seconds:.2f} s"

    __repr__ = __str__


def verify(certificate: Checked[Certificate | str | os.PathLike[str]]) -> Verification:
    """Prove the statements of a certificate, or of a file with one, again.

    It trusts nothing but the certificate's data and the ball arithmetic (beyond 600 parameters also float64, its
    rounding bounded beforehand), computes loss, gradient and Hessian by other formulas than `gf.certify`, and searches
    for nothing. Of an isolated point: index, gap, that the critical point is within `error` of `center` ("critical
    point"), radius, isolation, loss, the least eigenvalue if it is stated, and that index and all hold in every other
    number of dimensions ("elsewhere") if that is. Of a curve: how neurons share ("sharing"), all of the narrower
    student's certificate, that there is a curve, and its radius. `reason` and the printed text are made from what is
    proved. `bits`, `arithmetic` and `seconds` are no statements, and what a certificate says that was "not proved" is
    none either.

    `.failed` names the statements that do not hold of an edited certificate, fields that its statement does not have,
    as the loss of a curve, and texts of its file that are not what it says.

    Raises `ValueError` for a file that is no certificate, for fields that are missing or of another kind, and without
    python-flint; `MemoryError` before anything is computed that would not fit.
    """
    _checks.extra("verify", "flint", "proofs")
    if isinstance(certificate, str | os.PathLike):
        certificate = read_certificate(certificate)
    _checks.instance("verify", "certificate", certificate, Certificate, "gf.verify(gf.certify(problem, point))")
    _checks.instance("verify", "certificate.statement", certificate.statement, Statement, "gf.certify(problem, point)")
    started = time.perf_counter()
    # bounds of an edited certificate may overflow: they are infinite then, and prove nothing
    with np.errstate(over="ignore", invalid="ignore"):
        found = tuple(_statements(certificate))
    return Verification(found, time.perf_counter() - started)


def _statements(certificate: Any) -> Iterator[tuple[str, bool]]:
    yield from ((name, False) for name in (*certificate.superfluous, *certificate.misquoted))
    if isinstance(certificate.narrower, Certificate):
        yield from ((f"{name} of the narrower student", False) for name in certificate.narrower.misquoted)
    if certificate.statement is Statement.NOT_ISOLATED:
        yield from recheck.of_a_curve(certificate)
    elif certificate.statement is Statement.ISOLATED and isinstance(certificate.problem, SymmetricTeacherStudent):
        yield from recheck_symmetric(certificate)
    elif certificate.statement is Statement.ISOLATED:
        yield from recheck.of_a_point(certificate)
