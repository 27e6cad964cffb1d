"""What is proved of the end of a run, as the store keeps it: a certificate beside the record, never in it.

A certificate belongs to a record if it is about exactly the numbers in which that run ended: one of a former record of
the run, which was done again, counts for nothing.
"""

import functools
import math
import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow import _checks
from gradflow._text import on_one_line
from gradflow.critical_points import Kind
from gradflow.problems.rounding import AT_FLOOR
from gradflow.proofs import Enclosure, Statement
from gradflow.proofs.exactly import read, written_array
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.record import Record
from gradflow.sweeps.rules import each, fields, or_none, text, whole

if TYPE_CHECKING:
    import gradflow

DIGITS = 30
# of compression: little is gained by more, and it takes longer than all else
_FAST = 1
# of an error that is zero
_LEAST = 1e-300
# bytes that a certificate may have: the most bits that a proof works with, as text, for every number of the point and
# of the teacher, twice for one that has a narrower certificate in it, and all else
_A_NUMBER, _ALL_ELSE = 2 * 4096, 2**20
_LONGEST_TEXT = 2000  # of a reason, as in a certificate
_LARGEST_LOSS = Fraction(2) ** 1000
# what is read of it here; the rest is for `gf.verify`
_CERTIFICATE = fields(
    statement=text(*(statement.value for statement in Statement)),
    step=or_none(text()),
    reason=text(),
    index=or_none(whole()),
    radius=or_none(text()),
    error=or_none(text()),
    loss=or_none(each(text())),
    problem=fields(kind=text(), activation=text(), free=each(text()), teacher=fields()),
    given=fields(),
)
# what columns of it are called
WORDS = ("certified",)
NUMBERS = ("certified_index", "radius", "loss_lower", "loss_upper")


@dataclass(frozen=True, repr=False)
class Certified:
    """What the certificate of a run says: its fields but for those of many numbers, which `.certificate` has.

    `statement` is "isolated critical point", "not isolated" or "not proved"; `index`, `radius`, `error` and `loss` as
    in `Certificate`, None if nothing was proved; then `step` and `reason` say why, which is no proof of the contrary.
    None of it has been checked: that is `gf.verify_runs`.
    """

    statement: str
    step: str | None
    reason: str
    index: int | None
    radius: float | None
    error: float | None
    loss: Enclosure | None
    packed: bytes

    @property
    def proved(self) -> bool:
        """Whether there is a statement. False does not say that there is no critical point."""
        return self.statement != Statement.NOT_PROVED.value

    @property
    def digits(self) -> int:
        """To how many decimals the critical point is known."""
        return 0 if self.error is None else math.floor(-math.log10(max(self.error, _LEAST)))

    @property
    def certificate(self) -> "gradflow.Certificate":
        """The certificate itself, for `gf.verify`."""
        from gradflow.proofs.file import certificate_of

        return certificate_of(self.content, "of a stored run")

    @property
    def content(self) -> bytes:
        """Its file."""
        return zlib.decompress(self.packed)

    def contradicts(self, record: Record) -> bool:
        """Whether the proof says otherwise than the run's class: another index, no flat directions where the class has
        some, or a curve of critical points at a minimum whose eigenvalues should all be positive. That is a wrong class
        or a bug in gradflow.
        """
        if self.statement == Statement.NOT_ISOLATED.value:
            return record.kind == Kind.MINIMUM.value
        if self.statement != Statement.ISOLATED.value:
            return False
        if record.kind in (Kind.MINIMUM_MANIFOLD.value, Kind.DEGENERATE.value):
            return True
        known = (
            record.kind in (Kind.MINIMUM.value, Kind.SADDLE.value) and not record.header["classification"]["nullity"]
        )
        return known and record.header["classification"]["index"] != self.index

    def denies(self, record: Record) -> tuple[str, ...]:
        """What the record says and the proof does not: the class, or the loss beyond the rounding of both."""
        found = ["class of the run"] if self.contradicts(record) else []
        if self.loss is not None and record.header["loss"] is not None:
            loss, floor = Fraction(record.header["loss"]), Fraction(AT_FLOOR * record.loss_floor)
            if not self.loss.lower - floor <= loss <= self.loss.upper + floor:
                found.append("loss of the run")
        return tuple(found)

    @property
    def claim(self) -> str:
        """The statement with its index, "isolated critical point of index 0"."""
        return self.statement if self.index is None else f"{self.statement} of index {self.index}"

    @property
    def tally(self) -> str:
        """What a meter counts it as."""
        return "certified" if self.proved else "not certified"

    def columns(self) -> dict[str, Any]:
        """As columns of a table: the ends of the loss are rounded outward."""
        return {
            "certified": self.statement,
            "certified_index": self.index,
            "radius": self.radius,
            "loss_lower": None if self.loss is None else _rounded(self.loss.lower, -math.inf),
            "loss_upper": None if self.loss is None else _rounded(self.loss.upper, math.inf),
        }

    def __str__(self) -> str:
        return str(self.certificate)

    __repr__ = __str__


def largest_certificate(k: int, n: int, excess: int) -> int:
    """How many bytes the certificate of a run may have."""
    return _ALL_ELSE + _A_NUMBER * (n + k) * (k + excess + 1)


def columns_of_none() -> dict[str, Any]:
    """Those of a run without a certificate."""
    return dict.fromkeys((*WORDS, *NUMBERS))


def is_provable(record: Record) -> bool:
    """Whether a run ended at a critical point: the flow and its refinement arrived, and it has an end."""
    point = record.header["point"]
    return bool(record.arrays) and point is not None and point.get("result") == "successful" and record.reached


def proof_of(plan: Experiment, record: Record, digits: int, causes: tuple[type[Exception], ...]) -> bytes:
    """The file of the certificate of a record's end; an error that is one of `causes` is its reason."""
    from gradflow.networks import TwoLayerNetwork
    from gradflow.proofs import certify
    from gradflow.proofs.file import content_of

    problem = plan.problem(record.address.k, record.address.n)
    student = TwoLayerNetwork(record.arrays["weights"], record.arrays["output"])
    try:
        return content_of(certify(problem, student, digits=digits))
    except causes as error:
        return unproved(plan, record, error)


def unproved(plan: Experiment, record: Record, error: Exception) -> bytes:
    """The file of a certificate that was not made, because of an error."""
    from gradflow.networks import TwoLayerNetwork
    from gradflow.proofs import Certificate
    from gradflow.proofs.file import content_of

    return content_of(
        Certificate(
            problem=plan.problem(record.address.k, record.address.n),
            given=TwoLayerNetwork(record.arrays["weights"], record.arrays["output"]),
            statement=Statement.NOT_PROVED,
            step="memory" if isinstance(error, MemoryError) else "computation",
            reason=f"{type(error).__name__}: {error}",
            seconds=0.0,
        )
    )


def certified_of(plan: Experiment, record: Record, content: bytes) -> Certified | None:
    """What a file says of a record; None if it is about another point or another problem. Raises `ValueError` for a
    file that is no certificate.

    Without the numbers of the refined point, and so much sooner than `gf.read_certificate`.
    """
    try:
        said = _checks.certificate_json(content)
        _CERTIFICATE("", said)
        teacher, given = said["problem"]["teacher"], said["given"]
        # as texts, of which every number has one: sooner than as numbers
        ours = (
            all(given[name] == written_array(record.arrays[name]) for name in ("weights", "output"))
            and (teacher["weights"], teacher["output"]) == _teacher(record.address.k, plan.excess)
            and (said["problem"]["kind"], said["problem"]["activation"]) == ("teacher-student", "erf")
            and sorted(said["problem"]["free"]) == ["output", "weights"]
        )
        if not ours:
            return None
        return Certified(
            statement=Statement(said["statement"]).value,
            step=None if said["step"] is None else on_one_line(said["step"][:_LONGEST_TEXT]),
            reason=on_one_line(said["reason"][:_LONGEST_TEXT]),
            index=said["index"],
            radius=_bound(said["radius"]),
            error=_bound(said["error"]),
            loss=None if said["loss"] is None else _enclosure(*said["loss"]),
            packed=zlib.compress(content, _FAST),
        )
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(_checks.why(error)) from error


@functools.cache
def _teacher(k: int, excess: int) -> tuple[Any, Any]:
    """The teacher of all experiments as text."""
    return written_array(np.eye(k, k + excess)), written_array(np.ones(k))


def _bound(said: str | None) -> float | None:
    """A bound on a size."""
    if said is None:
        return None
    value = float.fromhex(said)
    if not 0 <= value < math.inf:
        raise ValueError(f"a bound of {said}")
    return value


def _enclosure(lower: str, upper: str) -> Enclosure:
    """Two losses in order that a float64 can be rounded to, as columns have them."""
    ends = read(lower), read(upper)
    if not ends[0] <= ends[1] or max(map(abs, ends)) > _LARGEST_LOSS:
        raise ValueError(f"a loss in [{lower}, {upper}]")
    return Enclosure(*ends)


def _rounded(value: Fraction, towards: float) -> float:
    """To float64, not away from `towards`."""
    near = float(value)
    beyond = Fraction(near) > value if towards < 0 else Fraction(near) < value
    return math.nextafter(near, towards) if beyond else near
