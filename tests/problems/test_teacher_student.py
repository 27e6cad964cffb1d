"""TeacherStudent: derivatives against autodiff and quadrature, symmetries, frozen leaves, padding, wrong use."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow.problems import evaluation

RNG = np.random.default_rng(11)
# not orthonormal, any output weights, k = 3 in d = 4
TEACHER = gf.TwoLayerNetwork(RNG.standard_normal((3, 4)), [1.3, -0.7, 2.0])
# n > k = 3; long: norms about 10, beyond the short vectors that are summed by matrix products
STUDENTS = {
    "generic": gf.TwoLayerNetwork(RNG.standard_normal((5, 4)), RNG.standard_normal(5)),
    "long": gf.TwoLayerNetwork(5 * RNG.standard_normal((5, 4)), RNG.standard_normal(5)),
}
students = pytest.mark.parametrize("student", STUDENTS.values(), ids=STUDENTS.keys())


@pytest.fixture(scope="module")
def general():
    return gf.TeacherStudent(TEACHER, width=5)


@eqx.filter_jit
def autodiff(problem, vector, like):
    """Value, gradient and Hessian of the loss in the parameters as one vector."""

    def loss(vector):
        return problem.loss(problem.unflatten(vector, like))

    return loss(vector), jax.grad(loss)(vector), jax.hessian(loss)(vector)


def close(got, wanted, digits):
    """Equal to `digits` relative to the largest entry."""
    return np.max(np.abs(np.asarray(got) - np.asarray(wanted))) <= digits * np.max(np.abs(np.asarray(wanted)))


@pytest.mark.slow
@students
def test_loss_gradient_and_hessian_are_those_of_autodiff(general, student):
    loss, gradient, hessian = autodiff(general, general.flatten(student), student)
    value, structure = general.value_and_gradient(student)
    assert float(value) == pytest.approx(float(loss), rel=1e-14)
    assert close(general.flatten(structure), gradient, 1e-14)
    assert close(general.flatten(general.gradient(student)), gradient, 1e-14)
    # autodiff of the loss has lost more digits than the formulas (test_accuracy.py)
    assert close(general.hessian(student), hessian, 1e-13)


@pytest.mark.slow
@students
def test_the_hessian_vector_product_is_the_hessian_times_the_vector(general, student):
    direction = general.unflatten(jnp.asarray(np.random.default_rng(0).standard_normal(25)), student)
    product = eqx.filter_jit(general.hvp)(student, direction)
    assert isinstance(product, gf.TwoLayerNetwork)
    wanted = np.asarray(general.hessian(student)) @ np.asarray(general.flatten(direction))
    assert close(general.flatten(product), wanted, 1e-13)


@students
def test_the_hessian_is_symmetric_to_the_last_bit(general, student):
    hessian = np.asarray(general.hessian(student))
    assert hessian.shape == (25, 25)
    np.testing.assert_array_equal(hessian, hessian.T)


def test_the_loss_is_the_integral_by_quadrature():
    # x in two dimensions, 120 × 120 Gauss–Hermite nodes; norms below 1 keep the integrand smooth enough for all digits
    points, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / math.sqrt(2 * math.pi)
    x = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1)
    student = gf.TwoLayerNetwork([[0.5, -0.3], [0.1, 0.8], [0.0, 0.0]], [1.5, -0.4, 2.0])
    teacher = gf.TwoLayerNetwork([[0.6, 0.6], [-0.2, 0.4]], [1.0, 0.7])
    squares = (np.asarray(student(x)) - np.asarray(teacher(x))) ** 2
    loss = gf.TeacherStudent(teacher, width=3).loss(student)
    assert float(loss) == pytest.approx(weights @ squares @ weights, rel=0, abs=1e-13)


def test_the_loss_has_no_factor_one_half():
    # f = 0, three orthonormal teachers: L = E[f*²] = 3 g(1, 1, 1) = 3 (2/π) asin(½) = 1
    problem, zero = gf.TeacherStudent(gf.orthonormal_teacher(3, 4), width=5), np.zeros((5, 4))
    assert float(problem.loss(gf.TwoLayerNetwork(zero, np.zeros(5)))) == pytest.approx(1, rel=1e-15)


@students
def test_permuting_and_flipping_neurons_leaves_the_loss_unchanged_and_moves_the_gradient_along(general, student):
    order, signs = np.array([3, 0, 4, 1, 2]), np.array([1.0, -1.0, -1.0, 1.0, -1.0])

    def moved(net):
        return gf.TwoLayerNetwork(net.weights[order] * signs[:, None], net.output[order] * signs)

    assert float(general.loss(moved(student))) == pytest.approx(float(general.loss(student)), rel=1e-14)
    gradient = general.flatten(moved(general.gradient(student)))
    assert close(general.flatten(general.gradient(moved(student))), gradient, 1e-14)


@students
def test_rotating_student_and_teacher_together_changes_nothing(general, student):
    rotation = np.linalg.qr(np.random.default_rng(5).standard_normal((4, 4)))[0]
    rotated = gf.TeacherStudent(gf.TwoLayerNetwork(TEACHER.weights @ rotation, TEACHER.output), width=5)
    turned = gf.TwoLayerNetwork(student.weights @ rotation, student.output)
    assert float(rotated.loss(turned)) == pytest.approx(float(general.loss(student)), rel=1e-13)
    before, after = general.gradient(student), rotated.gradient(turned)
    assert close(after.weights, before.weights @ rotation, 1e-13)
    assert close(after.output, before.output, 1e-13)
    spectra = [np.linalg.eigvalsh(p.hessian(net)) for p, net in ((general, student), (rotated, turned))]
    assert close(spectra[1], spectra[0], 1e-13)


def test_vectors_list_the_weights_row_by_row_then_the_output(general):
    student = STUDENTS["generic"]
    vector = general.flatten(student)
    np.testing.assert_array_equal(vector, [*np.asarray(student.weights).ravel(), *np.asarray(student.output)])
    np.testing.assert_array_equal(vector, jax.flatten_util.ravel_pytree(student)[0])
    back = general.unflatten(vector, STUDENTS["long"])
    np.testing.assert_array_equal(back.weights, student.weights)
    np.testing.assert_array_equal(back.output, student.output)


def test_the_gradient_has_the_structure_of_the_student(general):
    student = STUDENTS["generic"]
    assert jax.tree.structure(general.gradient(student)) == jax.tree.structure(student)


def test_the_perfect_copy_has_a_loss_and_a_gradient_at_their_floors():
    problem = gf.TeacherStudent(TEACHER, width=3, padded_width=5)
    values = evaluation.values(problem, TEACHER)
    assert abs(values.loss) <= values.loss_floor
    assert values.gradient_norm <= values.gradient_floor
    assert problem.least_loss == 0


def test_the_whole_gradient_is_zero_where_all_weights_are():
    problem = gf.TeacherStudent(TEACHER, width=5)
    gradient = problem.gradient(gf.TwoLayerNetwork(np.zeros((5, 4)), np.zeros(5)))
    assert np.all(np.asarray(problem.flatten(gradient)) == 0)


@pytest.mark.parametrize("free", ["weights", "output"])
def test_leaves_that_are_not_free_have_no_gradient_and_no_rows_in_the_hessian(general, free):
    student = STUDENTS["generic"]
    problem = gf.TeacherStudent(TEACHER, width=5, free=(free,))
    chosen = slice(0, 20) if free == "weights" else slice(20, 25)
    np.testing.assert_array_equal(
        problem.flatten(problem.gradient(student)), general.flatten(general.gradient(student))[chosen]
    )
    frozen = "output" if free == "weights" else "weights"
    assert np.all(np.asarray(getattr(problem.gradient(student), frozen)) == 0)
    np.testing.assert_array_equal(problem.hessian(student), general.hessian(student)[chosen, chosen])
    assert problem.hessian_error(student).shape == problem.flatten(student).shape
    assert problem.gradient_floor(student) <= general.gradient_floor(student)
    moved = problem.unflatten(jnp.zeros_like(problem.flatten(student)), student)
    np.testing.assert_array_equal(getattr(moved, frozen), getattr(student, frozen))


def test_free_leaves_may_come_in_any_order():
    assert gf.TeacherStudent(TEACHER, 2, free=("output", "weights")).free == ("weights", "output")


def test_padded_widths_share_one_compiled_problem():
    first, second, whole = (gf.TeacherStudent(TEACHER, width, padded_width=5).compiled() for width in (2, 4, 5))
    assert first.width == second.width == whole.width == 5
    assert jax.tree.structure(first) == jax.tree.structure(second) == jax.tree.structure(whole)
    students = [p.pad(p.init(jax.random.key(0))) for p in (first, second, whole)]
    assert all(student.weights.shape == (5, 4) for student in students)


PAIR = gf.TwoLayerNetwork(STUDENTS["generic"].weights[:2], STUDENTS["generic"].output[:2])


@pytest.mark.slow
def test_padding_changes_no_value_and_counts_in_none():
    plain, padded = gf.TeacherStudent(TEACHER, 2), gf.TeacherStudent(TEACHER, 2, padded_width=5)
    wanted, got = evaluation.values(plain, PAIR), evaluation.values(padded, PAIR)
    assert got.loss == pytest.approx(wanted.loss, rel=1e-15)
    assert got.gradient.shape == wanted.gradient.shape == (10,)
    assert close(got.gradient, wanted.gradient, 1e-15)
    assert got.gradient_floor == pytest.approx(wanted.gradient_floor, rel=1e-15)
    assert got.loss_floor == pytest.approx(wanted.loss_floor, rel=1e-15)
    wanted_hessian, wanted_error = evaluation.hessian(plain, PAIR)
    got_hessian, got_error = evaluation.hessian(padded, PAIR)
    assert got_hessian.shape == wanted_hessian.shape == (10, 10)
    assert close(got_hessian, wanted_hessian, 1e-15)
    assert got_error == pytest.approx(wanted_error, rel=1e-14)


def test_padding_and_frozen_leaves_go_together():
    padded = gf.TeacherStudent(TEACHER, 2, free=("weights",), padded_width=5)
    wanted = evaluation.values(gf.TeacherStudent(TEACHER, 2), PAIR)
    assert close(evaluation.values(padded, PAIR).gradient, wanted.gradient[:8], 1e-15)
    assert padded.compiled().free == ("weights",)


def test_padding_comes_off_again():
    problem = gf.TeacherStudent(TEACHER, 2, padded_width=5)
    student = problem.init(jax.random.key(0))
    assert problem.pad(student).weights.shape == (5, 4)
    assert not np.any(problem.pad(student).weights[2:])
    assert not np.any(problem.pad(student).output[2:])
    back = problem.unpad(problem.pad(student))
    np.testing.assert_array_equal(back.weights, student.weights)
    np.testing.assert_array_equal(back.output, student.output)


def test_init_draws_glorot_normal_by_default_and_another_law_if_given(general):
    key = jax.random.key(3)
    drawn, law = general.init(key), gf.GlorotNormal()(key, 5, 4, gf.Erf())
    np.testing.assert_array_equal(drawn.weights, law.weights)
    np.testing.assert_array_equal(drawn.output, law.output)
    np.testing.assert_array_equal(general.init(key, gf.UnitSphere(output=2.0)).output, np.full(5, 2.0))


def test_keys_of_the_old_style_draw_the_same_weights(as_a_user_calls, general):
    old, new = general.init(jax.random.PRNGKey(3)), general.init(jax.random.key(3))
    np.testing.assert_array_equal(old.weights, new.weights)


def test_a_checked_student_is_itself(general):
    checked = general.check("flow", STUDENTS["generic"])
    np.testing.assert_array_equal(checked.weights, STUDENTS["generic"].weights)


@pytest.mark.parametrize(
    ("arguments", "more", "error", "message"),
    [
        ((TEACHER, 0), {}, ValueError, r"width must be at least 1, got 0\. Write TeacherStudent\(teacher, width=4\)"),
        ((TEACHER, -1), {}, ValueError, "width must be at least 1, got -1"),
        (
            (TEACHER, 2.5),
            {},
            TypeError,
            r"width must be an integer, got 2\.5\. Write TeacherStudent\(teacher, width=4\)",
        ),
        ((TEACHER, True), {}, TypeError, "width must be an integer, got True"),
        ((TEACHER, "4"), {}, TypeError, "width must be an integer, got '4'"),
        ((np.eye(3), 2), {}, TypeError, r"teacher must be TwoLayerNetwork.*Write TeacherStudent\(teacher, width=4\)"),
        ((gf.TwoLayerNetwork, 2), {}, TypeError, "teacher must be TwoLayerNetwork, got the class TwoLayerNetwork"),
        (
            (TEACHER, 2),
            {"free": ("bias",)},
            ValueError,
            r"free names .*got \('bias',\)\. Write free=\('weights', 'output'",
        ),
        ((TEACHER, 2), {"free": ()}, ValueError, r"free names .*got \(\)"),
        ((TEACHER, 2), {"free": ("output", "output")}, ValueError, "free names"),
        (
            (TEACHER, 2),
            {"padded_width": 1},
            ValueError,
            r"padded_width must be at least 2, got 1\. Write padded_width=2",
        ),
        ((TEACHER, 2), {"padded_width": 4.0}, TypeError, r"padded_width must be an integer, got 4\.0"),
        ((TEACHER, 2), {"inputs": "normal"}, TypeError, r"inputs must be Gaussian.*Write inputs=gf\.Gaussian\(\)"),
        ((TEACHER, 2), {"activation": "erf"}, (TypeError, ValueError), "activation"),
    ],
)
def test_an_impossible_problem_is_refused_with_the_line_to_write(as_a_user_calls, arguments, more, error, message):
    with pytest.raises(error, match=rf"(?s)TeacherStudent: .*{message}"):
        gf.TeacherStudent(*arguments, **more)


@pytest.mark.parametrize(
    ("student", "error", "message"),
    [
        (gf.TwoLayerNetwork(np.ones((3, 4)), np.ones(3)), ValueError, r"\(width, input\) = \(5, 4\), got \(3, 4\)"),
        (gf.TwoLayerNetwork(np.ones((5, 3)), np.ones(5)), ValueError, r"\(width, input\) = \(5, 4\), got \(5, 3\)"),
        (np.ones((5, 4)), TypeError, r"student must be TwoLayerNetwork.*Write problem\.init\(jax\.random\.key\(0\)\)"),
        (None, TypeError, "student must be TwoLayerNetwork, got None"),
    ],
)
def test_a_student_that_does_not_fit_is_refused(as_a_user_calls, general, student, error, message):
    with pytest.raises(error, match=rf"(?s)flow: .*{message}"):
        general.check("flow", student)


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (0, TypeError),
        (None, TypeError),
        (np.array([0, 3], "uint32"), TypeError),
        (jnp.array([0.0, 3.0]), TypeError),
        (jax.random.split(jax.random.key(0), 3), ValueError),
    ],
    ids=["a seed", "None", "NumPy", "floats", "three keys"],
)
def test_a_key_that_is_none_is_refused_with_the_line_to_write(as_a_user_calls, general, key, error):
    with pytest.raises(error, match=r"TeacherStudent\.init: .*key.* Write problem\.init\("):
        general.init(key)


def test_a_law_that_is_none_is_refused_with_the_line_to_write(as_a_user_calls, general):
    with pytest.raises(TypeError, match=r"law must be AbstractInitialiser.*Write law=gf\.GlorotNormal\(\)"):
        general.init(jax.random.key(0), gf.GlorotNormal)
