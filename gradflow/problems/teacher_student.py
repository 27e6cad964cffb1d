"""The population loss of a two-layer student and a two-layer teacher, and its derivatives, in closed form."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from gradflow import _checks, _memory
from gradflow._checks import Checked
from gradflow.activations import AbstractActivation
from gradflow.networks import AbstractInitialiser, GlorotNormal, TwoLayerNetwork
from gradflow.problems import curvature, expectations, zero_modes
from gradflow.problems.base import AbstractProblem, ZeroModes
from gradflow.problems.confinement import Confined, span_basis
from gradflow.problems.hessian_operator import hessian_operator, hessian_vector_product
from gradflow.problems.inputs import Gaussian
from gradflow.problems.rounding import AT_FLOOR, EPSILON, ROUNDINGS
from gradflow.problems.teacher import Teacher

# an entry of a Hessian block is wrong by at most this many units of rounding of what the block sums: 5 were measured
# against mpmath, and the bound is what tests/problems/test_accuracy.py tests
_BLOCK_ROUNDINGS = 8


class TeacherStudent(AbstractProblem):
    """L(W, a) = E[(f(x) − f*(x))²] for x ~ N(0, I): no factor ½.

    `teacher` is any two-layer network, orthonormal or not, with any output weights; `width` is the student's, below, at
    or above the teacher's. With g the Gaussian expectation of the activation, w_i the rows of W and (v_j, b_j) the
    teacher,

        L = Σ_ij a_i a_j g(w_i, w_j) − 2 Σ_ij a_i b_j g(w_i, v_j) + Σ_ij b_i b_j g(v_i, v_j).

    `free` names the trained leaves; the gradient of the others is zero and the Hessian leaves them out. `padded_width`
    lets several widths share one compiled shape: dead neurons (w = 0, a = 0), which the flow leaves where they are,
    fill up the arrays inside compiled code and never count in P, index, nullity or floor.

    Source: Saad & Solla, Phys. Rev. E 52 (1995); Simsek, Bendjeddou, Gerstner & Brea (2023), arXiv 2311.01644.
    """

    teacher: TwoLayerNetwork
    teacher_energy: Float[Array, ""]
    width: int = eqx.field(static=True)
    activation: AbstractActivation = eqx.field(static=True)
    inputs: Gaussian = eqx.field(static=True)
    free: tuple[str, ...] = eqx.field(static=True)
    padded_width: int = eqx.field(static=True)
    padded: "TeacherStudent | None"
    summed: Teacher

    def __init__(
        self,
        teacher: Checked[TwoLayerNetwork],
        width: Checked[int],
        *,
        activation: Checked[AbstractActivation | None] = None,
        inputs: Checked[Gaussian | None] = None,
        free: Checked[tuple[str, ...]] = ("weights", "output"),
        padded_width: Checked[int | None] = None,
    ):
        line = "TeacherStudent(teacher, width=4)"
        self.teacher = _checks.instance("TeacherStudent", "teacher", teacher, TwoLayerNetwork, line)
        self.width = _checks.count("TeacherStudent", "width", width, line)
        activation = teacher.activation if activation is None else activation
        self.activation = _checks.instance(
            "TeacherStudent", "activation", activation, AbstractActivation, "activation=gf.Erf()"
        )
        _checks.same_activation(self.activation, teacher.activation)
        _checks.network_shapes(teacher.weights, teacher.output)
        _checks.known_teacher(teacher.weights, teacher.output)
        inputs = Gaussian() if inputs is None else inputs
        self.inputs = _checks.instance("TeacherStudent", "inputs", inputs, Gaussian, "inputs=gf.Gaussian()")
        self.free = _checks.free_leaves(free)
        self.padded_width = self.width
        if padded_width is not None:
            example = f"padded_width={self.width}"
            self.padded_width = _checks.count("TeacherStudent", "padded_width", padded_width, example, least=self.width)
        _require_memory(teacher, self.padded_width)
        self.summed = Teacher(teacher)
        self.padded = None
        if self.padded_width > self.width:
            self.padded = TeacherStudent(teacher, self.padded_width, activation=activation, inputs=inputs, free=free)
        with jax.ensure_compile_time_eval():  # a number where JAX traces, too
            self.teacher_energy = jnp.asarray(expectations.energy(teacher.weights, teacher.output, self.activation))

    def init(self, key: Any, law: Checked[AbstractInitialiser | None] = None) -> TwoLayerNetwork:
        """A student drawn with `key`: Glorot normal, or another `law`."""
        law = _checks.instance(
            "TeacherStudent.init",
            "law",
            GlorotNormal() if law is None else law,
            AbstractInitialiser,
            "law=gf.GlorotNormal()",
        )
        return law(_checks.key("TeacherStudent.init", key), self.width, self.teacher.input_dimension, self.activation)

    def check(self, verb: str, parameters: Any) -> TwoLayerNetwork:
        line = "problem.init(jax.random.key(0)) or TwoLayerNetwork(weights, output)"
        network: TwoLayerNetwork = _checks.instance(verb, "student", parameters, TwoLayerNetwork, line)
        _checks.known(verb, network)
        self._check_shape(verb, network)
        _checks.same_activation(self.activation, network.activation)
        return TwoLayerNetwork(network.weights, network.output, network.activation)

    def loss(self, parameters: TwoLayerNetwork) -> Float[Array, ""]:
        """L, a difference of O(k²) terms of order 1: right to `loss_floor`, and no stopping criterion."""
        self._check_shape("loss", parameters)
        among, across = expectations.loss_terms(self.summed, self.activation, parameters)
        return self.teacher_energy + jnp.sum(jnp.sum(among, axis=1) + jnp.sum(across, axis=1))

    def value_and_gradient(self, parameters: TwoLayerNetwork) -> tuple[Float[Array, ""], TwoLayerNetwork]:
        """L and ∇L at the cost of the pairs' angles and a few matrix products."""
        self._check_shape("value_and_gradient", parameters)
        sums, weights, output = expectations.loss_and_gradient(self.summed, self.activation, parameters)
        return self.teacher_energy + sums, self._network(weights, output)

    def gradient(self, parameters: TwoLayerNetwork) -> TwoLayerNetwork:
        """∇L, a network of the student's shape; zero in the leaves that are not trained."""
        self._check_shape("gradient", parameters)
        return self.value_and_gradient(parameters)[1]

    def hvp(self, parameters: TwoLayerNetwork, direction: TwoLayerNetwork) -> TwoLayerNetwork:
        """H times a direction, a network of the student's shape, at the cost of about two gradients."""
        self._check_shape("hvp", parameters)
        self._check_shape("hvp", direction)
        return self._network(*hessian_vector_product(self.summed, self.activation, parameters, direction))

    def hessian_operator(self, parameters: TwoLayerNetwork) -> Callable[[TwoLayerNetwork], TwoLayerNetwork]:
        """H as a linear map, three small matrix products a direction; right to ε‖w‖² relative to ‖H‖."""
        self._check_shape("hessian_operator", parameters)
        product = hessian_operator(self.summed, self.activation, parameters)
        return lambda direction: self._network(*product((direction.weights, direction.output)))

    def hessian(self, parameters: TwoLayerNetwork) -> Float[Array, "param param"]:
        """The dense Hessian (P, P), rows in the order W row by row, then a; every pair's block in residual form."""
        self._check_shape("hessian", parameters)
        matrix = curvature.hessian(self.summed, self.activation, parameters)
        kept = np.flatnonzero(self._free_mask(parameters))
        return matrix[kept][:, kept] if len(kept) < len(matrix) else matrix

    def gradient_rounding(self, parameters: TwoLayerNetwork) -> Float[Array, " param"]:
        """4 ε max_i Σ_j |term j of ∂_i L|, the terms being those that the formula sums: the same for every component,
        since the parameters' own rounding is of the size of the largest.
        """
        self._check_shape("gradient_rounding", parameters)
        sizes = self.flatten(self._network(*expectations.gradient_sizes(self.summed, self.activation, parameters)))
        return jnp.full_like(sizes, ROUNDINGS * EPSILON * jnp.max(sizes))

    def gradient_floor(self, parameters: TwoLayerNetwork) -> Float[Array, ""]:
        """4 ε max_i Σ_j |term j of ∂_i L|."""
        self._check_shape("gradient_floor", parameters)
        return super().gradient_floor(parameters)

    def loss_floor(self, parameters: TwoLayerNetwork) -> Float[Array, ""]:
        """4 ε Σ |terms of L|."""
        self._check_shape("loss_floor", parameters)
        among, across = expectations.loss_terms(self.summed, self.activation, parameters)
        return ROUNDINGS * EPSILON * (self.teacher_energy + jnp.sum(jnp.abs(among)) + jnp.sum(jnp.abs(across)))

    def relative_hessian_error(self, parameters: TwoLayerNetwork) -> Float[Array, ""]:
        """Nothing is known but `hessian_error`."""
        self._check_shape("relative_hessian_error", parameters)
        return jnp.asarray(jnp.inf)

    def hessian_error(self, parameters: TwoLayerNetwork) -> Float[Array, " param"]:
        """For each row a bound on the sum of its rounding errors, from the largest entry of every pair's block."""
        self._check_shape("hessian_error", parameters)
        sizes = curvature.hessian_sizes(self.summed, self.activation, parameters)
        return _BLOCK_ROUNDINGS * EPSILON * sizes[np.flatnonzero(self._free_mask(parameters))]

    def structural_zero_modes(self, parameters: TwoLayerNetwork) -> ZeroModes:
        """Rotations that leave the teacher alone, splits of an output weight between duplicates, dead neurons."""
        _checks.known("structural_zero_modes", parameters)
        self._check_shape("structural_zero_modes", parameters)
        perfect = bool(self.loss(parameters) <= self.least_loss + AT_FLOOR * self.loss_floor(parameters))
        modes = zero_modes.structural(
            self._effective_teacher,
            np.asarray(curvature.curvature(self.summed, self.activation, parameters)),
            np.asarray(expectations.output_slope(self.summed, self.activation, parameters)),
            parameters,
            perfect=perfect,
        )
        kept = self._free_mask(parameters)
        return ZeroModes(curves=modes.curves[kept], kernel=modes.kernel[kept])

    def orbit_tangents(self, parameters: TwoLayerNetwork) -> Float[np.ndarray, "param orbit"]:
        """Rotations of the input space that leave the teacher alone and move the student, where weights are trained."""
        _checks.known("orbit_tangents", parameters)
        self._check_shape("orbit_tangents", parameters)
        tangents = zero_modes.rotation_tangents(self._effective_teacher, np.asarray(parameters.weights))
        kept: Float[np.ndarray, "param rotations"] = tangents[self._free_mask(parameters)]
        return kept if "weights" in self.free else kept[:, :0]

    @property
    def least_loss(self) -> float:
        """0: the loss is an expected square."""
        return 0.0

    def flatten(self, parameters: TwoLayerNetwork) -> Float[Array, " param"]:
        _checks.instance("flatten", "student", parameters, TwoLayerNetwork, "problem.flatten(student)")
        _checks.in_float64("flatten", "student", parameters)
        leaves = {"weights": parameters.weights.ravel(), "output": parameters.output}
        return jnp.concatenate([leaves[name] for name in self.free])

    def unflatten(self, vector: Float[Array | np.ndarray, " param"], like: TwoLayerNetwork) -> TwoLayerNetwork:
        _checks.instance("unflatten", "like", like, TwoLayerNetwork, "problem.unflatten(vector, student)")
        _checks.in_float64("unflatten", "like", like)
        sizes = {"weights": like.weights.size, "output": like.output.size}
        vector = _checks.vector("unflatten", vector, sum(sizes[name] for name in self.free))
        leaves: dict[str, Any] = {"weights": like.weights, "output": like.output}
        start = 0
        for name in self.free:
            leaves[name] = vector[start : start + sizes[name]].reshape(leaves[name].shape)
            start += sizes[name]
        return _with_leaves(like, leaves["weights"], leaves["output"])

    def compiled(self) -> "TeacherStudent":
        return self if self.padded is None else self.padded

    def pad(self, parameters: TwoLayerNetwork) -> TwoLayerNetwork:
        missing = self.padded_width - parameters.weights.shape[0]
        if missing == 0:
            return parameters
        _checks.known("pad", parameters)
        return _with_leaves(
            parameters,
            np.pad(np.asarray(parameters.weights), ((0, missing), (0, 0))),
            np.pad(np.asarray(parameters.output), (0, missing)),
        )

    def unpad(self, parameters: TwoLayerNetwork) -> TwoLayerNetwork:
        if parameters.weights.shape[0] == self.width:
            return parameters
        _checks.known("unpad", parameters)
        weights, output = np.asarray(parameters.weights), np.asarray(parameters.output)
        return _with_leaves(parameters, weights[: self.width], output[: self.width])

    def stacked(self, vectors: Float[np.ndarray, "time padded"], like: TwoLayerNetwork) -> TwoLayerNetwork:
        """All at once: one after the other they would cost as much as a small network's flow."""
        count, start = len(vectors), 0
        leaves = {}
        for name in ("weights", "output"):
            leaf = np.asarray(getattr(like, name))
            if name in self.free:
                leaves[name] = vectors[:, start : start + leaf.size].reshape(count, *leaf.shape)[:, : self.width]
                start += leaf.size
            else:
                leaves[name] = np.broadcast_to(leaf[: self.width], (count, *leaf[: self.width].shape))
        return _with_leaves(like, leaves["weights"].copy(), leaves["output"].copy())

    def confined(self, parameters: TwoLayerNetwork) -> Confined | None:
        """In more than k + n input dimensions the flow stays in the span of the teacher and of the initial weights: it
        is followed in k + n coordinates of that span (k + `padded_width`, so that widths share a shape).
        """
        k, d = self.teacher.weights.shape
        size = k + self.padded_width
        if d <= size:
            return None
        _checks.known("confined", parameters)
        teacher, weights = np.asarray(self.teacher.weights), np.asarray(parameters.weights)
        basis = span_basis(teacher, weights, size)
        inside = np.eye(k, size) if is_orthonormal(self.teacher) else teacher @ basis.T
        problem = TeacherStudent(
            TwoLayerNetwork(inside, self.teacher.output, self.activation),
            self.width,
            free=self.free,
            padded_width=self.padded_width,
        )

        def lift(student: TwoLayerNetwork) -> TwoLayerNetwork:
            return _with_leaves(student, np.asarray(student.weights) @ basis, student.output)

        start = TwoLayerNetwork(weights @ basis.T, parameters.output, parameters.activation)
        return Confined(problem=problem, parameters=start, lift=lift)

    @property
    def _effective_teacher(self) -> Float[np.ndarray, "fewer input"]:
        return zero_modes.effective(np.asarray(self.teacher.weights), np.asarray(self.teacher.output))

    def _check_shape(self, verb: str, network: TwoLayerNetwork) -> None:
        line = f"problem.{verb}(problem.init(jax.random.key(0)))"
        _checks.instance(verb, "student", network, TwoLayerNetwork, line)
        _checks.in_float64(verb, "student", network)
        _checks.student_shape(verb, network.weights.shape, (self.width, self.teacher.input_dimension))

    def _network(self, weights: Float[Array, "width input"], output: Float[Array, " width"]) -> TwoLayerNetwork:
        """A gradient, zero in the leaves that are not trained."""
        return TwoLayerNetwork(
            weights if "weights" in self.free else jnp.zeros_like(weights),
            output if "output" in self.free else jnp.zeros_like(output),
            self.activation,
        )

    def _free_mask(self, parameters: TwoLayerNetwork) -> np.ndarray:
        sizes = (("weights", parameters.weights.size), ("output", parameters.output.size))
        return np.concatenate([np.full(size, name in self.free) for name, size in sizes])


def _require_memory(teacher: TwoLayerNetwork, width: int) -> None:
    """The loss is a sum over pairs of neurons: each kind of pair is a matrix, and a teacher on the axes one (d, d)."""
    k, d = teacher.weights.shape
    instead = f"Write TeacherStudent(teacher, width={min(width, k)}), or a teacher in fewer dimensions."
    _memory.require_matrix("TeacherStudent", (max(width, d), width + k + d), instead)


def _with_leaves(network: TwoLayerNetwork, weights: Any, output: Any) -> TwoLayerNetwork:
    """A network with other leaves, unchecked: thousands of them are made along a path."""
    other: TwoLayerNetwork = jax.tree.unflatten(jax.tree.structure(network), [weights, output])
    return other


def is_orthonormal(teacher: TwoLayerNetwork) -> bool:
    """Whether the teacher is the paper's: orthonormal rows, unit output weights (to rounding)."""
    weights, output = np.asarray(teacher.weights), np.asarray(teacher.output)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite overlaps are not orthonormal
        gram = weights @ weights.T
    return bool(np.allclose(gram, np.eye(len(gram)), rtol=0, atol=1e-14) and np.all(output == 1))
