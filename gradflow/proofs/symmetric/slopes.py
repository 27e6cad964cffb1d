"""Numbers with their slopes: a formula computed with them is computed with its partial derivatives."""

from typing import Any


class Sloped:
    """A value and its partial derivatives in a few unknowns, of any kind of numbers with +, −, ×, /, `sqrt` and
    `asin`: balls, or power series of balls.
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value: Any, slopes: list[Any]):
        self.value, self.slopes = value, slopes

    def __add__(self, other: Any) -> "Sloped":
        if isinstance(other, Sloped):
            return Sloped(self.value + other.value, [x + y for x, y in zip(self.slopes, other.slopes, strict=True)])
        return Sloped(self.value + other, self.slopes)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Sloped":
        if isinstance(other, Sloped):
            return Sloped(self.value - other.value, [x - y for x, y in zip(self.slopes, other.slopes, strict=True)])
        return Sloped(self.value - other, self.slopes)

    def __rsub__(self, other: Any) -> "Sloped":
        return Sloped(other - self.value, [-x for x in self.slopes])

    def __mul__(self, other: Any) -> "Sloped":
        if isinstance(other, Sloped):
            pairs = zip(self.slopes, other.slopes, strict=True)
            return Sloped(self.value * other.value, [x * other.value + y * self.value for x, y in pairs])
        return Sloped(self.value * other, [x * other for x in self.slopes])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Sloped":
        return self.__mul__(1 / other)

    def __rtruediv__(self, other: Any) -> "Sloped":
        value = other / self.value
        factor = -value / self.value
        return Sloped(value, [x * factor for x in self.slopes])

    def sqrt(self) -> "Sloped":
        """√."""
        root = self.value.sqrt()
        factor = 1 / (2 * root)
        return Sloped(root, [x * factor for x in self.slopes])

    def asin(self) -> "Sloped":
        """arc sine."""
        factor = 1 / (1 - self.value * self.value).sqrt()
        return Sloped(self.value.asin(), [x * factor for x in self.slopes])
