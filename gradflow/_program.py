"""Functions that are compiled, and what the compiler is told."""

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import equinox as eqx
import jax

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# XLA's newer emitters of loops take twice as long to compile programs of many small loops, which a flow of a user's
# loss is, and their loops run no faster here: 1.1 and 0.5 s for the flow of a loss of two parameters, 2.0 and 1.4 s for
# that of a network of 40; at 23 neurons of 50 inputs the flow takes as long with either
_QUICK = {"xla_cpu_use_fusion_emitters": False}


class Program(Generic[_Arguments, _Result]):
    """A function that is compiled once a shape, when it is called (`eqx.filter_jit`). `plain` is the function itself,
    for a program that is compiled around it.
    """

    def __init__(self, plain: Callable[_Arguments, _Result]):
        self.plain = plain
        functools.update_wrapper(self, plain)

    @functools.cached_property
    def _compiled(self) -> Callable[_Arguments, _Result]:
        options: Any = {"compiler_options": _options()}  # of jax.jit, which equinox hands on and does not name
        program: Callable[_Arguments, _Result] = eqx.filter_jit(self.plain, **options)
        return program

    def __call__(self, *arguments: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result:
        return self._compiled(*arguments, **keywords)


@functools.cache
def _options() -> dict[str, bool]:
    """What this compiler knows of `_QUICK`: its options come and go, and an unknown one is an error of every call."""
    try:
        jax.jit(lambda: 0.0, compiler_options=_QUICK)()
    except jax.errors.JaxRuntimeError:
        return {}
    return _QUICK
