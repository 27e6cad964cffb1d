"""Points and runs that look like something else, with the answers that are required (issue 2; reference.md)."""

import json
from pathlib import Path

import jax
import numpy as np
import pytest

import gradflow as gf

TEACHER = gf.orthonormal_teacher(k=6, d=7)
AVERAGE = gf.copy_average(6, 3).student  # C-A(1, 1, 4)
COPY = gf.copy_average(6, 6).student


def with_neuron(network, weight, output):
    return gf.TwoLayerNetwork(np.vstack([network.weights, weight]), np.append(network.output, output))


def split(network, first, second):
    """The last neuron twice, with these output weights."""
    outputs = np.append(network.output[:-1], first)
    return with_neuron(gf.TwoLayerNetwork(network.weights, outputs), network.weights[-1], second)


# the rows of reference.md, "Degenerate points": index, nullity, kind
DEGENERATE = {
    "zero": (gf.TwoLayerNetwork(np.zeros((4, 9)), np.zeros(4)), 4, 32, "SADDLE"),
    "C-A and a dead neuron": (with_neuron(AVERAGE, np.zeros(7), 0.0), 0, 8, "DEGENERATE"),
    "C-A and a neuron w = 0, a = 1.7": (with_neuron(AVERAGE, np.zeros(7), 1.7), 3, 1, "SADDLE"),
    "C-A, average split 1.5 + 2.5": (split(AVERAGE, 1.5, 2.5), 3, 5, "SADDLE"),
    "C-A, average split -1.5 + 5.5": (split(AVERAGE, -1.5, 5.5), 0, 5, "DEGENERATE"),
    "copy and a neuron a = 0": (
        with_neuron(COPY, [0.3, -0.8, 0.2, 0.9, -0.4, 0.7, 0.5], 0.0),
        0,
        7,
        "MINIMUM_MANIFOLD",
    ),
    "copy, one neuron split": (split(COPY, 0.3, 0.7), 0, 8, "DEGENERATE"),
}
ROWS = [pytest.param(*row, id=name) for name, row in DEGENERATE.items()]


def posed(student):
    teacher = gf.orthonormal_teacher(8, 9) if student.input_dimension == 9 else TEACHER
    return gf.TeacherStudent(teacher, student.width)


def beside(student, distance, seed):
    rng = np.random.default_rng(seed)
    weights, output = rng.standard_normal(student.weights.shape), rng.standard_normal(student.output.shape)
    length = np.sqrt(np.sum(weights**2) + np.sum(output**2)) / distance
    return gf.TwoLayerNetwork(student.weights + weights / length, student.output + output / length)


@pytest.mark.slow
@pytest.mark.parametrize(("student", "index", "nullity", "kind"), ROWS)
def test_a_degenerate_point_has_its_index_nullity_and_kind(student, index, nullity, kind):
    verdict = gf.classify(posed(student), student)
    assert (verdict.kind, verdict.index, verdict.nullity) == (gf.Kind[kind], index, nullity)


@pytest.mark.slow
@pytest.mark.parametrize(("student", "index", "nullity", "kind"), ROWS)
@pytest.mark.parametrize("seed", range(6))
def test_from_1e_3_beside_it_there_is_no_wrong_class(student, index, nullity, kind, seed):
    problem, start = posed(student), beside(student, 1e-3, seed)
    point = gf.refine(problem, start)
    verdict = gf.classify(problem, point)
    assert gf.classify(problem, start).kind in (gf.Kind.UNDECIDED, gf.Kind[kind])
    if bool(point.result == gf.RESULTS.successful):
        assert (verdict.kind, verdict.index, verdict.nullity) == (gf.Kind[kind], index, nullity)
    else:
        assert point.moved == 0
        assert verdict.kind in (gf.Kind.UNDECIDED, gf.Kind[kind])


@pytest.mark.slow
@pytest.mark.parametrize("distance", [1e-6, 1e-9, 1e-12, 1e-14])
@pytest.mark.parametrize("name", ["C-A, average split -1.5 + 5.5", "C-A and a dead neuron", "copy, one neuron split"])
def test_closer_still_there_is_no_wrong_class_either(name, distance):
    student, *_, kind = DEGENERATE[name]
    problem = posed(student)
    verdict = gf.classify(problem, gf.refine(problem, beside(student, distance, 0)))
    assert verdict.kind in (gf.Kind.UNDECIDED, gf.Kind[kind])


@pytest.mark.slow
@pytest.mark.parametrize("distance", [1e-2, 1e-3, 1e-4, 1e-6])
@pytest.mark.parametrize("seed", range(4))
def test_beside_a_duplicate_of_opposed_outputs_along_its_kernel_there_is_no_channel(distance, seed):
    # the weights part so that a₁δ₁ + a₂δ₂ = 0: aligned neurons with opposed outputs, as in a channel, but out of it
    student, *_, kind = DEGENERATE["C-A, average split -1.5 + 5.5"]
    direction = np.random.default_rng(seed).standard_normal(7)
    weights = np.array(student.weights)
    weights[2] += 5.5 * distance * direction
    weights[3] += 1.5 * distance * direction
    start = gf.TwoLayerNetwork(weights, student.output)
    problem = posed(start)
    for point in (start, gf.refine(problem, start)):
        assert gf.classify(problem, point).kind in (gf.Kind.UNDECIDED, gf.Kind[kind])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["copy and a neuron a = 0", "copy, one neuron split"])
def test_at_loss_zero_the_reason_says_that_it_is_a_global_minimum(name):
    student = DEGENERATE[name][0]
    assert "a global minimum" in gf.classify(posed(student), student).reason


@pytest.mark.slow
def test_a_start_at_zero_does_not_count_as_a_minimum_that_was_reached():
    student = DEGENERATE["zero"][0]
    found = gf.solve(posed(student), student)
    assert found.trajectory.stats["steps"] == 0
    assert (found.classification.kind, found.classification.index, found.classification.nullity) == (
        gf.Kind.SADDLE,
        4,
        32,
    )


@pytest.mark.slow
def test_a_huge_student_without_outputs_is_not_critical():
    weights = np.random.default_rng(0).standard_normal((4, 9))
    weights *= 1e6 / np.linalg.norm(weights, axis=1, keepdims=True)
    student = gf.TwoLayerNetwork(weights, np.zeros(4))
    verdict = gf.classify(posed(student), student)
    assert verdict.kind is gf.Kind.UNDECIDED
    assert verdict.reason.startswith("not critical")
    assert verdict.gradient_norm > 0.1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("norm", "least", "kinds"),
    [
        (1.0, -0.627, {gf.Kind.SADDLE}),
        (1e3, -8.1e-7, {gf.Kind.SADDLE}),
        (1e6, -8.1e-13, {gf.Kind.SADDLE, gf.Kind.UNDECIDED}),
    ],
)
def test_a_neuron_orthogonal_to_all_teachers_is_a_saddle_that_fades_with_its_norm(norm, least, kinds):
    problem = gf.TeacherStudent(gf.orthonormal_teacher(2, 3), 1)
    verdict = gf.classify(problem, gf.TwoLayerNetwork([[0.0, 0.0, norm]], [0.0]))
    assert verdict.kind in kinds
    assert verdict.eigenvalues[0] == pytest.approx(least, rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 6, 8])
def test_the_perfect_copy_is_a_minimum(k):
    teacher = gf.orthonormal_teacher(k, k + 1)
    verdict = gf.classify(gf.TeacherStudent(teacher, k), teacher)
    assert (verdict.kind, verdict.index, verdict.nullity) == (gf.Kind.MINIMUM, 0, 0)
    assert "a global minimum" in verdict.reason


@pytest.mark.slow
def test_a_point_of_the_flow_at_1e_3_is_not_critical_and_refines_to_the_point_of_its_basin_or_to_none(
    problem, solution
):
    early = gf.flow(problem, problem.init(jax.random.key(0)), gradient_tolerance=1e-3)
    verdict = gf.classify(problem, early)
    assert verdict.kind is gf.Kind.UNDECIDED
    assert verdict.reason.startswith("not critical")
    point = gf.refine(problem, early)
    if bool(point.result == gf.RESULTS.successful):
        assert gf.distance(point.student, solution.student) <= 1e-8
        assert point.moved > 0
    else:
        np.testing.assert_array_equal(point.student.weights, early.final.weights)


@pytest.fixture(scope="module")
def channel():
    """A run of the flow that ends nowhere: n = 9, k = 10, d = 11, Glorot start of key 1; where it stops at 1e-8, and
    10⁵ times later (followed at rtol 1e-5: at 1e-3 rounding drives the run).
    """
    stored = json.loads((Path(__file__).parent / "channel.json").read_text())
    problem = gf.TeacherStudent(gf.orthonormal_teacher(stored["k"], stored["d"]), stored["n"])
    return problem, {
        name: gf.TwoLayerNetwork(stored[name]["weights"], stored[name]["output"]) for name in ("init", "stops", "later")
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stops", "later"])
def test_a_run_in_a_channel_is_a_channel_where_it_stops_and_much_later(channel, name):
    problem, states = channel
    verdict = gf.classify(problem, states[name])
    assert verdict.gradient_norm <= 1e-8
    assert verdict.kind is gf.Kind.CHANNEL
    assert "neurons 0 and 6 align with opposed output weights" in verdict.reason


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stops", "later"])
def test_refinement_does_not_turn_a_channel_into_a_critical_point(channel, name):
    problem, states = channel
    point = gf.refine(problem, states[name])
    assert gf.classify(problem, point).kind is gf.Kind.CHANNEL


@pytest.mark.slow
def test_the_tail_of_a_path_tells_a_channel_without_the_place_where_it_stops(channel):
    problem, states = channel
    path = gf.flow(problem, states["init"])
    # no pair of neurons is parallel enough by itself
    verdict = gf.classify(problem, path, trajectory=path, options=gf.ClassifyOptions(channel_alignment=0.0))
    assert verdict.kind is gf.Kind.CHANNEL
    assert "neurons 0 and 6 grow against each other" in verdict.reason
    # the measured law of a channel: the gradient falls like t^(-3/4), the loss like the square of 1/output
    assert verdict.tail.rate == pytest.approx(0.75, abs=0.01)
    assert verdict.tail.exponent == pytest.approx(2.0, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("output", [-1.4e-14, -1e-6])
def test_a_dying_neuron_beside_a_perfect_copy_is_no_channel(output):
    # k = 1, n = 2: where Glorot starts end; its sign says nothing, and there is a global minimum, not a channel
    problem = gf.TeacherStudent(gf.orthonormal_teacher(1, 3), 2)
    student = gf.TwoLayerNetwork([[1.0, 1e-3, 0.0], [1.0, 0.0, 0.0]], [output, 1.0 - output])
    assert gf.classify(problem, student).kind is not gf.Kind.CHANNEL
