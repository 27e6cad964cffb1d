"""Losses of a few variables whose flat sets are known by formula, and invite a wrong class.

A loss is that of its own coordinates, which may be turned by an orthogonal matrix, and quadratic in those that are
left. `truths` says, of the own coordinates of a critical point next to where somebody stands, which classes are true:
several where the distance between a special point and its neighbours is not to be told in float64; none where there is
no critical point.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import gradflow as gf
from gradflow import Kind
from oracles.inertia import Settled, settled
from oracles.jets import OF_JETS, Functions, Jet, jets
from oracles.landscape import Numbers

OF_JAX = Functions(jnp.exp, jnp.sin, jnp.cos, jax.nn.relu)


class Truth(NamedTuple):
    """A class; `learning` is the local learning coefficient of the loss, where it is no half of the Hessian's rank."""

    kind: Kind
    index: int = 0
    nullity: int = 0
    learning: float | None = None


Truths = Callable[[np.ndarray], tuple[Truth, ...]]


class Trap(NamedTuple):
    """`at`: a critical point, in the formula's coordinates; `dimension`: of the loss, if larger than that."""

    name: str
    formula: Callable[[Any, Functions], Any]
    at: tuple[float, ...]
    truths: Truths
    dimension: int = 0
    turned: bool = False

    @property
    def size(self) -> int:
        return max(self.dimension, len(self.at))

    @property
    def rotation(self) -> np.ndarray:
        """Rows are the coordinates of the formula, and those that are left."""
        if not self.turned:
            return np.eye(self.size)
        return np.linalg.qr(np.random.default_rng(self.size).normal(size=(self.size, self.size)))[0]

    def loss(self) -> gf.Loss:
        rotation, own = jnp.asarray(self.rotation), len(self.at)
        curvatures = jnp.linspace(1.0, 10.0, self.size - own)

        def fn(parameters: Any) -> Any:
            turned = rotation @ parameters if self.turned else parameters
            return self.formula(turned[:own], OF_JAX) + curvatures @ turned[own:] ** 2

        return gf.Loss(fn, init=self.point())

    def point(self, distance: float = 0.0, seed: int = 0) -> np.ndarray:
        """The critical point, or one at a distance from it in a random direction."""
        own = np.zeros(self.size)
        own[: len(self.at)] = self.at
        way = np.random.default_rng(seed).normal(size=self.size)
        found: np.ndarray = self.rotation.T @ own + distance * way / np.linalg.norm(way)
        return found

    def own(self, parameters: Any) -> np.ndarray:
        """The formula's coordinates of a point."""
        found: np.ndarray = (self.rotation @ np.asarray(parameters))[: len(self.at)]
        return found

    def settled(self) -> Settled | None:
        """The critical point itself, in mpmath: (0.6, 0.8) is not on the unit circle in float64."""

        def jet(x: Numbers) -> Jet:
            found: Jet = self.formula(jets(x), OF_JETS)
            return found

        return settled(self.at, lambda x: jet(x).slope, lambda x: jet(x).bend)


def _always(*truths: Truth) -> Truths:
    return lambda x: truths


# on a special point itself there is one answer, and further than this from it another: an eigenvalue like the square
# of the distance, or the fourth root of rounding; between the two either may be what float64 shows
_OFF = 1e-3


def _by(distance: Callable[[np.ndarray], float], special: tuple[Truth, ...], other: tuple[Truth, ...]) -> Truths:
    """What is true on a special set, beside it, and of points so close to it that both pass."""

    def truths(x: np.ndarray) -> tuple[Truth, ...]:
        apart = abs(distance(x))
        return special if apart == 0 else other if apart >= _OFF else special + other

    return truths


def _only_near(at: tuple[float, ...], *truths: Truth, free: tuple[int, ...] = ()) -> Truths:
    """Of a critical set that the flow leaves for −∞: there is none further out."""
    bound = np.setdiff1d(np.arange(len(at)), free)
    return lambda x: truths if np.linalg.norm((x - np.array(at))[bound]) <= _OFF * 1.01 else ()


def _degenerate(nullity: int, learning: float | None = None) -> Truth:
    return Truth(Kind.DEGENERATE, 0, nullity, learning)


def _manifold(nullity: int) -> Truth:
    return Truth(Kind.MINIMUM_MANIFOLD, 0, nullity)


def _saddle(index: int, nullity: int = 0) -> Truth:
    return Truth(Kind.SADDLE, index, nullity)


_MINIMUM = Truth(Kind.MINIMUM)
# 4x³ − 4x + 1e-9 = 0 next to −1 and 1: −1 − 1e-9/8 and 1 − 1e-9/8 to 1e-18
_TILT = 1e-9


def _power(p: int, factor: float = 1.0) -> Callable[[Any, Functions], Any]:
    return lambda x, f: factor * x[0] ** p + x[1] ** 2


def _soft(curvature: float, stiff: float = 1.0) -> Callable[[Any, Functions], Any]:
    return lambda x, f: curvature * x[0] ** 2 + stiff * x[1] ** 2


def _ripple(height: float) -> Callable[[Any, Functions], Any]:
    return lambda x, f: x[1] ** 2 + height * f.sin(x[0]) ** 2


def _valley(c: float, p: int) -> Callable[[Any, Functions], Any]:
    """A valley that bends, with a slope of order p in it."""
    return lambda x, f: (x[1] - x[0] ** 2) ** 2 + c * x[0] ** p


def _ring(x: Any) -> Any:
    return (x[0] ** 2 + x[1] ** 2 - 1) ** 2


def _powell(x: Any, f: Functions) -> Any:
    return (
        (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4
    )  # of Moré, Garbow & Hillstrom, number 13


def _whitney(x: Any, f: Functions) -> Any:
    return (x[0] ** 2 - x[1] ** 2 * x[2]) ** 2


def _cusp(x: Any, f: Functions) -> Any:
    return (x[1] ** 2 - x[0] ** 3) ** 2


def _changing(x: Any, f: Functions) -> Any:
    return (x[0] - 0.1) * x[1] ** 2


def _sign_of_change(x: np.ndarray) -> tuple[Truth, ...]:
    """(x − 0.1) y²: a line whose curvature across changes its sign."""
    if abs(x[1]) > _OFF:
        return ()
    there = _by(lambda x: x[0] - 0.1, (_degenerate(2),), (_manifold(1) if x[0] > 0.1 else _saddle(1, 1),))
    return there(x)


def _two_on_a_ring(x: np.ndarray) -> tuple[Truth, ...]:
    """(x² + y² − 1)² + c x: of the ring two points are left."""
    return () if abs(x[1]) > _OFF else (_MINIMUM,) if x[0] < 0 else (_saddle(1),)


def _between_tops(x: np.ndarray) -> tuple[Truth, ...]:
    """y² + c sin² x: minima at the multiples of π, saddles half way."""
    off = abs(np.sin(x[0]))
    return (_MINIMUM,) if off <= _OFF else (_saddle(1),) if abs(np.cos(x[0])) <= _OFF else ()


def _two_lines(x: np.ndarray) -> tuple[Truth, ...]:
    """(y² − 1e-8)² + z²: two lines of minima, and one of saddles between them; curvatures 8e-8 and −4e-8."""
    off = abs(x[1]) * 1e4
    return (_manifold(1),) if abs(off - 1) <= 0.01 else (_saddle(1, 1),) if off <= 0.01 else ()


def _length(x: np.ndarray) -> float:
    return float(np.linalg.norm(x))


_axes = _by(lambda x: float(np.max(np.abs(x))), (_degenerate(2, 0.5),), (_manifold(1),))
_umbrella = _by(lambda x: float(np.hypot(x[0], x[1])), (_degenerate(3, 0.5),), (_manifold(2),))
_half = _by(lambda x: min(x[0], 0.0), (_degenerate(1),), (_manifold(1),))
_tip = _by(_length, (_degenerate(3),), (_degenerate(3), _manifold(2)))
_cusped = _by(lambda x: float(x[0]), (_degenerate(2, 5 / 12),), (_manifold(1),))
_plane_and_line = _by(lambda x: float(np.hypot(x[1], x[2])), (_manifold(1),), (_manifold(2),))
_bending = _by(lambda x: float(x[0]), (_degenerate(2),), (_manifold(1),))

_PLAIN = [
    Trap("x⁴ + y²", _power(4), (0.0, 0.0), _always(_degenerate(1, 0.75))),
    Trap("1e-12 x⁴ + y²", _power(4, 1e-12), (0.0, 0.0), _always(_degenerate(1, 0.75))),
    Trap("x⁶ + y²", _power(6), (0.0, 0.0), _always(_degenerate(1, 2 / 3))),
    Trap("x⁸ + y²", _power(8), (0.0, 0.0), _always(_degenerate(1, 5 / 8))),
    Trap("x⁴ + y⁴", lambda x, f: x[0] ** 4 + x[1] ** 4, (0.0, 0.0), _always(_degenerate(2, 0.5))),
    Trap("x⁴ + y² + 0z", _power(4), (0.0, 0.0, 0.7), _always(_degenerate(2, 0.75))),
    Trap("(1 - cos x)² + y²", lambda x, f: (1 - f.cos(x[0])) ** 2 + x[1] ** 2, (0.0, 0.0), _always(_degenerate(1))),
    Trap("Powell's singular", _powell, (0.0,) * 4, _always(_degenerate(2, 1.5))),
    Trap("y² - x⁴", _power(4, -1.0), (0.0, 0.0), _only_near((0.0, 0.0), _degenerate(1))),
    Trap(
        "x³ - 3xy² + z²",
        lambda x, f: x[0] ** 3 - 3 * x[0] * x[1] ** 2 + x[2] ** 2,
        (0.0,) * 3,
        _only_near((0.0,) * 3, _degenerate(2)),
    ),
    # along the kernel the fourth derivative is positive, and the loss falls along a parabola all the same
    Trap(
        "x² - 2xy² + 0.9y⁴",
        lambda x, f: x[0] ** 2 - 2 * x[0] * x[1] ** 2 + 0.9 * x[1] ** 4,
        (0.0, 0.0),
        _only_near((0.0, 0.0), _degenerate(1)),
    ),
    Trap("x² + (x - y²)²", lambda x, f: x[0] ** 2 + (x[0] - x[1] ** 2) ** 2, (0.0, 0.0), _always(_degenerate(1, 0.75))),
    Trap("(y - x²)² + 1e-3 x⁴", _valley(1e-3, 4), (0.0, 0.0), _always(_degenerate(1, 0.75))),
    Trap("(y - x²)² + 1e-6 x⁶", _valley(1e-6, 6), (0.0, 0.0), _always(_degenerate(1, 2 / 3))),
    Trap("(y - x²)²", _valley(0.0, 4), (1.0, 1.0), _always(_manifold(1))),
    Trap("(y - x²)² at 0", _valley(0.0, 4), (0.0, 0.0), _always(_manifold(1))),
    Trap("(x - y³)²", lambda x, f: (x[0] - x[1] ** 3) ** 2, (0.0, 0.0), _always(_manifold(1))),
    Trap("ring", lambda x, f: _ring(x), (0.6, 0.8), _always(_manifold(1))),
    Trap("ring + z⁴", lambda x, f: _ring(x) + x[2] ** 4, (0.6, 0.8, 0.0), _always(_degenerate(2, 0.75))),
    Trap(
        "ring - z²",
        lambda x, f: _ring(x) - x[2] ** 2,
        (0.6, 0.8, 0.0),
        _only_near((0.0, 0.0, 0.0), _saddle(1, 1), free=(0, 1)),
    ),
    Trap(
        "(ab - 1)² - c²",
        lambda x, f: (x[0] * x[1] - 1) ** 2 - x[2] ** 2,
        (2.0, 0.5, 0.0),
        _only_near((0.0, 0.0, 0.0), _saddle(1, 1), free=(0, 1)),
    ),
    Trap("ring + 1e-9 x, below", lambda x, f: _ring(x) + _TILT * x[0], (-1 - _TILT / 8, 0.0), _two_on_a_ring),
    Trap("ring + 1e-9 x, above", lambda x, f: _ring(x) + _TILT * x[0], (1 - _TILT / 8, 0.0), _two_on_a_ring),
    Trap("umbrella, regular", _whitney, (1.0, 1.0, 1.0), _umbrella),
    Trap("umbrella, its line", _whitney, (0.0, 0.0, 1.0), _umbrella),
    Trap(
        "umbrella, its tip", _whitney, (0.0, 0.0, 0.0), _by(_length, (_degenerate(3),), (_degenerate(3), _manifold(2)))
    ),
    Trap("cusp, regular", _cusp, (1.0, 1.0), _cusped),
    Trap("cusp", _cusp, (0.0, 0.0), _cusped),
    Trap("x²y² at 0", lambda x, f: x[0] ** 2 * x[1] ** 2, (0.0, 0.0), _axes),
    Trap("x²y² at (1, 0)", lambda x, f: x[0] ** 2 * x[1] ** 2, (1.0, 0.0), _axes),
    Trap(
        "x²(y² + z²) at 0",
        lambda x, f: x[0] ** 2 * (x[1] ** 2 + x[2] ** 2),
        (0.0,) * 3,
        _by(_length, (_degenerate(3, 0.5),), (_manifold(1), _manifold(2))),
    ),
    Trap("x²(y² + z²), plane", lambda x, f: x[0] ** 2 * (x[1] ** 2 + x[2] ** 2), (0.0, 1.0, 1.0), _plane_and_line),
    Trap("x²(y² + z²), line", lambda x, f: x[0] ** 2 * (x[1] ** 2 + x[2] ** 2), (1.0, 0.0, 0.0), _plane_and_line),
    Trap("(x - 0.1)y² at 0", _changing, (0.0, 0.0), _sign_of_change),
    Trap("(x - 0.1)y² at 0.1", _changing, (0.1, 0.0), _sign_of_change),
    Trap("(x - 0.1)y² at 0.3", _changing, (0.3, 0.0), _sign_of_change),
    Trap(
        "(y - x²)² + 1e-3 x⁴z², curve",
        lambda x, f: (x[1] - x[0] ** 2) ** 2 + 1e-3 * x[0] ** 4 * x[2] ** 2,
        (1.0, 1.0, 0.0),
        _bending,
    ),
    Trap(
        "(y - x²)² + 1e-3 x⁴z², line",
        lambda x, f: (x[1] - x[0] ** 2) ** 2 + 1e-3 * x[0] ** 4 * x[2] ** 2,
        (0.0, 0.0, 1.0),
        _bending,
    ),
    Trap("max(x, 0)⁴ + y², flat", lambda x, f: f.positive_part(x[0]) ** 4 + x[1] ** 2, (-1.0, 0.0), _half),
    Trap("max(x, 0)⁴ + y², its edge", lambda x, f: f.positive_part(x[0]) ** 4 + x[1] ** 2, (0.0, 0.0), _half),
    Trap("sin²(x + y)", lambda x, f: f.sin(x[0] + x[1]) ** 2, (0.5, -0.5), _always(_manifold(1))),
    Trap("y² + 1e-9 sin² x", _ripple(1e-9), (0.0, 0.0), _always(_MINIMUM)),
    Trap("y² + 1e-9 sin² x, top", _ripple(1e-9), (np.pi / 2, 0.0), _between_tops),
    Trap("y² + 1e-12 sin² x", _ripple(1e-12), (0.0, 0.0), _between_tops),
    Trap("(y² - 1e-8)² + z²", lambda x, f: (x[1] ** 2 - 1e-8) ** 2 + x[2] ** 2, (0.5, 1e-4, 0.0), _two_lines),
    Trap("(y² - 1e-8)² + z², top", lambda x, f: (x[1] ** 2 - 1e-8) ** 2 + x[2] ** 2, (0.5, 0.0, 0.0), _two_lines),
    Trap("exp(-x) + y²", lambda x, f: f.exp(-x[0]) + x[1] ** 2, (1.0, 0.0), _always(Truth(Kind.MINIMUM_AT_INFINITY))),
    Trap("y² + 1e-12 x", lambda x, f: x[1] ** 2 + 1e-12 * x[0], (0.0, 0.0), _always()),
    Trap("½(ab - 1)²", lambda x, f: 0.5 * (x[0] * x[1] - 1) ** 2, (2.0, 0.5), _always(_manifold(1))),
]


_SOFT = [
    Trap("1e-10 x² + y²", _soft(1e-10), (0.0, 0.0), _always(_MINIMUM), turned=True),
    Trap("1e-13 x² + y²", _soft(1e-13), (0.0, 0.0), _always(_MINIMUM), turned=True),
    Trap("1e-9 x² + 1e8 y²", _soft(1e-9, 1e8), (0.0, 0.0), _always(_MINIMUM), turned=True),
    Trap("-1e-10 x² + y²", _soft(-1e-10), (0.0, 0.0), _only_near((0.0, 0.0), _saddle(1)), turned=True),
]
# turned in their own dimensions: zeros are no zeros any more, but roundings
_TURNED = ("x⁴ + y²", "1e-12 x⁴ + y²", "x⁴ + y² + 0z", "y² - x⁴", "(y - x²)²", "ring + z⁴", "Powell's singular")
_AMONG_FIFTY = (
    "x⁴ + y²",
    "x⁶ + y²",
    "y² - x⁴",
    "x³ - 3xy² + z²",
    "x² - 2xy² + 0.9y⁴",
    "(y - x²)² + 1e-3 x⁴",
    "(y - x²)²",
    "ring",
    "ring - z²",
    "umbrella, regular",
    "x²y² at 0",
    "x²y² at (1, 0)",
    "½(ab - 1)²",
)
_NAMED = {trap.name: trap for trap in _PLAIN}
TRAPS = [
    *_PLAIN,
    *_SOFT,
    *(_NAMED[name]._replace(name=f"{name}, turned", turned=True) for name in _TURNED),
    *(_NAMED[name]._replace(name=f"{name}, among 50", turned=True, dimension=50) for name in _AMONG_FIFTY),
]
