"""Every method of a problem can be traced, compiled, differentiated and mapped by JAX, or says the line to write."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongType


class Own(gf.AbstractProblem):
    """A user's problem with an array in a field."""

    matrix: jax.Array

    def loss(self, parameters):
        return jnp.sum((self.matrix @ parameters - 1) ** 2)


def _symmetric():
    point = gf.perturbed_n_copy(k=8, n=4)
    return point.problem, point.network


def _teacher_student(width, **options):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2), width, **options)
    return problem, problem.init(jax.random.key(0))


def _loss():
    problem = gf.Loss(lambda p: jnp.sum(p["w"] ** 4) + p["b"] ** 2, init={"w": [1.0, 2.0], "b": 1.0})
    return problem, problem.init


PROBLEMS = {
    "teacher-student": _teacher_student(2),
    "output only": _teacher_student(2, free=("output",)),
    "padded": _teacher_student(1, padded_width=3),
    "loss": _loss(),
    "a user's own": (Own(jnp.eye(2)), jnp.ones(2)),
    "symmetric": _symmetric(),
}
METHODS = (
    "loss",
    "gradient",
    "value_and_gradient",
    "hessian",
    "hessian_error",
    "gradient_floor",
    "loss_floor",
    "invariants",
    "flatten",
)


def _twice(parameters):
    return jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), parameters)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_method_is_traced_by_jit_grad_and_vmap(name):
    problem, parameters = PROBLEMS[name]
    for method in METHODS:
        jax.jit(getattr(problem, method)).trace(parameters)
        jax.eval_shape(jax.vmap(getattr(problem, method)), _twice(parameters))
    eqx.filter_jit(problem.loss).lower(parameters)
    jax.jit(problem.hvp).trace(parameters, parameters)
    jax.eval_shape(jax.vmap(problem.hvp), _twice(parameters), _twice(parameters))
    jax.jit(lambda here: problem.hessian_operator(here)(here)).trace(parameters)
    jax.jit(problem.unflatten).trace(problem.flatten(parameters), parameters)
    jax.eval_shape(jax.jit(jax.grad(problem.loss)), parameters)
    jax.eval_shape(jax.grad(jax.jit(problem.loss)), parameters)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_compiled_method_is_found_again_inside_another(name):
    problem, parameters = PROBLEMS[name]
    for addend in (1.0, 2.0):  # the second looks the first's up in JAX's table, while JAX traces
        jax.jit(lambda here, addend=addend: jax.jit(problem.loss)(here) + addend).trace(parameters)


def test_a_compiled_loss_is_that_of_its_own_problem():
    one, two = Own(jnp.eye(2)), Own(2 * jnp.eye(2))
    at = jnp.zeros(2)
    for problem in (one, two, one):
        value, gradient = jax.jit(problem.value_and_gradient)(at)
        assert value == 2
        assert np.array_equal(gradient, -2 * problem.matrix @ jnp.ones(2))


def test_problems_and_methods_are_equal_by_content_and_hash_alike():
    one, same, other = Own(jnp.eye(2)), Own(jnp.eye(2)), Own(2 * jnp.eye(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != 1
    assert one.loss == same.loss
    assert hash(one.loss) == hash(same.loss)
    assert one.loss != other.loss
    assert one.loss != one.gradient
    assert len({one, same, other}) == 2
    network = gf.TwoLayerNetwork([[1, 0]], [1])
    assert network == gf.TwoLayerNetwork([[1, 0]], [1])
    assert network != gf.TwoLayerNetwork([[1, 0]], [2])


def test_a_method_is_known_by_the_name_of_its_function_and_carries_its_arrays():
    problem = Own(jnp.eye(2))
    assert problem.loss.__name__ == "loss"
    assert problem.hvp.__doc__ == gf.AbstractProblem.hvp.__doc__
    assert len(jax.tree.leaves(problem.loss)) == 1


def test_a_student_is_drawn_and_evaluated_under_jit_and_vmap():
    problem, student = PROBLEMS["teacher-student"]
    jax.jit(problem.init).trace(jax.random.key(0))
    assert jax.vmap(problem.init)(jax.random.split(jax.random.key(0), 3)).weights.shape == (3, 2, 2)
    jax.jit(student).trace(jnp.ones(2))
    jax.jit(lambda here: jax.vmap(here)(jnp.ones((3, 2)))).trace(student)


VERBS = {
    "flow": lambda problem, student: gf.flow(problem, student).losses,
    "refine": lambda problem, student: gf.refine(problem, student).loss,
    "classify": lambda problem, student: gf.classify(problem, student).index,
    "solve": lambda problem, student: gf.solve(problem, student).student,
    "solve_many": lambda problem, student: gf.solve_many(problem, [student])[0].student,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["teacher-student", "loss", "a user's own", "symmetric"])
def test_a_verb_inside_a_transformation_says_that_it_belongs_outside(verb, name):
    problem, parameters = PROBLEMS[name]
    with pytest.raises(WrongType, match=f"{verb}: parameters must be numbers.*Call {verb} outside"):
        jax.jit(lambda here: VERBS[verb](problem, here)).trace(parameters)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["teacher-student", "loss"])
def test_a_verb_of_known_numbers_inside_jit_says_so_too(verb, name):
    problem, parameters = PROBLEMS[name]
    with pytest.raises(WrongType, match=f"{verb}: parameters must be numbers.*Call {verb} outside"):
        jax.jit(lambda x: VERBS[verb](problem, parameters)).trace(1.0)


@pytest.mark.parametrize("name", ["identify", "isotropy", "structural_zero_modes"])
def test_what_is_found_on_the_host_says_so(name):
    problem, student = PROBLEMS["teacher-student"]
    verb = problem.structural_zero_modes if name == "structural_zero_modes" else None
    with pytest.raises(WrongType, match=f"{name}: parameters must be numbers"):
        jax.jit(lambda here: verb(here) if verb else getattr(gf, name)(problem, here)).trace(student)


@pytest.mark.parametrize("transform", [jax.jit, jax.grad, jax.vmap])
def test_a_problem_made_of_a_traced_teacher_says_that_it_belongs_outside(transform):
    def loss(weights):
        return gf.TeacherStudent(gf.TwoLayerNetwork(weights, jnp.ones(2)), 2).loss(gf.orthonormal_teacher(2))

    batch = (1,) * (transform is jax.vmap)
    with pytest.raises(WrongType, match=r"TeacherStudent: teacher must be numbers.* Make teacher and problem = "):
        transform(loss)(jnp.ones((*batch, 2, 2)))


def test_a_problem_of_a_known_teacher_may_be_made_where_jax_traces():
    teacher, student = gf.orthonormal_teacher(2), gf.TwoLayerNetwork([[1.0, 0.5]], [1.0])
    found = jax.jit(lambda here: gf.TeacherStudent(teacher, 1).loss(here))(student)
    assert float(found) == pytest.approx(float(gf.TeacherStudent(teacher, 1).loss(student)), abs=1e-15)


def test_a_loss_made_of_a_traced_number_is_differentiated_in_it():
    slope = jax.grad(lambda a: gf.Loss(lambda x: jnp.sum((x - a) ** 2), [0.0, 0.0]).loss(jnp.ones(2)))(3.0)
    assert float(slope) == 2 * 2 * (3 - 1)
