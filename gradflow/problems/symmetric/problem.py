"""The loss of symmetric students of a symmetric teacher, in as many unknowns as there are classes of overlaps."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradflow import _checks
from gradflow._arithmetic import FLOAT64_DIGITS, TRACED, arithmetic_of
from gradflow._checks import Checked
from gradflow._plain import tell_jax
from gradflow.networks import TwoLayerNetwork
from gradflow.problems.base import AbstractProblem, parameters_of
from gradflow.problems.rounding import EPSILON, ROUNDINGS
from gradflow.problems.symmetric.blocks import TERMS
from gradflow.problems.symmetric.expansion import expanded
from gradflow.problems.symmetric.hessian import HessianProduct
from gradflow.problems.symmetric.landscape import Landscape, landscape
from gradflow.problems.symmetric.network import SymmetricNetwork
from gradflow.problems.symmetric.orbits import Orbit, student_classes, teacher_classes
from gradflow.problems.symmetric.representation import Direction
from gradflow.problems.symmetric.spectrum import SymmetricSpectrum, spectrum
from gradflow.problems.symmetric.trivial import Trivial, pairs

tell_jax()


class SymmetricTeacherStudent(AbstractProblem):
    """L = E[(f(x) − f*(x))²] on the students that a symmetry leaves as they are, σ(x) = erf(x/√2), x ~ N(0, I), the
    teachers orthonormal.

    `orbits` says which neurons are permuted together, ∏ S_size being the group; the parameters are a
    `SymmetricNetwork`. The metric is the one of the full space: a vector (P,) has √(number of pairs) × overlap and
    √(number of neurons) × output weight as entries (`flatten`), and the gradient's entries are those of one neuron of
    the full gradient. So its flow, its critical points and its eigenvalues are the full ones that keep the symmetry;
    `spectrum` has all of them. Sizes may be real. The formula for D (see `gf.Erf`) is not made for weights beyond a
    norm of 1e3.
    """

    orbits: tuple[Orbit, ...]

    def __init__(self, orbits: Checked[Any]):
        # a size that is 1 without being an int is one unit here
        self.orbits = tuple(
            orbit.settled(orbit.alone or (_checks.is_plain(orbit.size) and orbit.size == 1))
            for orbit in _checks.several_orbits(orbits, Orbit)
        )

    def check(self, verb: str, parameters: Any) -> SymmetricNetwork:
        self._check_shapes(verb, parameters)
        checked = super().check(verb, parameters)
        return SymmetricNetwork(checked.own, checked.others, checked.output)

    def _check_shapes(self, verb: str, parameters: Any) -> None:
        line = "gf.SymmetricNetwork(own, others, output)"
        _checks.instance(verb, "parameters", parameters, SymmetricNetwork, line)
        students = sum(orbit.students for orbit in self.orbits)
        _checks.class_shapes(verb, parameters, students, sum(len(orbit.teachers) for orbit in self.orbits))

    def _check_float64(self, verb: str, parameters: Any) -> None:
        self._check_shapes(verb, parameters)
        _checks.in_float64(verb, "parameters", parameters)

    def landscape(self, parameters: SymmetricNetwork) -> Landscape:
        """The loss and its derivatives, traced."""
        return self._landscape("landscape", parameters)

    def _landscape(self, verb: str, parameters: SymmetricNetwork) -> Landscape:
        self._check_float64(verb, parameters)
        return landscape(self.orbits, parameters.own, parameters.others, parameters.output, TRACED)

    def loss(self, parameters: SymmetricNetwork) -> Float[Array, ""]:
        value: Float[Array, ""] = self._landscape("loss", parameters).loss
        return value

    def gradient(self, parameters: SymmetricNetwork) -> SymmetricNetwork:
        """The entries of the full gradient, one of each class."""
        return self._gradient(self._landscape("gradient", parameters))

    def value_and_gradient(self, parameters: SymmetricNetwork) -> tuple[Float[Array, ""], SymmetricNetwork]:
        here = self._landscape("value_and_gradient", parameters)
        return here.loss, self._gradient(here)

    def hessian_operator(self, parameters: SymmetricNetwork) -> Callable[[SymmetricNetwork], SymmetricNetwork]:
        product = HessianProduct(self._landscape("hessian_operator", parameters), Trivial(self.orbits))
        return lambda direction: self._along(product, direction)

    def hvp(self, parameters: SymmetricNetwork, direction: SymmetricNetwork) -> SymmetricNetwork:
        self._check_float64("hvp", parameters)
        self._check_float64("hvp", direction)
        return self.hessian_operator(parameters)(direction)

    def gradient_rounding(self, parameters: SymmetricNetwork) -> Float[Array, " param"]:
        """4 ε times the largest sum of the sizes of the terms of an entry, for every one."""
        terms = self.flatten(self._gradient(self._landscape("gradient_rounding", parameters).magnitude))
        return jnp.full_like(terms, ROUNDINGS * EPSILON * jnp.max(jnp.abs(terms)))

    def gradient_floor(self, parameters: SymmetricNetwork) -> Float[Array, ""]:
        """4 ε times the largest sum of the sizes of the terms of an entry."""
        self._check_float64("gradient_floor", parameters)
        return super().gradient_floor(parameters)

    def loss_floor(self, parameters: SymmetricNetwork) -> Float[Array, ""]:
        """4 ε times the sum of the sizes of the terms."""
        terms: Float[Array, ""] = self._landscape("loss_floor", parameters).magnitude.loss
        return ROUNDINGS * EPSILON * terms

    def relative_hessian_error(self, parameters: SymmetricNetwork) -> Float[Array, ""]:
        """Nothing is known but `hessian_error`."""
        self._check_float64("relative_hessian_error", parameters)
        return jnp.asarray(jnp.inf)

    def hessian_error(self, parameters: SymmetricNetwork) -> Float[Array, " param"]:
        product = HessianProduct(self._landscape("hessian_error", parameters).magnitude, Trivial(self.orbits))
        ones = self.unflatten(jnp.ones_like(self.flatten(parameters)), parameters)
        return TERMS * EPSILON * self.flatten(self._along(product, ones))

    @property
    def least_loss(self) -> float:
        return 0.0

    def flatten(self, parameters: SymmetricNetwork) -> Float[Array, " param"]:
        self._check_float64("flatten", parameters)
        own, others = self._pairs
        entries = [parameters.own[at] for at in own] + [parameters.others[at] for at in others]
        entries += [parameters.output[x] for x in range(parameters.output.shape[0])]
        vector: Float[Array, " param"] = TRACED.stack(entries) * self._lengths
        return vector

    def unflatten(self, vector: Float[Array | np.ndarray, " param"], like: SymmetricNetwork) -> SymmetricNetwork:
        self._check_float64("unflatten", like)
        lengths = self._lengths
        entries = _checks.vector("unflatten", vector, lengths.size) / lengths
        (own, others), shape = self._pairs, like.own.shape
        parts = [jnp.zeros(shape), jnp.zeros(shape)]
        for part, (places, first) in enumerate(((own, 0), (others, len(own)))):
            for at, place in enumerate(places, start=first):
                parts[part] = parts[part].at[place].set(entries[at])
        return SymmetricNetwork(parts[0], parts[1], entries[len(own) + len(others) :])

    def spectrum(
        self, parameters: Any, d: Checked[int | None] = None, *, digits: Checked[int] = FLOAT64_DIGITS
    ) -> SymmetricSpectrum:
        """All eigenvalues of the full Hessian in `d` input dimensions (one more than there are teachers, if left out),
        with their multiplicities. `digits` beyond 15 asks for an arithmetic of so many, and parameters that have them.
        """
        arithmetic = arithmetic_of(_checks.digits("spectrum", digits))
        return spectrum(self.orbits, self.given("spectrum", parameters), self.excess("spectrum", d), arithmetic)

    def student(self, parameters: Any, d: Checked[int | None] = None) -> TwoLayerNetwork:
        """The full network in `d` dimensions, class by class, for teachers e_1, e_2, … in the order of theirs.

        Raises `ValueError` for sizes that are no integers, `MemoryError` if it would not fit.
        """
        k = _checks.whole("student", "the number of teachers", self._teachers)
        return expanded("student", self.orbits, self.given("student", parameters), k + self.excess("student", d))

    def given(self, verb: str, parameters: Any) -> SymmetricNetwork:
        """Parameters in float64 or in many digits."""
        found = self.shaped(verb, parameters)
        _checks.many_digits(verb, found)
        return found

    def shaped(self, verb: str, parameters: Any) -> SymmetricNetwork:
        """Parameters of the right shapes, whatever their numbers are."""
        found: SymmetricNetwork
        found = parameters.network if hasattr(parameters, "network") else parameters_of(parameters)
        self._check_shapes(verb, found)
        return found

    @property
    def _teachers(self) -> Any:
        return sum(orbit.size * len(orbit.teachers) for orbit in self.orbits)

    def excess(self, verb: str, d: Any) -> int:
        """How many dimensions the teachers do not use."""
        if d is None:
            return 1
        k = _checks.whole(verb, "the number of teachers", self._teachers)
        dimension = _checks.count(verb, "d", d, f"d={k + 1}")
        _checks.teacher_fits(verb, k, dimension)
        return dimension - k

    def _gradient(self, here: Landscape) -> SymmetricNetwork:
        gradient = here.weights_gradient
        return SymmetricNetwork(gradient.own, gradient.constant, here.output_gradient)

    def _along(self, product: HessianProduct, direction: SymmetricNetwork) -> SymmetricNetwork:
        weights = product.weights
        inside = TRACED.array(weights.same)
        parts = (direction.others[None], ((direction.own - direction.others) * inside)[None])
        image, output = product(Direction(weights.rows, weights.columns, parts), direction.output[None])
        constant, diagonal = (part[0] for part in image.parts)
        return SymmetricNetwork(constant + diagonal, constant, output[0])

    @property
    def _pairs(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        return pairs(self.orbits, student_classes(self.orbits, TRACED), teacher_classes(self.orbits, TRACED))

    @property
    def _lengths(self) -> Float[Array, " param"]:
        rows, columns = student_classes(self.orbits, TRACED), teacher_classes(self.orbits, TRACED)
        return jnp.sqrt(Trivial(self.orbits).basis(rows, columns, TRACED).squares)
