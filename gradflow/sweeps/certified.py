"""What is proved of the end of a run, as the store keeps it: a certificate beside the record, never in it.

A certificate belongs to a record if it is about exactly the numbers in which that run ended: one of a former record of
the run, which was done again, counts for nothing.
"""

import functools
import json
import math
import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow.critical_points import Kind
from gradflow.proofs import Enclosure, Statement
from gradflow.proofs.exactly import read, written_array
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.record import Record

if TYPE_CHECKING:
    import gradflow

DIGITS = 30
# of compression: little is gained by more, and it takes longer than all else
_FAST = 1
# of an error that is zero
_LEAST = 1e-300
# what columns of it are called
WORDS = ("certified",)
NUMBERS = ("certified_index", "radius", "loss_lower", "loss_upper")


@dataclass(frozen=True, repr=False)
class Certified:
    """What the certificate of a run says: its fields but for those of many numbers, which `.certificate` has.

    `statement` is "isolated critical point", "not isolated" or "not proved"; `index`, `radius`, `error` and `loss` as
    in `Certificate`, None if nothing was proved; then `step` and `reason` say why, which is no proof of the contrary.
    """

    statement: str
    step: str | None
    reason: str
    index: int | None
    radius: float | None
    error: float | None
    loss: Enclosure | None
    says: str
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
        return self.says

    __repr__ = __str__


def columns_of_none() -> dict[str, Any]:
    """Those of a run without a certificate."""
    return dict.fromkeys((*WORDS, *NUMBERS))


def is_provable(record: Record) -> bool:
    """Whether a run ended at a critical point: the flow and its refinement arrived, and it was not in a channel."""
    point = record.header["point"]
    return (
        bool(record.arrays)
        and point is not None
        and point.get("result") == "successful"
        and record.outcome != "channel"
    )


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
        fields = json.loads(content)
        teacher, given = fields["problem"]["teacher"], fields["given"]
        # as texts, of which every number has one: sooner than as numbers
        ours = (
            all(given[name] == written_array(record.arrays[name]) for name in ("weights", "output"))
            and (teacher["weights"], teacher["output"]) == _teacher(record.address.k, plan.excess)
            and (fields["problem"]["kind"], fields["problem"]["activation"]) == ("teacher-student", "erf")
            and sorted(fields["problem"]["free"]) == ["output", "weights"]
        )
        if not ours:
            return None
        return Certified(
            statement=Statement(fields["statement"]).value,
            step=fields["step"],
            reason=fields["reason"],
            index=fields["index"],
            radius=_number(fields["radius"]),
            error=_number(fields["error"]),
            loss=None if fields["loss"] is None else Enclosure(*map(read, fields["loss"])),
            says=fields["says"],
            packed=zlib.compress(content, _FAST),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


@functools.cache
def _teacher(k: int, excess: int) -> tuple[Any, Any]:
    """The teacher of all experiments as text."""
    return written_array(np.eye(k, k + excess)), written_array(np.ones(k))


def _number(text: str | None) -> float | None:
    return None if text is None else float.fromhex(text)


def _rounded(value: Fraction, towards: float) -> float:
    """To float64, not away from `towards`."""
    near = float(value)
    beyond = Fraction(near) > value if towards < 0 else Fraction(near) < value
    return math.nextafter(near, towards) if beyond else near
