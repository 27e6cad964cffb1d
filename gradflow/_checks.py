"""Every message about wrong use: what was given, what was expected, the line to write. Raised before anything runs."""

import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from gradflow._precision import require_64_bit

if TYPE_CHECKING:
    T = TypeVar("T")
    Checked = Annotated[T, "the check below says what is wrong"]
else:

    class Checked:
        """`Checked[int]` is an int for a type checker and anything at run time: the argument of a public verb whose
        check stands here, and whose message a run-time checker of annotations must not forestall.
        """

        def __class_getitem__(cls, _: object) -> object:
            return Any


def float64(verb: str, name: str, value: Any) -> Float[Array, "..."]:
    """`value` as a float64 array; integers and lists are converted exactly, anything lossy is refused."""
    require_64_bit(verb)
    if isinstance(value, jax.Array | np.ndarray | np.generic):
        dtype = value.dtype
    else:
        try:
            value = np.asarray(value)
        except ValueError as error:
            raise ValueError(
                f"{verb}: {name} must be a rectangular array of numbers, got rows of unequal length."
            ) from error
        dtype = value.dtype
    if dtype.kind == "O" and all(isinstance(entry, int | float) for entry in np.asarray(value).ravel()):
        raise ValueError(f"{verb}: {name} has integers beyond 2**53, which float64 does not hold. Give float64 values.")
    if np.issubdtype(dtype, np.integer):
        exact = np.asarray(value).astype(np.float64)
        if not np.array_equal(exact.astype(object), np.asarray(value).astype(object)):
            raise ValueError(
                f"{verb}: {name} has integers beyond 2**53, which float64 does not hold. Give float64 values."
            )
        return jnp.asarray(exact)
    if dtype != np.float64:
        advice = "numbers"
        if dtype.kind in "fcb":
            advice = f"{name}.astype('float64') if that is meant, and import gradflow before making arrays"
        raise TypeError(f"{verb}: {name} must be float64, got {dtype}; nothing is cast silently. Write {advice}.")
    return jnp.asarray(value)


def finite(verb: str, name: str, value: Float[Array, "..."]) -> Float[Array, "..."]:
    """Refuse NaN and infinities where the value is known (not while tracing)."""
    if not isinstance(value, jax.core.Tracer) and not np.all(np.isfinite(value)):
        bad = np.argwhere(~np.isfinite(np.asarray(value)))
        where = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"{verb}: {name} must be finite, got {np.asarray(value)[where]} at index {where} "
            f"({len(bad)} such value{'s' if len(bad) > 1 else ''})."
        )
    return value


def covariance(
    verb: str, p: Any, q: Any, c: Any, gram_determinant: Any | None
) -> tuple[Float[Array, "..."], Float[Array, "..."], Float[Array, "..."], Float[Array, "..."]]:
    """Variances p, q, covariance c and pq − c², checked where they are known."""
    p, q, c = (finite(verb, name, float64(verb, name, value)) for name, value in (("p", p), ("q", q), ("c", c)))
    try:
        np.broadcast_shapes(p.shape, q.shape, c.shape)
    except ValueError as error:
        raise ValueError(f"{verb}: p, q and c must broadcast, got shapes {p.shape}, {q.shape}, {c.shape}.") from error
    known = not any(isinstance(value, jax.core.Tracer) for value in (p, q, c))
    if known and (np.any(np.asarray(p) < 0) or np.any(np.asarray(q) < 0)):
        raise ValueError(f"{verb}: the variances p and q must not be negative, got p = {p}, q = {q}.")
    # one part in 1e12 lets rounded overlaps of parallel vectors pass
    if known and np.any(np.abs(np.asarray(c)) > np.sqrt(np.asarray(p)) * np.sqrt(np.asarray(q)) * (1 + 1e-12)):
        raise ValueError(f"{verb}: the covariance c must satisfy |c| <= sqrt(p q), got p = {p}, q = {q}, c = {c}.")
    if gram_determinant is None:
        return p, q, c, p * q - c * c
    gram_determinant = finite(verb, "gram_determinant", float64(verb, "gram_determinant", gram_determinant))
    # rounding may leave it slightly below zero, never below the rounding of pq
    if known and not isinstance(gram_determinant, jax.core.Tracer):
        allowed = -1e-12 * np.asarray(p) * np.asarray(q)
        if np.any(np.asarray(gram_determinant) < allowed):
            raise ValueError(f"{verb}: gram_determinant = pq - c**2 must not be negative, got {gram_determinant}.")
    return p, q, c, gram_determinant


def count(verb: str, name: str, value: Any, example: str, *, least: int = 1, most: int | None = None) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{verb}: {name} must be an integer, got {value!r}. Write {example}.")
    if value < least:
        raise ValueError(f"{verb}: {name} must be at least {least}, got {value}. Write {example}.")
    if most is not None and value > most:
        raise ValueError(f"{verb}: {name} must be at most {most}, got {value}. Write {example}.")
    return int(value)


def tolerance(verb: str, name: str, value: Any, *, zero: bool = False, floor: float = 0.0) -> float:
    """A positive finite number, or zero where that has a meaning; not below `floor`."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{verb}: {name} must be a number, got {value!r}.")
    number = float(value)
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero):
        expected = "a finite number that is not negative" if zero else "a positive finite number"
        raise ValueError(f"{verb}: {name} must be {expected}, got {value}.")
    if number < floor:
        raise ValueError(
            f"{verb}: {name} = {value} lies below rounding; float64 resolves no less than {floor:.1e}. "
            f"Write {name}={floor:.0e} or more."
        )
    return number


def number(verb: str, name: str, value: Any) -> float:
    """Any finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{verb}: {name} must be a number, got {value!r}. Write {name}=1.0.")
    if not math.isfinite(value):
        raise ValueError(f"{verb}: {name} must be a finite number, got {value}. Write {name}=1.0.")
    return float(value)


def function(verb: str, name: str, value: Any, line: str) -> Any:
    if not callable(value):
        raise TypeError(f"{verb}: {name} must be a function, got {value!r}. Write {line}.")
    return value


def inputs_fit(given: tuple[int, ...], dimension: int) -> None:
    if not given or given[-1] != dimension:
        raise ValueError(
            f"TwoLayerNetwork: x must have shape (..., {dimension}), got {given}. Write net(x) with one row an input."
        )


def parameters(verb: str, name: str, value: Any) -> PyTree:
    """A pytree of float64 arrays; a list of numbers is one array."""
    value = jax.tree.map(lambda leaf: np.asarray(leaf) if _is_list(leaf) else leaf, value, is_leaf=_is_list)
    if not jax.tree.leaves(value) or any(np.size(leaf) == 0 for leaf in jax.tree.leaves(value)):
        raise TypeError(f"{verb}: {name} must hold at least one array, got {value!r}. Write {name}=[0.0, 1.0].")
    return jax.tree.map(lambda leaf: finite(verb, name, float64(verb, name, leaf)), value)


def _is_list(value: Any) -> bool:
    """A list of numbers, which is one array; a list of arrays is a pytree."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(_is_list(entry) or (isinstance(entry, int | float) and not isinstance(entry, bool)) for entry in value)
    )


def float64_throughout(fn: Any, example: PyTree) -> None:
    """A loss that computes in float32 has no end point at 1e-8, whatever type it returns."""
    if "f32[" in str(jax.make_jaxpr(fn)(example)):
        raise TypeError("Loss: fn computes in float32 on the way. Keep float64 throughout, without astype('float32').")


def scalar_loss(value: Any) -> None:
    if getattr(value, "shape", None) != () or value.dtype != np.float64:
        raise TypeError(
            f"Loss: fn must return one float64 number, got {_describe(value)}. Sum or average inside fn, and keep "
            "float64 in it."
        )


def same_structure(verb: str, name: str, value: PyTree, expected: PyTree, line: str) -> None:
    """`value` must have the leaves and shapes of `expected`, in float64."""
    given, wanted_structure = jax.tree.structure(value), jax.tree.structure(expected)
    if not given == wanted_structure:  # type: ignore[operator]
        raise TypeError(f"{verb}: {name} must be {_describe(expected)}, got {_describe(value)}. Write {line}.")
    for got, wanted in zip(jax.tree.leaves(value), jax.tree.leaves(expected), strict=True):
        if not hasattr(got, "shape") or got.shape != wanted.shape:
            raise ValueError(f"{verb}: {name} must be {_describe(expected)}, got {_describe(value)}. Write {line}.")
        finite(verb, name, float64(verb, name, got))


def teacher_fits(verb: str, k: int, d: int) -> None:
    if d < k:
        raise ValueError(
            f"{verb}: {k} orthonormal teachers need an input dimension of at least {k}, got d = {d}. "
            f"Write d={k}, or more."
        )


def network_shapes(weights: Float[Array, "..."], output: Float[Array, "..."]) -> None:
    if weights.ndim != 2 or output.ndim != 1 or weights.shape[0] != output.shape[0] or 0 in weights.shape:
        raise ValueError(
            "TwoLayerNetwork: weights must have shape (width, input) and output (width,), both at least 1, got "
            f"{weights.shape} and {output.shape}. Write TwoLayerNetwork(weights, output) with one output weight a row."
        )


def instance(verb: str, name: str, value: Any, kind: type, line: str) -> Any:
    """`value` must be a `kind`; a class in place of its instance is the usual slip."""
    if not isinstance(value, kind):
        given = f"the class {value.__name__}" if isinstance(value, type) else _describe(value)
        raise TypeError(f"{verb}: {name} must be {kind.__name__}, got {given}. Write {line}.")
    return value


def starts(verb: str, students: Any) -> list[Any]:
    """A sequence of starts, at least one, all of one shape."""
    line = f"gf.{verb}(problem, [problem.init(key) for key in jax.random.split(jax.random.key(0), 10)])"
    if isinstance(students, str | bytes) or not isinstance(students, Sequence) or len(students) == 0:
        raise TypeError(
            f"{verb}: students must be a list of at least one start, got {_describe(students)}. Write {line}."
        )
    networks = [getattr(student, "student", student) for student in students]
    shapes = [[np.shape(leaf) for leaf in jax.tree.leaves(network)] for network in networks]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"{verb}: all students must have one shape, got {shapes[0]} for the first and {shape} for number "
                f"{number}. Call {verb} once for every shape."
            )
    return networks


def known_elsewhere(verb: str, init: Any, *, known: bool) -> None:
    """A law of initial weights that another process can make again."""
    if not known:
        raise ValueError(
            f"{verb}: worker processes know gradflow's own initialisers only, got {type(init).__name__}. "
            "Write processes=1."
        )


def choice(verb: str, name: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if value not in choices:
        listed = ", ".join(repr(word) for word in choices)
        raise ValueError(f"{verb}: {name} must be one of {listed}, got {value!r}. Write {name}={choices[0]!r}.")
    return str(value)


def same_activation(activation: Any, teachers: Any) -> None:
    if activation != teachers:
        raise ValueError(
            f"TeacherStudent: student and teacher must share one activation, got {activation!r} and {teachers!r}. "
            "Write TeacherStudent(teacher, width=4) for the teacher's."
        )


def student_shape(verb: str, given: tuple[int, ...], expected: tuple[int, int]) -> None:
    if given != expected:
        line = (
            f"TeacherStudent(teacher, width={given[0]})"
            if given[1] == expected[1]
            else "TwoLayerNetwork(weights, output)"
        )
        raise ValueError(
            f"{verb}: the student's weights must have shape (width, input) = {expected}, got {given}. "
            f"Write {line}, or draw a student with problem.init(jax.random.key(0))."
        )


def key(verb: str, value: Any) -> Any:
    """A key of jax.random, of the new style or the old."""
    if not isinstance(value, jax.Array):
        raise TypeError(f"{verb}: key must be a JAX random key, got {value!r}. Write problem.init(jax.random.key(0)).")
    if not jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):  # type: ignore[attr-defined]
        if value.dtype != jnp.uint32 or value.shape != (2,):
            raise TypeError(
                f"{verb}: key must be a JAX random key, got an array {value.dtype}{list(value.shape)}. "
                "Write problem.init(jax.random.key(0))."
            )
        return jax.random.wrap_key_data(value)
    if value.shape != ():
        raise ValueError(f"{verb}: one key is needed, got {value.shape[0]}. Write problem.init(keys[0]).")
    return value


def tangents(given: tuple[int, ...], size: int) -> None:
    if len(given) != 2 or given[0] != size:
        raise ValueError(
            f"Loss: curves(parameters) must return tangents as columns of shape ({size}, m), got {given}. "
            "Write curves=lambda parameters: basis.T for tangents that stand in rows."
        )


def path(verb: str, value: Any) -> None:
    if value is not None and not (hasattr(value, "times") and hasattr(value, "state")):
        line = "trajectory=gf.flow(problem, student)"
        raise TypeError(f"{verb}: trajectory must be what flow returned, got {value!r}. Write {line}.")


def smooth(verb: str, is_smooth: bool) -> None:
    if not is_smooth:
        raise ValueError(
            f"{verb}: the problem's loss is declared not to be smooth, and a kink has no Hessian. Write "
            "gf.flow(problem, student) alone, or declare smoothness=gf.Smoothness.SMOOTH if it is."
        )


def no_tolerances(rtol: Any, atol: Any) -> None:
    if rtol is not None or atol is not None:
        raise ValueError(
            f"flow: this method has a controller with tolerances of its own, got rtol={rtol}, atol={atol} besides. "
            "Write method=gf.Diffrax(controller=diffrax.PIDController(rtol=..., atol=...)) without them, or leave the "
            "controller out."
        )


def own_root_finder(solver: Any, line: str) -> None:
    """diffrax's solvers take their root finder's tolerances from `diffeqsolve`, which is not what runs here."""
    tolerance = getattr(getattr(solver, "root_finder", None), "rtol", 0.0)
    if not isinstance(tolerance, int | float | np.ndarray | jax.Array):
        raise ValueError(
            f"Diffrax: the root finder of {type(solver).__name__} has no tolerances of its own, and diffrax's default "
            f"reports slow convergence as divergence. Write {line}."
        )


def rates(verb: str, value: PyTree, parameters: PyTree) -> PyTree:
    """A positive rate for every leaf of the parameters: a number, or an array of the leaf's shape."""
    leaves, structure = jax.tree.flatten(parameters)
    given = jax.tree.leaves(value)
    line = "rates=gf.TwoLayerNetwork(weights, output) with positive entries, or one number for each leaf"
    if len(given) != len(leaves):
        raise ValueError(
            f"{verb}: rates must have {len(leaves)} leaves, as the parameters have, got {len(given)}. Write {line}."
        )
    spread = []
    for rate, leaf in zip(given, leaves, strict=True):
        rate = np.asarray(finite(verb, "rates", float64(verb, "rates", rate)))
        if rate.shape not in ((), leaf.shape) or np.any(rate <= 0):
            raise ValueError(
                f"{verb}: each rate must be a positive number or an array of shape {leaf.shape}, got {rate}. "
                f"Write {line}."
            )
        spread.append(np.broadcast_to(rate, leaf.shape))
    return jax.tree.unflatten(structure, spread)


def widths(verb: str, value: Any) -> tuple[int, ...]:
    """Student widths: one, or several; sorted, each once."""
    if isinstance(value, str) or not isinstance(value, Iterable | int | np.integer):
        raise TypeError(f"{verb}: widths must be an integer or several, got {value!r}. Write widths=range(1, 8).")
    several = tuple(value) if isinstance(value, Iterable) else (value,)
    if not several:
        raise ValueError(f"{verb}: widths must name at least one student width, got none. Write widths=range(1, 8).")
    return tuple(sorted({count(verb, "a width", width, "widths=range(1, 8)") for width in several}))


def free_leaves(free: Any) -> tuple[str, ...]:
    known = ("weights", "output")
    chosen = tuple(free) if isinstance(free, Iterable) and not isinstance(free, str) else (free,)
    if not chosen or any(name not in known for name in chosen) or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"TeacherStudent: free names the trained leaves, any of {known}, got {free!r}. "
            "Write free=('weights', 'output')."
        )
    return tuple(name for name in known if name in chosen)


def partition(verb: str, value: Any, k: int, n: int, example: tuple[int, ...]) -> tuple[int, ...]:
    """Positive integers, n of them, that sum to k; sorted."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{verb}: the partition must be several integers, got {value!r}. Write partition={example}.")
    value = tuple(value)
    sizes = tuple(sorted(count(verb, "a part of the partition", part, f"partition={example}") for part in value))
    if len(sizes) != n or sum(sizes) != k:
        raise ValueError(
            f"{verb}: the partition must have n = {n} parts that sum to k = {k}, got {tuple(value)} "
            f"({len(sizes)} parts, sum {sum(sizes)}). Write partition={example}."
        )
    return sizes


def no_more_students(verb: str, n: int, k: int) -> None:
    if n > k:
        raise ValueError(f"{verb}: the family exists for n <= k, got n = {n}, k = {k}. Write {verb}(k={n}, n={n}).")


def plain_fields(verb: str, law: Any) -> None:
    """An initialiser's fields identify it in a store: they must be plain data."""
    fields = {name: getattr(law, name) for name in law.__dataclass_fields__}
    try:
        json.dumps(fields, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{verb}: the fields of {type(law).__name__} identify the experiment and must be numbers, strings or lists "
            f"of them ({error}). Write the law with such fields."
        ) from error


def same_experiment(folder: Path, content: bytes, expected: dict[str, Any]) -> None:
    """The experiment.json of a store must describe this experiment."""
    try:
        found = json.loads(content)
    except ValueError as error:
        raise ValueError(
            f"phase_diagram: {folder / 'experiment.json'} cannot be read ({error}). Restore it from a copy, or write "
            "store=... with a new folder."
        ) from error
    if found == expected:
        return
    if isinstance(found, dict) and found.get("schema", 0) > expected["schema"]:
        raise ValueError(
            f"phase_diagram: {str(folder)!r} was written by a newer gradflow (store schema {found['schema']}, known "
            f"here {expected['schema']}). Upgrade gradflow-jax to read it."
        )
    differences = _differences(found, expected)
    raise ValueError(
        f"phase_diagram: {str(folder)!r} holds another experiment: {'; '.join(differences)}. Write store=... with a "
        "new folder, or repeat the call with the stored settings."
    )


def fresh_folder(folder: Path, records: list[str]) -> None:
    if records:
        raise ValueError(
            f"phase_diagram: {str(folder)!r} has {len(records)} records but no experiment.json. "
            "Restore it from a copy, or write store=... with a new folder."
        )


def _differences(found: Any, expected: Any, name: str = "") -> list[str]:
    """Field by field: stored and asked for."""
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted(found.keys() | expected.keys())
        return [
            line
            for key in keys
            for line in _differences(found.get(key), expected.get(key), f"{name}.{key}" if name else key)
        ]
    return [] if found == expected else [f"{name} is {found!r} there and {expected!r} here"]


def writable_folder(verb: str, path: str | os.PathLike[str]) -> Path:
    """Make the folder and prove that a file can be written into it, before anything is computed."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{verb}: store must be a folder's path, got {path!r}. Write store='runs/k8'.")
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"{verb}: cannot write to {str(folder)!r} ({error.strerror or error}). Give a folder that can be written."
        ) from error
    return folder


def _describe(tree: Any) -> str:
    """A value in a few words: arrays by dtype and shape."""
    if hasattr(tree, "dtype") and hasattr(tree, "shape"):
        return f"an array {tree.dtype}{list(tree.shape)}"
    leaves = jax.tree.leaves(tree)
    if any(hasattr(leaf, "dtype") for leaf in leaves):
        return f"{type(tree).__name__} of {', '.join(map(_describe, leaves))}"
    return repr(tree)
