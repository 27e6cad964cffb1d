"""Verbs as they are called from outside: a call that does not fit is told what would."""

import functools
from types import FunctionType
from typing import TYPE_CHECKING, TypeVar

from gradflow._errors import WrongType
from gradflow._suggestions import did_you_mean

if TYPE_CHECKING:
    import inspect

Thing = TypeVar("Thing")


def public(thing: Thing) -> Thing:
    """A verb, or a class when it is called, that refuses an argument it does not know by the names that look like it,
    with its signature and its help as they are; anything else as it is.
    """
    if isinstance(thing, type):
        _say_what_fits(thing)
    if not isinstance(thing, FunctionType):
        return thing
    import inspect  # here, since `import gradflow` alone loads next to nothing

    signature = inspect.signature(thing)
    name = thing.__name__

    @functools.wraps(thing)
    def called(*arguments: object, **named: object) -> object:
        try:
            signature.bind(*arguments, **named)
        except TypeError as error:
            raise WrongType(_refusal(name, signature, named, error)) from None
        return thing(*arguments, **named)

    # the same object wherever it is looked up, so that it can be pickled
    called.__module__ = "gradflow"
    return called  # type: ignore[return-value]


def _say_what_fits(kind: type) -> None:
    """Of a class of ours: its `__init__`, in place, since a class is asked for by identity."""
    construct = vars(kind).get("__init__")
    if not isinstance(construct, FunctionType) or issubclass(kind, BaseException):
        return

    @functools.wraps(construct)
    def constructed(self: object, *arguments: object, **named: object) -> None:
        try:
            construct(self, *arguments, **named)
        except TypeError:
            import inspect

            signature = inspect.signature(construct)
            try:
                signature.bind(self, *arguments, **named)
            except TypeError as error:
                _, *parts = signature.parameters.values()
                own = signature.replace(parameters=parts)
                raise WrongType(_refusal(kind.__name__, own, named, error)) from None
            raise

    kind.__init__ = constructed  # type: ignore[method-assign]


def _refusal(name: str, signature: "inspect.Signature", named: dict[str, object], error: TypeError) -> str:
    known = list(signature.parameters)
    unknown = [word for word in named if word not in known]
    said = f"{name}: {error}."
    if unknown:
        said = f"{name}: there is no argument {unknown[0]!r}{did_you_mean(unknown[0], known)}"
    return f"{said} Write gf.{name}({_call(signature)}); it takes {', '.join(known) or 'nothing'}."


def _call(signature: "inspect.Signature") -> str:
    """The arguments that must be given."""
    parts = signature.parameters.values()
    needed = [
        one for one in parts if one.default is one.empty and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    ]
    return ", ".join(f"{one.name}={one.name}" if one.kind is one.KEYWORD_ONLY else one.name for one in needed)
