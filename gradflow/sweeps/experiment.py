"""What identifies an experiment: everything that a run depends on but its place in the grid."""

import hashlib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradflow import _checks, _memory, networks
from gradflow._errors import WrongUse
from gradflow.dynamics import LEAST_RTOL
from gradflow.networks import AbstractInitialiser, GlorotNormal
from gradflow.sweeps.aside import left_out
from gradflow.sweeps.rules import fields, number, text, whole

if TYPE_CHECKING:
    import jax

    import gradflow

# bumped by hand whenever a change of the code may change the class or the digits of a run
NUMERICS = 3
GENERATOR = "threefry2x32"

# where a law's field called `law` stands in a description, whose "law" is the name of the class; no field can be
# called so
_INNER = "inner law"


@dataclass(frozen=True)
class Experiment:
    """The paper's teacher with k neurons in d = k + `excess` dimensions, students of any width drawn by `init`, and the
    options of the flow.

    The grid of widths and runs is no part of it, nor is k, so that a store can grow; a run is addressed by (k, n, run),
    and its key is derived from the root `seed` and that address alone.
    """

    init: AbstractInitialiser
    seed: int
    excess: int
    rtol: float
    atol: float
    gradient_tolerance: float
    max_steps: int
    # of the gradflow that has done, or is to do, its runs
    numerics: int = field(default_factory=lambda: NUMERICS)

    def problem(self, k: int, n: int) -> "gradflow.TeacherStudent":
        """The problem of a width; small widths are padded to a few shapes, so that a sweep is not spent on
        compiling.
        """
        from gradflow.networks import orthonormal_teacher
        from gradflow.problems import TeacherStudent

        return TeacherStudent(orthonormal_teacher(k, k + self.excess), n, padded_width=padded_width(n))

    def key(self, k: int, n: int, run: int) -> "jax.Array":
        """The key of a run: fold_in of k, n and run into the root's."""
        import jax

        key = jax.random.key(self.seed, impl=GENERATOR)
        for place in (k, n, run):
            key = jax.random.fold_in(key, place)
        return key

    def start(self, k: int, n: int, run: int) -> "gradflow.TwoLayerNetwork":
        """The initial student of a run."""
        return self.problem(k, n).init(self.key(k, n, run), self.init)

    def options(self, changes: Mapping[str, float | int]) -> dict[str, Any]:
        """What `solve` is told, with the changes of a run that is done again."""
        own = {name: getattr(self, name) for name in ("rtol", "atol", "gradient_tolerance", "max_steps")}
        return own | dict(changes)

    def description(self) -> dict[str, Any]:
        """What identifies the experiment, as plain data."""
        return {
            "schema": _checks.STORE_SCHEMA,
            "numerics": self.numerics,
            "generator": GENERATOR,
            "seed": self.seed,
            "problem": {
                "rule": "orthonormal teacher",
                "activation": "Erf",
                "inputs": "Gaussian",
                "excess": self.excess,
            },
            "init": _law(self.init),
            "options": {
                "method": "NDF",
                "rtol": self.rtol,
                "atol": self.atol,
                "gradient_tolerance": self.gradient_tolerance,
                "max_steps": self.max_steps,
            },
        }

    def canonical(self) -> str:
        """The description as canonical JSON."""
        return canonical(self.description())

    def identity(self) -> str:
        """The identity of the description."""
        return identity_of(self.description())


class UnknownLaw(AbstractInitialiser):
    """A law of initial weights that is not gradflow's, as a store describes it: it can be shown, and draws nothing."""

    described: str

    @property
    def label(self) -> str:
        return str(json.loads(self.described)["law"])

    def __call__(
        self, key: "jax.Array", width: int, input_dimension: int, activation: "gradflow.AbstractActivation"
    ) -> "gradflow.TwoLayerNetwork":
        _checks.known_here(self.label)
        raise AssertionError("unreachable")


def checked_experiment(
    *,
    k: int,
    d: int | None = None,
    init: AbstractInitialiser | None = None,
    seed: int = 0,
    rtol: float = 1e-3,
    atol: float = 1e-6,
    gradient_tolerance: float = 1e-8,
    max_steps: int = 10_000,
    verb: str = "phase_diagram",
) -> Experiment:
    """An experiment with checked arguments; the paper's (d = k + 1, Glorot normal) where nothing is said."""
    k = _checks.count(verb, "k", k, f"{verb}(k=8)", most=_checks.MOST_WIDTH)
    d = k + 1 if d is None else _checks.count(verb, "d", d, f"{verb}(k={k}, d={k + 1})")
    _checks.teacher_fits(verb, k, d)
    _memory.require_matrix(verb, (k, d), f"Write {verb}(k=8), or a d of fewer dimensions.")
    init = GlorotNormal() if init is None else init
    init = _checks.instance(verb, "init", init, AbstractInitialiser, "init=gf.GlorotNormal()")
    for law in _laws(init):
        _checks.plain_fields(verb, type(law).__name__, _plain(law))
    return Experiment(
        init=init,
        seed=_checks.count(verb, "seed", seed, "seed=0", least=0, most=2**63 - 1),
        excess=d - k,
        rtol=_checks.tolerance(verb, "rtol", rtol, floor=LEAST_RTOL),
        atol=_checks.tolerance(verb, "atol", atol, zero=True),
        gradient_tolerance=_checks.tolerance(verb, "gradient_tolerance", gradient_tolerance),
        max_steps=_checks.count(verb, "max_steps", max_steps, "max_steps=10_000"),
    )


def canonical(description: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same description gives the same text."""
    return json.dumps(description, sort_keys=True, separators=(",", ":"))


def identity_of(description: Mapping[str, Any]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the canonical JSON: what a store's records are known by."""
    return hashlib.sha256(canonical(description).encode()).hexdigest()[:16]


def from_description(description: dict[str, Any], *, to_draw: bool = True) -> Experiment:
    """The experiment of a description; a law of initial weights that is not gradflow's is an `UnknownLaw`, and with
    `to_draw=False` so is one that cannot be made here. Raises `ValueError`, `TypeError`, `LookupError` or
    `RecursionError` for what is none.
    """
    _DESCRIPTION("", description)
    options = description["options"]
    return Experiment(
        init=_from_law(description["init"], to_draw),
        seed=description["seed"],
        excess=description["problem"]["excess"],
        rtol=options["rtol"],
        atol=options["atol"],
        gradient_tolerance=options["gradient_tolerance"],
        max_steps=options["max_steps"],
        numerics=description["numerics"],
    )


def is_ours(init: AbstractInitialiser) -> bool:
    """Whether a law of initial weights is gradflow's, with all laws that it is made of, and so known to other processes
    by its name.
    """
    return all(_made_here(law) for law in _laws(init))


def _made_here(law: AbstractInitialiser) -> bool:
    return type(law).__module__.startswith("gradflow.")


def _laws(init: AbstractInitialiser) -> Iterator[AbstractInitialiser]:
    """A law and all that it is made of."""
    yield init
    for value in _fields(init).values():
        if isinstance(value, AbstractInitialiser):
            yield from _laws(value)


def _fields(init: AbstractInitialiser) -> dict[str, Any]:
    return {name: getattr(init, name) for name in init.__dataclass_fields__}


def _plain(init: AbstractInitialiser) -> dict[str, Any]:
    """The fields that are no laws."""
    return {name: value for name, value in _fields(init).items() if not isinstance(value, AbstractInitialiser)}


def _law(init: AbstractInitialiser) -> dict[str, Any]:
    """A law as plain data: its class (with the module, if it is the user's own) and its fields."""
    if isinstance(init, UnknownLaw):
        return dict(json.loads(init.described))
    kind = type(init)
    own = {
        _INNER if name == "law" else name: _law(value) if isinstance(value, AbstractInitialiser) else value
        for name, value in _fields(init).items()
    }
    return {"law": kind.__qualname__ if _made_here(init) else f"{kind.__module__}.{kind.__qualname__}", **own}


def _from_law(described: dict[str, Any], to_draw: bool) -> AbstractInitialiser:
    """The law that `_law` has described; one of the user's own is known by its description only."""
    own = {
        "law" if name == _INNER else name: _from_law(value, to_draw) if isinstance(value, dict) else value
        for name, value in described.items()
        if name != "law"
    }
    if "." in described["law"]:
        return UnknownLaw(json.dumps(described))
    law = getattr(networks, described["law"], None)
    if not isinstance(law, type) or not issubclass(law, AbstractInitialiser):
        raise ValueError(f"there is no law of initial weights {described['law']!r}")
    inspect.signature(law).bind(**own)  # fields that it does not have describe no law
    try:
        made: AbstractInitialiser = law(**own)
    except WrongUse as error:
        if to_draw:
            raise
        # the stored student that it starts from is elsewhere, say: what it drew can be looked at
        left_out(f"the law of initial weights is known by its name only ({error})")
        return UnknownLaw(json.dumps(described))
    return made


_DESCRIPTION = fields(
    numerics=whole(),
    seed=whole(most=2**63 - 1),
    problem=fields(excess=whole()),
    init=fields(law=text()),
    options=fields(
        rtol=number(least=0.0), atol=number(least=0.0), gradient_tolerance=number(least=0.0), max_steps=whole(least=1)
    ),
)


def padded_width(n: int) -> int:
    """4, 8, then multiples of 8 up to 64, and the width itself beyond, where padding would cost more than compiling."""
    if n <= 4:
        return 4
    return -(-n // 8) * 8 if n <= 64 else n
