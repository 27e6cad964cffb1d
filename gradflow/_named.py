"""Enumerations that JAX can carry, and whose members print as their names and compare with them."""

from typing import Any, TypeVar

import equinox as eqx
import jax
import numpy as np
from equinox._enum import EnumerationItem

from gradflow._errors import WrongValue
from gradflow._suggestions import did_you_mean

Enumeration = TypeVar("Enumeration", bound=type[eqx.Enumeration])


class NamedItem(EnumerationItem):
    """A member that prints as its name, where equinox's prints the message, and that may be compared with a name, which
    it is as a key too. It equals nothing else.
    """

    def __repr__(self) -> str:
        if isinstance(self._value, jax.core.Tracer):
            return f"{self._enumeration.__name__}<traced>"
        names = list(self._enumeration._name_to_item)
        # of a batch there are several
        return str(np.array(names, dtype=object)[np.asarray(self._value)])

    __str__ = __repr__

    def __eq__(self, other: object) -> Any:
        member = self._named(other)
        return super().__eq__(member) if self._is_sibling(member) else False

    def __ne__(self, other: object) -> Any:
        member = self._named(other)
        return super().__ne__(member) if self._is_sibling(member) else True

    def __hash__(self) -> int:
        """That of its name, which it equals; a traced one's is its class's."""
        return hash(str(self))

    def _is_sibling(self, other: object) -> bool:
        return isinstance(other, EnumerationItem) and other._enumeration is self._enumeration

    def _named(self, other: object) -> object:
        if not isinstance(other, str):
            return other
        names = self._enumeration._name_to_item
        if other not in names:
            raise WrongValue(
                f"{self._enumeration.__name__}: there is no {other!r}{did_you_mean(other, names)} "
                f"Write one of {', '.join(names)}."
            )
        return names[other]


def named(enumeration: Enumeration) -> Enumeration:
    """The enumeration with members that print as their names. A decorator of its class."""
    promote, where = enumeration.promote, enumeration.where
    items: Any = enumeration._name_to_item

    def item(found: Any) -> NamedItem:
        return NamedItem(found._value, enumeration)

    for name, found in items.items():
        items[name] = item(found)
    enumeration.promote = staticmethod(lambda other: item(promote(other)))  # type: ignore[method-assign, assignment]
    enumeration.where = staticmethod(lambda pred, a, b: item(where(pred, a, b)))  # type: ignore[method-assign, assignment]
    return enumeration
