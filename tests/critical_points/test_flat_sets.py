"""Critical points that are not isolated: refined across their set, told by steps along it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf

# one step away from each trap: its name, the loss, the point, and what it is
ROTATION = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0]


def trough(x):
    """Quartic in one direction, quadratic in eleven others, none of them an axis."""
    y = ROTATION @ x
    return y[0] ** 4 + jnp.sum(jnp.arange(1.0, 12.0) * y[1:] ** 2)


HYPERBOLA = gf.Loss(lambda p: 0.5 * (p[0] * p[1] - 1) ** 2, [1.0, 2.0], least_loss=0.0)
TRAPS = [
    ("ring", lambda p: (p[0] ** 2 + p[1] ** 2 - 1) ** 2, [1.0, 0.0], "minimum manifold", 0, 1, None),
    ("parabola", lambda p: (p[1] - p[0] ** 2) ** 2, [0.0, 0.0], "minimum manifold", 0, 1, None),
    ("Whitney", lambda p: (p[0] ** 2 - p[1] ** 2 * p[2]) ** 2, [1.0, 1.0, 1.0], "minimum manifold", 0, 2, None),
    ("quartic", lambda p: p[0] ** 4 + p[1] ** 2, [0.0, 0.0], "degenerate", 0, 1, 4),
    ("faint quartic", lambda p: 1e-12 * p[0] ** 4 + p[1] ** 2, [0.0, 0.0], "degenerate", 0, 1, 4),
    ("order 20", lambda p: p[0] ** 20 + p[1] ** 2, [0.0, 0.0], "degenerate", 0, 1, 20),
    ("curved quartic", lambda p: (p[1] - p[0] ** 2) ** 2 + 1e-3 * p[0] ** 4, [0.0, 0.0], "degenerate", 0, 1, 4),
    ("quartic and flat", lambda p: p[0] ** 4 + 0 * p[2] + p[1] ** 2, [0.0, 0.0, 0.0], "degenerate", 0, 2, 4),
    ("rotated", trough, np.zeros(12), "degenerate", 0, 1, 4),
    ("soft", lambda p: (p[0] - p[1]) ** 2 + 1e-10 * (p[0] + p[1]) ** 2, [0.0, 0.0], "minimum", 0, 0, None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "loss", "at", "kind", "index", "nullity", "order"), TRAPS, ids=[t[0] for t in TRAPS])
def test_from_any_distance_the_end_is_what_it_is(name, loss, at, kind, index, nullity, order):
    problem, at = gf.Loss(loss, at), np.asarray(at, float)
    way = np.random.default_rng(3).normal(size=len(at))
    for distance in (0.0, 1e-9, 1e-6, 1e-3):
        point = gf.refine(problem, at + distance * way / np.linalg.norm(way))
        verdict = gf.classify(problem, point)
        assert bool(point.result == gf.RESULTS.successful), (name, distance)
        assert (verdict.kind, verdict.index, verdict.nullity) == (kind, index, nullity), (name, distance)
        if order is not None:
            assert verdict.flat_set.order == order
            assert not verdict.flat_set.falls
        if kind == "minimum manifold":
            assert verdict.flat_set.is_manifold
            assert verdict.learning_coefficient.value == (len(at) - nullity) / 2


SIDES = [
    ("monkey saddle", lambda p: p[0] ** 3 - 3 * p[0] * p[1] ** 2 + p[2] ** 2, 3, "degenerate", 2, 3),
    ("falling quartic", lambda p: p[1] ** 2 - p[0] ** 4, 2, "degenerate", 1, 4),
    ("cross", lambda p: p[0] ** 2 * p[1] ** 2, 2, "degenerate", 2, 4),
]


@pytest.mark.parametrize(("name", "loss", "size", "kind", "nullity", "order"), SIDES, ids=[s[0] for s in SIDES])
@pytest.mark.slow
def test_a_degenerate_point_says_its_order_and_whether_the_loss_falls(name, loss, size, kind, nullity, order):
    least = 0.0 if name == "cross" else None
    verdict = gf.classify(gf.Loss(loss, np.zeros(size), least_loss=least), np.zeros(size))
    assert (verdict.kind, verdict.nullity) == (kind, nullity)
    assert verdict.flat_set.order == order
    assert verdict.flat_set.falls == (name != "cross")
    found = verdict.learning_coefficient
    if verdict.flat_set.falls:
        assert found is None
    else:  # ½ for x²y², of multiplicity 2
        assert (found.value, found.lower, found.upper) == (None, 0.0, 0.5)


# what a longer or shorter look than is needed takes for something else
NEAR_AND_FAR = [
    (lambda p: p[1] ** 2 - jnp.sin(jnp.pi * p[0]) ** 4, [0.0, 0.0], 4, True),  # flat again at every whole number
    (lambda p: p[1] ** 2 + (p[0] * (p[0] ** 2 - 1)) ** 4, [0.0, 0.0], 4, False),
    (lambda p: p[1] ** 2 - p[0] ** 4 + 100 * p[0] ** 6, [0.0, 0.0], 4, True),  # rises further out
    (lambda p: p[1] ** 2 + p[0] ** 4 - 2 * p[0] ** 6, [0.0, 0.0], 4, False),  # falls further out
    (lambda p: p[1] ** 2 + p[0] ** 4 - 0.004 * p[0] ** 3, [0.0, 0.0], 3, True),
    (lambda p: 1e6 + p[1] ** 2 - 1e-11 * p[0] ** 4, [0.0, 0.0], 4, True),  # by less than the loss is known to
]


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "at", "order", "falls"), NEAR_AND_FAR)
def test_order_and_sign_are_those_next_to_the_point(loss, at, order, falls):
    verdict = gf.classify(gf.Loss(loss, at), at)
    assert (verdict.kind, verdict.flat_set.order, verdict.flat_set.falls) == ("degenerate", order, falls)
    assert verdict.flat_set.rises != falls
    assert (verdict.learning_coefficient is None) == falls


@pytest.mark.parametrize(
    ("loss", "at"),
    [
        (lambda p: 1e6 * p[1] ** 2 - 1e-10 * p[0] ** 2 + p[0] ** 4, [0.0, 0.0]),  # a saddle, inside the error bound
        (lambda p: jnp.tanh(p[0]) ** 2 + p[1] ** 2, [25.0, 0.0]),  # a plateau
    ],
)
@pytest.mark.slow
def test_what_steps_cannot_tell_stays_undecided(loss, at):
    verdict = gf.classify(gf.Loss(loss, at), at)
    assert verdict.kind == "undecided"
    assert verdict.learning_coefficient is None


def test_next_to_a_cusp_the_curve_is_still_smooth():
    verdict = gf.classify(gf.Loss(lambda p: (p[1] ** 2 - p[0] ** 3) ** 2, np.zeros(2)), [9e-4, 2.7e-5])
    assert verdict.kind in ("minimum manifold", "undecided")  # never degenerate, as the cusp itself is


@pytest.mark.parametrize(("loss", "start"), [(lambda p: p[1] ** 2 + p[0] ** 3, [-1e-3, 1e-3])])
def test_a_degenerate_point_that_the_flow_leaves_is_not_its_end(loss, start):
    assert not bool(gf.refine(gf.Loss(loss, start), start).result == gf.RESULTS.successful)


@pytest.mark.slow
def test_a_saddle_on_a_manifold_has_index_and_nullity():
    verdict = gf.classify(gf.Loss(lambda p: (p[0] ** 2 + p[1] ** 2 - 1) ** 2 - p[2] ** 2, np.zeros(3)), [0.6, 0.8, 0.0])
    assert (verdict.kind, verdict.index, verdict.nullity) == ("saddle", 1, 1)
    assert "on a critical manifold of dimension 1" in verdict.reason
    assert verdict.learning_coefficient is None


@pytest.mark.slow
def test_where_the_index_changes_along_the_set_the_near_side_counts():
    problem = gf.Loss(lambda p: (p[0] - 0.1) * p[1] ** 2, np.zeros(2))
    near, far = gf.classify(problem, [0.0, 0.0]), gf.classify(problem, [1.0, 0.0])
    assert (near.kind, near.index, near.nullity) == ("saddle", 1, 1)
    assert (far.kind, far.index, far.nullity) == ("minimum manifold", 0, 1)
    assert near.flat_set.reach < 0.1


def test_a_curvature_below_the_rounding_of_the_hessian_is_not_told():
    problem = gf.Loss(lambda p: (p[0] - p[1]) ** 2 + 1e-16 * (p[0] + p[1]) ** 2, np.zeros(2))
    verdict = gf.classify(problem, [0.3, 0.3])
    assert verdict.kind in ("undecided", "minimum")
    assert verdict.flat_set is None or not verdict.flat_set.is_manifold


def test_where_all_of_the_hessian_vanishes_a_flat_loss_is_no_manifold():
    verdict = gf.classify(gf.Loss(lambda p: 0.0 * jnp.sum(p), np.zeros(2)), np.ones(2))
    assert verdict.kind == "undecided"
    assert "index" not in str(verdict)
    away = gf.classify(HYPERBOLA, [0.3, 0.4])
    assert gf.plot_spectrum(away).axes[0].get_title() == "undecided"


@pytest.mark.parametrize("start", [[0.3, 0.4], [-1.0, 2.0], [2.0, -0.1]])
def test_a_flow_onto_a_manifold_is_refined_across_it_without_following_it_further(start):
    solution = gf.solve(HYPERBOLA, start)
    assert bool(solution.point.result == gf.RESULTS.successful)
    verdict = solution.classification
    assert (verdict.kind, verdict.nullity, verdict.global_minimum) == ("minimum manifold", 1, True)
    assert verdict.learning_coefficient.value == 0.5
    assert verdict.proves.endswith("evidence, no proof")
    # a² − b² is conserved by the flow, and refinement goes across
    kept = np.asarray(start)[0] ** 2 - np.asarray(start)[1] ** 2
    end = np.asarray(solution.parameters)
    assert end[0] ** 2 - end[1] ** 2 == pytest.approx(kept, abs=1e-2)
    assert solution.point.moved_along <= solution.point.moved


def test_the_distance_along_the_set_is_reported():
    problem = gf.Loss(lambda p: (p[0] ** 2 + p[1] ** 2 - 1) ** 2, [1.0, 0.0])
    point = gf.refine(problem, [1.001, 1e-3])
    assert bool(point.result == gf.RESULTS.successful)
    assert point.moved == pytest.approx(1e-3, rel=0.01)
    assert point.moved_along < 1e-5
    assert "along a flat set" in str(point) or point.moved_along == 0


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_a_linear_network_ends_on_its_orbit(hidden):
    target = np.random.default_rng(1).normal(size=(3, 3))
    problem = gf.Loss(
        lambda p: 0.5 * jnp.sum((p[0] @ p[1] - target) ** 2), (np.zeros((3, hidden)), np.zeros((hidden, 3)))
    )
    for seed in range(3):
        rng = np.random.default_rng(seed)
        solution = gf.solve(problem, (rng.normal(size=(3, hidden)), rng.normal(size=(hidden, 3))))
        verdict = solution.classification
        assert (verdict.kind, verdict.index, verdict.nullity) == ("minimum manifold", 0, hidden**2)


@pytest.mark.slow
def test_seven_atoms_find_a_minimum_modulo_rotations_and_translations():
    pairs = np.triu_indices(7, 1)

    def energy(positions):
        sixth = 1 / jnp.sum((positions[pairs[0]] - positions[pairs[1]]) ** 2, axis=-1) ** 3
        return 4 * jnp.sum(sixth**2 - sixth)

    angles = 2 * np.pi * np.arange(5) / 5
    ring = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    start = np.concatenate([ring, [[0, 0, 0.6], [0.05, 0, -0.6]]])
    solution = gf.solve(gf.Loss(energy, start), start)
    verdict = solution.classification
    assert (verdict.kind, verdict.index, verdict.nullity) == ("minimum manifold", 0, 6)
    assert solution.point.loss == pytest.approx(-16.505384, abs=1e-6)


@pytest.mark.slow
def test_more_students_than_teachers_are_decided():
    # where two students share a teacher, opposite motions of theirs raise the loss at fourth order
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=3), width=4)

    kinds = set()
    for seed in range(4):
        verdict = gf.solve(problem, problem.init(jax.random.key(seed))).classification
        assert verdict.global_minimum
        assert verdict.index == 0
        assert (verdict.kind, verdict.nullity) in {
            ("minimum manifold", 1),
            ("minimum manifold", 3),
            ("minimum manifold", 4),
            ("degenerate", 5),
            ("degenerate", 4),
        }
        kinds.add(str(verdict.kind))
    assert "minimum manifold" in kinds
