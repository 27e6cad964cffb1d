"""Objects, functions and problems: of the kind expected."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradflow._checks.descriptions import shown
from gradflow._checks.files import writable_path
from gradflow._checks.lists import listed
from gradflow._checks.traced import JaxArray
from gradflow._errors import BelowBound, WrongType, WrongValue
from gradflow._precision import require_64_bit

# what matplotlib writes
_FIGURES = (".png", ".pdf", ".svg", ".eps", ".ps", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
# of a structure's leaves, in a message
_MOST_LEAVES = 4
# letters of another error, in a message
_MOST_SAID = 300


def function(verb: str, name: str, value: Any, line: str) -> Any:
    if not callable(value) or isinstance(value, type):
        raise WrongType(f"{verb}: {name} must be a function, got {shown(value)}. Write {line}.")
    return value


def scalar_loss(fn: Any, parameters: Any, args: Any) -> None:
    """A function of parameters and arguments like these that returns one number."""
    wrong = _returned(
        fn,
        (parameters, args),
        _is_one_number,
        "Loss: fn must return one float64 number for parameters like init, and fn(init) fails",
        "gf.Loss(lambda x: x @ x, init=[1.0, 2.0])",
    )
    if wrong:
        raise WrongType(
            f"Loss: fn must return one float64 number, got {wrong}. Sum or average inside fn, and keep float64 in it."
        )


def residual_array(fn: Any, parameters: Any, args: Any) -> None:
    """A function of parameters and arguments like these that returns one array of float64 with numbers in it."""
    wrong = _returned(
        fn,
        (parameters, args),
        lambda value: getattr(value, "dtype", None) == np.float64 and value.size > 0,
        "LeastSquares: residuals must return an array of float64 for parameters like init, and residuals(init) fails",
        "gf.LeastSquares(lambda x: x - 1.0, init=[0.0, 0.0])",
    )
    if wrong:
        raise WrongType(
            f"LeastSquares: residuals must return an array of float64 with at least one number, got {wrong}. Write "
            "jnp.concatenate([...]) of what it returns, without squaring or summing."
        )


def _returned(fn: Any, arguments: tuple[Any, ...], fits: Callable[[Any], bool], fails: str, line: str) -> str:
    """What a caller's function returns where that does not fit, in words; nothing where it does."""
    import jax

    wrong: list[str] = []

    # a function of its own, since JAX remembers how it traced one before
    def looked_at(*given: Any) -> None:
        value = fn(*given)
        if not fits(value):
            wrong.append(_describe(value))

    try:
        jax.eval_shape(looked_at, *arguments)
    except Exception as error:  # whatever a caller's function raises is said, and kept as the cause
        raise WrongType(f"{fails} ({_said(error)}). Write {line}.") from error
    return wrong[0] if wrong else ""


def one_number(problem: str, value: Any) -> Any:
    """What the loss of a problem of the caller's own returns."""
    import jax.numpy as jnp

    if not _is_one_number(value):
        raise WrongType(
            f"{problem}.loss must return one float64 number, got {_describe(value)}. Write jnp.sum or jnp.mean of "
            "what it returns, and keep float64 in it."
        )
    return jnp.asarray(value)


def _is_one_number(value: Any) -> bool:
    return isinstance(value, float) or (getattr(value, "shape", None) == () and value.dtype == np.float64)


def differentiable(problem: str, fn: Any, parameters: Any, *, twice: bool) -> None:
    """A function that JAX can differentiate: for the flow once, for the Hessian twice."""
    import jax

    try:
        jax.eval_shape(jax.grad(fn), parameters)
    except Exception as error:
        raise WrongType(
            f"{problem}: fn must have a gradient by jax.grad, and has none ({_said(error)}). Write it in functions "
            "that JAX differentiates backwards, jax.lax.scan in place of a while loop say, or give it one by "
            "jax.custom_jvp."
        ) from error
    if not twice:
        return
    try:
        jax.eval_shape(jax.jacfwd(jax.grad(fn)), parameters)
    except Exception as error:
        raise WrongType(
            f"{problem}: fn must have a Hessian by jax.jacfwd of jax.grad, and has none ({_said(error)}). Write "
            "jax.custom_jvp in place of jax.custom_vjp; or smoothness=gf.Smoothness.KINKED, with which the flow needs "
            "the gradient alone."
        ) from error


def tangents_of(curves: Any, parameters: Any) -> Any:
    """What the caller's function of curves returns."""
    try:
        return curves(parameters)
    except Exception as error:
        raise WrongValue(
            f"Loss: curves(parameters) must return tangents as columns, and fails ({_said(error)}). Write "
            "curves=lambda parameters: basis."
        ) from error


def _said(error: Exception) -> str:
    """On one line, cut short."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:_MOST_SAID]


def no_problem(verb: str, given: bool) -> None:
    """A problem in place of its parameters."""
    if given:
        raise WrongType(f"{verb}: parameters must hold numbers, got a problem. Write gf.{verb}(problem, problem.init).")


def same_structure(verb: str, name: str, value: Any, expected: Any, line: str) -> None:
    """`value` must have the leaves and shapes of `expected`, in float64."""
    import jax

    from gradflow._checks.arrays import finite, float64

    given, wanted_structure = _structure(value), jax.tree.structure(expected)
    if not given == wanted_structure:
        raise WrongType(f"{verb}: {name} must be {_describe(expected)}, got {_describe(value)}. Write {line}.")
    leaves = jax.tree_util.tree_leaves_with_path(value)
    for (path, got), wanted in zip(leaves, jax.tree.leaves(expected), strict=True):
        place = name + jax.tree_util.keystr(path)
        if not hasattr(got, "shape") or got.shape != wanted.shape:
            raise WrongValue(f"{verb}: {place} must be {_describe(wanted)}, got {_describe(got)}. Write {line}.")
        finite(verb, place, float64(verb, place, got))


def same_rest(verb: str, same: bool, line: str) -> None:
    """What is not trained of a model is what the problem was made with."""
    if not same:
        raise WrongValue(
            f"{verb}: parameters must be the model of the problem, with the functions, texts and numbers that are not "
            f"trained as they were in init, got others. Write {line}, or make a new problem."
        )


def _structure(tree: Any) -> Any:
    import jax

    try:
        return jax.tree.structure(tree)
    except (ValueError, TypeError):  # of keys that cannot be ordered
        return None


def instance(verb: str, name: str, value: Any, kind: type, line: str) -> Any:
    """`value` must be a `kind`; a class in place of its instance is the usual slip."""
    if not isinstance(value, kind):
        raise WrongType(f"{verb}: {name} must be {kind.__name__}, got {_describe(value)}. Write {line}.")
    return value


def starts(verb: str, problem: Any, students: Any) -> list[Any]:
    """A sequence of starts, at least one, all of one shape, or a batch of them, with a leading axis."""
    from gradflow._checks.arrays import leaves_of

    batch = _batch(problem, students)
    if batch:
        return batch
    line = f"gf.{verb}(problem, [problem.init(key) for key in jax.random.split(jax.random.key(0), 10)])"
    if isinstance(students, str | bytes) or not isinstance(students, Sequence) or len(students) == 0:
        raise WrongType(
            f"{verb}: students must be a list of at least one start, or a batch of them with a leading axis, got "
            f"{_describe(students)}. Write {line}."
        )
    networks = [getattr(student, "student", student) for student in listed(verb, "students", students, line)]
    shapes = [[getattr(leaf, "shape", ()) for leaf in leaves_of(network)] for network in networks]
    for number, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise WrongValue(
                f"{verb}: all students must have one shape, got {shapes[0]} for the first and {shape} for number "
                f"{number}. Call {verb} once for every shape."
            )
    return networks


def _batch(problem: Any, students: Any) -> list[Any]:
    """The starts of a structure like the problem's `init` whose arrays have one axis more; none of anything else."""
    import jax

    example: Any = getattr(problem, "init", None)
    if hasattr(example, "__func__"):  # a method that takes a key; a model is a function too
        example = jax.eval_shape(example, jax.random.key(0))
    if example is None or isinstance(students, type) or _structure(students) != jax.tree.structure(example):
        return []
    pairs = list(zip(jax.tree.leaves(students), jax.tree.leaves(example), strict=True))
    arrays = [(given, like) for given, like in pairs if hasattr(like, "shape")]
    if not all(getattr(given, "ndim", 0) == len(like.shape) + 1 for given, like in arrays):
        return []
    lengths = {given.shape[0] for given, _ in arrays}
    if len(lengths) != 1:
        return []

    def one(number: int) -> Any:
        return jax.tree.map(lambda leaf: leaf[number] if hasattr(leaf, "shape") else leaf, students)

    return [one(number) for number in range(lengths.pop())]


# what is asked of a path
_OF_A_PATH = ("times", "state", "losses", "squared_gradient_norms")


def path(verb: str, value: Any) -> None:
    if value is not None and (isinstance(value, type) or not all(hasattr(value, name) for name in _OF_A_PATH)):
        line = "trajectory=gf.flow(problem, student)"
        raise WrongType(f"{verb}: trajectory must be what flow returned, got {shown(value)}. Write {line}.")


def above_bound(verb: str, loss: float, least_loss: float, *, below: bool) -> None:
    """A lower bound that the loss does not keep is none."""
    if below:
        raise BelowBound(
            f"{verb}: the loss must not be below its lower bound least_loss={least_loss:g}, and is {loss:.10g} here. "
            "Write a bound that holds everywhere as least_loss, or leave it out."
        )


def smooth(verb: str, is_smooth: bool) -> None:
    if not is_smooth:
        raise WrongValue(
            f"{verb}: the problem's loss is declared not to be smooth, and a kink has no Hessian. Write "
            "gf.flow(problem, student) alone, or declare smoothness=gf.Smoothness.SMOOTH if it is."
        )


def no_tolerances(rtol: Any, atol: Any) -> None:
    if rtol is not None or atol is not None:
        raise WrongValue(
            f"flow: this method has a controller with tolerances of its own, got rtol={rtol}, atol={atol} besides. "
            "Write method=gf.Diffrax(controller=diffrax.PIDController(rtol=..., atol=...)) without them, or leave the "
            "controller out."
        )


def standard_normal(given: Sequence[Any]) -> None:
    """The one law of the inputs that there is, with the way to another covariance: its root goes into the weights."""
    if given:
        raise WrongValue(
            f"Gaussian: takes no arguments, got {_describe(given[0])}: inputs are N(0, I). Write gf.Gaussian(); for "
            "a covariance C = L @ L.T the loss of a student is problem.loss(gf.TwoLayerNetwork(student.weights @ L, "
            "student.output)) with teachers v @ L, which gf.Loss(fn, init) follows."
        )


def one_term(solver: Any, *, takes_one: bool) -> None:
    """A gradient flow is dy/dt = f(y), with f in one piece and no noise."""
    if not takes_one:
        raise WrongValue(
            f"Diffrax: {type(solver).__name__} solves equations of several terms, and a gradient flow is one. Write "
            "gf.Diffrax(), or gf.Diffrax(diffrax.Tsit5())."
        )


def own_root_finder(solver: Any, line: str) -> None:
    """diffrax's solvers take their root finder's tolerances from `diffeqsolve`, which is not what runs here."""
    tolerance = getattr(getattr(solver, "root_finder", None), "rtol", 0.0)
    if not isinstance(tolerance, int | float | np.ndarray | JaxArray):
        raise WrongValue(
            f"Diffrax: the root finder of {type(solver).__name__} has no tolerances of its own, and diffrax's default "
            f"reports slow convergence as divergence. Write {line}."
        )


def _describe(tree: Any) -> str:
    """A value in a few words: arrays by dtype and shape."""
    if isinstance(tree, type):
        return shown(tree)
    if hasattr(tree, "dtype") and hasattr(tree, "shape"):
        return f"an array {tree.dtype}{list(tree.shape)}"
    from gradflow._checks.arrays import leaves_of

    leaves = leaves_of(tree)
    if any(hasattr(leaf, "dtype") for leaf in leaves):
        parts = [*map(_describe, leaves[:_MOST_LEAVES]), *(["…"] if len(leaves) > _MOST_LEAVES else [])]
        return f"{type(tree).__name__} of {', '.join(parts)}"
    return shown(tree)


def several(verb: str, name: str, value: Any, example: str) -> list[Any]:
    """A list of things, at least one."""
    require_64_bit(verb)
    return listed(verb, name, value, example)


def several_of(verb: str, name: str, value: Any, kind: type, example: str) -> list[Any]:
    """A list of one kind of thing, at least one."""
    return [instance(verb, f"each of {name}", one, kind, example) for one in several(verb, name, value, example)]


def figure_to_write(verb: str, path: Any) -> Path | None:
    """Nothing, or a figure's file in a folder that exists."""
    if path is None:
        return None
    file = path_to_write(verb, path, "figure.png")
    if file.suffix.lower() not in _FIGURES:
        raise WrongValue(
            f"{verb}: the ending of path must be one of {', '.join(_FIGURES)}, got {shown(path)}. Write "
            'path="figure.png".'
        )
    return file


def path_to_write(verb: str, path: Any, example: str) -> Path:
    """A file in a folder that exists, both of which can be written."""
    return writable_path(verb, "path", path, example)
