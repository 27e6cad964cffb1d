"""Each symmetry by itself: its tangents are those of its action, what it conserves is conserved, copies are equal."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.symmetries import EXAMPLES, INPUTS, LINEAR, TARGETS, TWO_LAYERS

import gradflow as gf

every = pytest.mark.parametrize("name", EXAMPLES)
continuous = pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "Permutations"])


def flat(parameters):
    return np.asarray(jax.flatten_util.ravel_pytree(parameters)[0])


def in_general_position(example, scale=0.4):
    coordinates = scale * np.random.default_rng(1).normal(size=example.dimension)
    return example.symmetry.transformed(example.init, example.element(coordinates))


@every
def test_the_loss_is_the_same_all_along_the_orbit(name):
    example = EXAMPLES[name]
    there = in_general_position(example)
    assert np.linalg.norm(flat(there) - flat(example.init)) > 0.1
    assert float(example.loss(there)) == pytest.approx(float(example.loss(example.init)), rel=1e-13)


@continuous
def test_the_tangents_are_the_derivatives_of_the_action(name):
    example = EXAMPLES[name]
    tangents = example.symmetry.tangents(example.init)
    assert tangents.shape == (flat(example.init).size, example.dimension)
    # the fourth-order difference of g(hc)·θ errs by h⁴ times the fifth derivative, and by ε/h: both near 1e-12
    step, found = 1e-3, []
    for coordinate in np.eye(example.dimension):
        near = [
            flat(example.symmetry.transformed(example.init, example.element(times * step * coordinate)))
            for times in (-2, -1, 1, 2)
        ]
        found.append((near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step))
    np.testing.assert_allclose(tangents, np.transpose(found), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "motion"),
    [("Rescaling, ReLU squared", np.ones(4)), ("Translations", np.ones(3)), ("Scaling", np.ones(4))],
)
def test_the_action_can_be_differentiated(name, motion):
    """Along the sum of the generators, by JAX: exp(t) of every factor, t of every coordinate."""
    example = EXAMPLES[name]
    path = (lambda t: t * motion) if name == "Translations" else (lambda t: jnp.exp(t) * motion)
    moved = jax.jvp(lambda t: example.symmetry.transformed(example.init, path(t)), (0.0,), (1.0,))[1]
    np.testing.assert_allclose(flat(moved), np.sum(example.symmetry.tangents(example.init), axis=1), rtol=1e-14)


@continuous
def test_the_gradient_is_orthogonal_to_the_orbit(name):
    example = EXAMPLES[name]
    gradient = flat(jax.grad(example.loss)(example.init))
    tangents = example.symmetry.tangents(example.init)
    assert np.all(np.abs(tangents.T @ gradient) <= 1e-13 * np.linalg.norm(tangents, axis=0) * np.linalg.norm(gradient))


@every
def test_a_copy_is_at_distance_zero_and_another_point_is_not(name):
    example = EXAMPLES[name]
    there = in_general_position(example)
    size = np.linalg.norm(flat(example.init))
    for first, second in ((example.init, there), (there, example.init), (example.init, example.init)):
        assert example.symmetry.distance(first, second) <= 1e-13 * size
    other = jax.tree.map(lambda leaf: leaf + np.linspace(0.1, 0.3, leaf.size).reshape(leaf.shape), example.init)
    apart = example.symmetry.distance(example.init, other)
    assert 1e-3 < apart <= np.linalg.norm(flat(example.init) - flat(other)) * (1 + 1e-12)
    # it is that of a point of the orbit, on which the loss is the other's
    nearest = example.symmetry.aligned(example.init, other)
    assert np.linalg.norm(flat(nearest) - flat(example.init)) == pytest.approx(apart, rel=1e-12)
    assert float(example.loss(nearest)) == pytest.approx(float(example.loss(other)), rel=1e-10)


@continuous
def test_no_step_along_the_orbit_comes_nearer(name):
    example = EXAMPLES[name]
    other = jax.tree.map(lambda leaf: leaf + np.linspace(0.1, 0.3, leaf.size).reshape(leaf.shape), example.init)
    nearest = example.symmetry.aligned(example.init, other)
    left = flat(example.init) - flat(nearest)
    slopes = example.symmetry.tangents(nearest).T @ left
    assert np.all(np.abs(slopes) <= 1e-5 * np.linalg.norm(left))


@continuous
def test_representatives_of_one_orbit_are_equal_where_there_are_any(name):
    example = EXAMPLES[name]
    one, other = (example.symmetry.canonical(at) for at in (example.init, in_general_position(example)))
    if name.startswith(("Rescaling", "Translations", "Scaling")):
        np.testing.assert_allclose(flat(one), flat(other), rtol=0, atol=1e-13)
    else:
        assert np.array_equal(flat(one), flat(example.init))


@pytest.mark.parametrize("name", ["Rescaling, ReLU squared", "GeneralLinear", "Translations", "Scaling"])
@pytest.mark.parametrize("rated", [False, True])
def test_the_flow_conserves_what_the_symmetry_says(name, rated):
    example = EXAMPLES[name]
    leaves, structure = jax.tree.flatten(example.init)
    # of GL(h) one rate a leaf; of the others one for every number
    draw = np.random.default_rng(2)
    spread = [
        np.full(leaf.shape, draw.uniform(0.5, 2)) if name == "GeneralLinear" else draw.uniform(0.5, 2, leaf.shape)
        for leaf in leaves
    ]
    rates = jax.tree.unflatten(structure, spread)
    if not rated:
        rates = jax.tree.map(np.ones_like, rates)
    velocity = jax.tree.map(lambda slope, rate: -rate * slope, jax.grad(example.loss)(example.init), rates)
    # what is conserved is a polynomial of degree 2 at most: along the velocity the difference is exact
    ahead, behind = (
        example.symmetry.invariants(jax.tree.map(jnp.add, example.init, step), rates if rated else None)
        for step in (velocity, jax.tree.map(jnp.negative, velocity))
    )
    assert len(ahead) == 1
    for what, value in ahead.items():
        assert np.max(np.abs(value - behind[what])) <= 1e-12 * np.max(np.abs(value))
        assert np.max(np.abs(value)) > 0


def test_of_rotations_and_permutations_nothing_is_conserved():
    for name in ("Rotations", "Orthogonal", "Permutations"):
        assert EXAMPLES[name].symmetry.invariants(EXAMPLES[name].init) == {}


def test_of_rates_that_differ_within_the_space_between_linear_layers_nothing_is_said():
    example = EXAMPLES["GeneralLinear"]
    rates = jax.tree.map(lambda leaf: np.linspace(1.0, 2.0, leaf.size).reshape(leaf.shape), example.init)
    assert example.symmetry.invariants(example.init, rates) == {}


@pytest.mark.parametrize(("rows", "hidden", "columns"), [(1, 5, 3), (2, 4, 2), (6, 2, 1), (5, 8, 9)])
def test_copies_of_linear_layers_of_any_shape_are_at_distance_zero(rows, hidden, columns):
    draw = np.random.default_rng(3)
    layers = (draw.normal(size=(hidden, columns)), draw.normal(size=(rows, hidden)))
    symmetry = gf.GeneralLinear(lambda p: p[1], lambda p: p[0])
    element = draw.normal(size=(hidden, hidden))
    copy = symmetry.transformed(layers, element)
    assert symmetry.distance(layers, copy) <= 1e-12 * np.linalg.cond(element)
    near = (copy[0] + 1e-3, copy[1])
    assert 0 < symmetry.distance(layers, near) <= 1e-3 * np.sqrt(hidden * columns) * np.linalg.cond(element)


def test_rotations_tell_mirror_images_apart_unless_reflections_are_asked_for():
    points = EXAMPLES["Rotations"].init
    mirrored = points * np.array([-1.0, 1.0, 1.0])
    assert gf.Rotations(lambda p: p).distance(points, mirrored) > 0.1
    assert gf.Rotations(lambda p: p, reflections=True).distance(points, mirrored) <= 1e-13
    with pytest.raises(ValueError, match=r"element must be a rotation, an orthogonal matrix of determinant 1"):
        gf.Rotations(lambda p: p).transformed(points, np.diag([-1.0, 1.0, 1.0]))


def test_a_unit_that_is_dead_on_one_side_is_near_what_its_orbit_comes_near_to():
    symmetry = gf.Rescaling(lambda p: p["w"], lambda p: p["a"])
    dead = {"w": np.zeros((1, 2)), "a": np.array([3.0])}
    assert symmetry.distance({"w": np.zeros((1, 2)), "a": np.array([-4.0])}, dead) == 4.0  # c → ∞
    assert symmetry.distance({"w": np.array([[3.0, 4.0]]), "a": np.array([6.0])}, dead) == 5.0  # 3/c = 6
    np.testing.assert_array_equal(flat(symmetry.canonical(dead)), 0.0)


@pytest.mark.parametrize("degree", [0.5, 1.0, 2.0, 3.7])
def test_the_nearest_rescaling_is_the_best_of_all(degree):
    draw = np.random.default_rng(4)
    symmetry = gf.Rescaling(lambda p: p["w"], lambda p: p["a"], degree)
    factors = np.exp(np.linspace(-4, 4, 4001))
    for _ in range(20):
        w, u, a, b = draw.normal(size=3), draw.normal(size=3), draw.normal(), draw.normal()
        tried = np.sum((w - factors[:, None] * u) ** 2, axis=1) + (a - factors**-degree * b) ** 2
        found = symmetry.distance({"w": w[None], "a": np.array([a])}, {"w": u[None], "a": np.array([b])})
        assert found <= np.sqrt(np.min(tried)) * (1 + 1e-12)
        assert found >= np.sqrt(np.min(tried)) * (1 - 1e-3)


def model_loss(model, args):
    return jnp.mean((jax.vmap(model)(args[0]) - args[1]) ** 2)


@pytest.mark.slow
def test_an_equinox_model_has_the_symmetries_of_its_layers():
    model = eqx.nn.MLP(3, "scalar", 4, 2, activation=jax.nn.relu, key=jax.random.key(0))
    layer = [
        gf.Rescaling(lambda m, i=i: (m.layers[i].weight, m.layers[i].bias), lambda m, i=i: m.layers[i + 1].weight)
        for i in (0, 1)
    ]
    order = [
        gf.Permutations(lambda m, i=i: (m.layers[i].weight, m.layers[i].bias, m.layers[i + 1].weight), axes=(0, 0, 1))
        for i in (0, 1)
    ]
    problem = gf.Loss(model_loss, model, args=(INPUTS, TARGETS), symmetries=[*layer, *order])
    assert problem.orbit_tangents(model).shape == (len(problem.flatten(model)), 8)
    assert set(problem.invariants(model)) == {"balance", "balance of symmetries[1]"}
    copy = layer[1].transformed(
        order[0].transformed(layer[0].transformed(model, [1, 2, 0.5, 3]), [3, 1, 0, 2]), np.full(4, 1.5)
    )
    assert copy.activation is model.activation
    assert model_loss(copy, (INPUTS, TARGETS)) == pytest.approx(float(model_loss(model, (INPUTS, TARGETS))), rel=1e-13)
    without_bias = gf.Rescaling(lambda m: m.layers[0].weight, lambda m: m.layers[1].weight)
    with pytest.raises(ValueError, match=r"symmetries\[0\], Rescaling, must leave the loss as it is"):
        gf.Loss(model_loss, model, args=(INPUTS, TARGETS), symmetries=without_bias)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gf.Scaling(lambda p: p["nothing"]), r"weights\(parameters\) must return .*, and fails for .* \{'a'"),
        (lambda: gf.Scaling(lambda p: 2 * p["w"]), r"must return arrays of the parameters as they are"),
        (lambda: gf.Scaling(lambda p: "w"), r"must return one array of the parameters or several, got 'w'"),
        (lambda: gf.Scaling(lambda p: (p["w"], p["w"][0])), r"must choose no number of the parameters twice"),
        (lambda: gf.Scaling(lambda p: p["w"], axes=2), r"needs an axis that it has, got axes 2 for arrays .*\(4, 3\)"),
        (lambda: gf.Permutations(lambda p: (p["w"], p["b"]), axes=(0, 0, 0)), r"Write one axis for each"),
        (lambda: gf.Permutations(lambda p: (p["w"], p["b"]), axes=(1, 0)), r"must have one length .*, got 3, 4"),
    ],
)
def test_leaves_that_do_not_fit_are_refused_in_our_words(as_a_user_calls, make, message):
    with pytest.raises(ValueError, match=message):
        make().copies(TWO_LAYERS)


def test_leaves_may_be_cut_and_transposed():
    # the neurons of one matrix with the bias in its last column
    stacked = {"wb": np.column_stack([TWO_LAYERS["w"], TWO_LAYERS["b"]]).T, "a": TWO_LAYERS["a"]}
    symmetry = gf.Rescaling(lambda p: (p["wb"].T[:, :3], p["wb"][3]), lambda p: p["a"])
    factors = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(symmetry.transformed(stacked, factors)["wb"], stacked["wb"] * factors)
    assert symmetry.tangents(stacked).shape == (20, 4)


def test_parameters_of_another_structure_have_no_distance():
    with pytest.raises(TypeError, match=r"distance: second must be"):
        gf.Translations(lambda p: p).distance(LINEAR["right"], LINEAR)
