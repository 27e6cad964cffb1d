"""One run as a worker is told of it: where it stands in the grid, and how it is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.dynamics import LEAST_RTOL
from gradflow.sweeps.address import Address


@dataclass(frozen=True)
class Task:
    """A run to be done: `changes` of the experiment's options, a `time_limit` in seconds, the weights along the path
    kept or not; and when the record was written that it `replaces` (nanoseconds, as `Store.stamp` says), if any.

    With `digits` the end is certified to so many. If the record is `kept` already, only that is to be done, and what it
    replaces is a certificate.
    """

    address: Address
    changes: Mapping[str, float | int] = field(default_factory=dict)
    time_limit: float | None = None
    trajectories: bool = False
    replaces: int | None = None
    digits: int | None = None
    kept: bool = False

    @property
    def again(self) -> bool:
        """Whether there is a record of this run already, which this one is to replace."""
        return self.replaces is not None and not self.kept

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "address": list(self.address),
            "changes": dict(self.changes),
            "time_limit": self.time_limit,
            "trajectories": self.trajectories,
            "replaces": self.replaces,
            "digits": self.digits,
            "kept": self.kept,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Task":
        """The task of plain data; what is left out has its default."""
        return cls(**(dict(data) | {"address": Address(*data["address"])}))


@dataclass(frozen=True)
class Retry:
    """Do failed runs again, with the experiment's options except those given here; with `undecided` those too.

    The records that they replace are kept in the store's folder `superseded`, and the new ones say what was changed.
    """

    rtol: Checked[float | None] = None
    atol: Checked[float | None] = None
    gradient_tolerance: Checked[float | None] = None
    max_steps: Checked[int | None] = None
    undecided: Checked[bool] = False

    def __post_init__(self) -> None:
        if self.rtol is not None:
            _checks.tolerance("Retry", "rtol", self.rtol, floor=LEAST_RTOL)
        if self.atol is not None:
            _checks.tolerance("Retry", "atol", self.atol, zero=True)
        if self.gradient_tolerance is not None:
            _checks.tolerance("Retry", "gradient_tolerance", self.gradient_tolerance)
        if self.max_steps is not None:
            _checks.count("Retry", "max_steps", self.max_steps, "max_steps=100_000")
        _checks.flag("Retry", "undecided", self.undecided)

    def changes(self) -> dict[str, float | int]:
        """The options that are given here."""
        names = ("rtol", "atol", "gradient_tolerance", "max_steps")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def concerns(self, kind: str) -> bool:
        """Whether a run that ended as this kind is done again."""
        return kind == "failed" or (self.undecided and kind == "undecided")
