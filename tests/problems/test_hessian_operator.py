"""The Hessian as a linear map is the Hessian, for any activation, teacher and set of trained leaves."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow.activations import AbstractActivation, BlockCoefficients
from gradflow.problems import curvature, expectations
from gradflow.problems.hessian_operator import hessian_operator
from gradflow.problems.teacher import Teacher

RNG = np.random.default_rng(3)
GENERAL = gf.TwoLayerNetwork(RNG.standard_normal((6, 5)), RNG.standard_normal(6))
ON_AXES = gf.TwoLayerNetwork(np.eye(3, 5), [1.0, -2.0, 0.5])


class Quadratic(AbstractActivation):
    """σ(x) = x + x²: g = c + pq + 2c², whose blocks need all four coefficients (A = 1 + p, r = u − (c/A) w)."""

    def __call__(self, u):
        return u + u * u

    def expectation(self, p, q, c, *, gram_determinant=None):
        return c + p * q + 2 * c * c

    def partial_derivatives(self, p, q, c, *, gram_determinant=None):
        raise NotImplementedError

    @property
    def residual_shift(self):
        return 1.0

    def gradient_coefficient(self, pairs):
        """None here: ∇_w g has a part along w besides r, and the tests move the weights alone."""
        return jnp.zeros_like(pairs.c)

    def own_block(self, pairs):
        """∇_w∇_w g = 2q I + 4uuᵀ, with u = r + s w."""
        s = pairs.c / (1 + pairs.p)
        two_q = jnp.broadcast_to(2 * pairs.q, s.shape)
        return BlockCoefficients(two_q, 4 * jnp.ones_like(s), two_q / (1 + pairs.p) + 4 * s * s, 4 * s)

    def cross_block(self, pairs):
        """∇_w∇_u g = (1 + 4c) I + 4wuᵀ + 4uwᵀ."""
        a = 1 + pairs.p
        s, unit = pairs.c / a, 1 + 4 * pairs.c
        return BlockCoefficients(unit, jnp.zeros_like(s), unit / a + 8 * s, 4 * jnp.ones_like(s))

    def planar_cross_block(self, pairs, first, second):
        raise NotImplementedError

    def expectation_size(self, pairs, terms_of_c):
        raise NotImplementedError


@pytest.mark.slow
def test_blocks_with_all_four_coefficients_give_the_cross_blocks_of_autodiff():
    activation, weights, output = Quadratic(), RNG.standard_normal((4, 3)), RNG.standard_normal(4)
    pairs = expectations.own_pairs(jnp.asarray(weights))
    residual = weights[None] - np.asarray(pairs.c / (1 + pairs.p))[:, :, None] * weights[:, None]
    own = curvature.Side(
        pairs=pairs, residual=jnp.asarray(residual), vectors=jnp.asarray(weights), output=jnp.asarray(output)
    )
    rows = curvature._Rows(activation, own, jnp.asarray(weights))

    def expectation(w, u):
        return w @ u + (w @ w) * (u @ u) + 2 * (w @ u) ** 2

    mixed = jax.jacfwd(jax.grad(expectation, argnums=0), argnums=1)
    for i in range(4):
        blocks = [2 * output[i] * output[j] * np.asarray(mixed(weights[i], weights[j])) for j in range(4)]
        np.testing.assert_allclose(rows.of(jnp.asarray(i)), np.concatenate(blocks, axis=1), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_blocks_with_all_four_coefficients_give_the_products_of_autodiff():
    activation, weights, output = Quadratic(), RNG.standard_normal((4, 5)), RNG.standard_normal(4)

    def loss(w):
        def expectations(u):
            c = w @ u.T
            return c + jnp.sum(w * w, axis=1)[:, None] * jnp.sum(u * u, axis=1)[None] + 2 * c * c

        return output @ expectations(w) @ output - 2 * output @ expectations(GENERAL.weights) @ GENERAL.output

    student = gf.TwoLayerNetwork(weights, output)
    product = hessian_operator(Teacher(GENERAL), activation, student)
    step = RNG.standard_normal((4, 5))
    wanted = jax.jvp(jax.grad(loss), (student.weights,), (jnp.asarray(step),))[1]
    np.testing.assert_allclose(product((jnp.asarray(step), jnp.zeros(4)))[0], wanted, rtol=1e-11, atol=1e-11)


def problem_and_student(teacher, width):
    problem = gf.TeacherStudent(teacher, width=width)
    return problem, gf.TwoLayerNetwork(
        RNG.standard_normal((width, teacher.input_dimension)), 3 * RNG.standard_normal(width)
    )


@pytest.mark.slow
@pytest.mark.parametrize("teacher", [GENERAL, ON_AXES, gf.orthonormal_teacher(5)], ids=["general", "on axes", "square"])
@pytest.mark.parametrize("width", [1, 4])
def test_the_operator_is_the_dense_hessian(teacher, width):
    problem, student = problem_and_student(teacher, width)
    product = jax.jit(problem.hessian_operator(student))
    matrix = np.asarray(problem.hessian(student))
    columns = [
        problem.flatten(product(problem.unflatten(jnp.asarray(axis), student))) for axis in np.eye(matrix.shape[0])
    ]
    np.testing.assert_allclose(np.stack(columns, axis=1), matrix, atol=1e-13 * np.max(np.abs(matrix)))


@pytest.mark.slow
def test_a_teacher_on_the_axes_is_any_teacher():
    """Its products are not multiplied out; turned by a rotation it is a general one, with the same values."""
    problem, student = problem_and_student(ON_AXES, 4)
    rotation, _ = np.linalg.qr(RNG.standard_normal((5, 5)))
    turned = gf.TwoLayerNetwork(np.asarray(ON_AXES.weights) @ rotation, ON_AXES.output)
    other = gf.TeacherStudent(turned, width=4)
    moved = gf.TwoLayerNetwork(student.weights @ rotation, student.output)
    assert problem.summed.on_axes
    assert not other.summed.on_axes
    assert float(problem.loss(student)) == pytest.approx(float(other.loss(moved)), rel=1e-13)
    gradient = problem.gradient(student)
    np.testing.assert_allclose(other.gradient(moved).weights, gradient.weights @ rotation, atol=1e-13)
    np.testing.assert_allclose(other.gradient(moved).output, gradient.output, atol=1e-13)


def test_in_a_batch_with_one_long_lane_every_lane_keeps_its_digits():
    """The branch on the length of the vectors is one for the whole batch (a select would compute both, always)."""
    problem, short = problem_and_student(GENERAL, 3)
    long = gf.TwoLayerNetwork(1e3 * short.weights, short.output)
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), short, long)
    together = jax.jit(jax.vmap(problem.gradient))(batch)
    for lane, student in enumerate((short, long)):
        alone = problem.gradient(student)
        size = np.max(np.abs(alone.output))
        np.testing.assert_allclose(together.weights[lane], alone.weights, atol=1e-14 * size)
        np.testing.assert_allclose(together.output[lane], alone.output, atol=1e-14 * size)
    conditionals = str(jax.make_jaxpr(jax.vmap(problem.gradient))(batch))
    assert "cond[" in conditionals


def test_the_operator_is_made_of_three_products_of_matrices_beside_the_two_of_a_general_teacher():
    def products(teacher):
        problem, student = problem_and_student(teacher, 4)
        operator = hessian_operator(Teacher(teacher), problem.activation, student)
        jaxpr = str(jax.make_jaxpr(operator)((student.weights, student.output)))
        return jaxpr.count("dot_general")

    on_axes, general = products(ON_AXES), products(GENERAL)
    assert general == on_axes + 2
    assert on_axes == 3 + 4  # and four of a matrix and a vector
