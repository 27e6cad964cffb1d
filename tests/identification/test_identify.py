"""identify: names of neurons and networks, modulo permutations, signs and the teachers' order."""

import numpy as np
import pytest

import gradflow as gf
from gradflow.identification.neurons import Neuron

K, D = 6, 7
TEACHER = gf.orthonormal_teacher(K, D)


def posed(width):
    return gf.TeacherStudent(TEACHER, width, padded_width=K)


def shuffled(student, seed):
    """The same network modulo symmetry: neurons permuted and flipped, teachers permuted."""
    rng = np.random.default_rng(seed)
    order, signs = rng.permutation(student.width), rng.choice([-1.0, 1.0], student.width)
    columns = np.append(rng.permutation(K), K)
    weights = (np.asarray(student.weights)[order] * signs[:, None])[:, columns]
    return gf.TwoLayerNetwork(weights, np.asarray(student.output)[order] * signs)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("partition", [(1, 1, 4), (1, 2, 3), (2, 2, 2), (1, 5), (3, 3), (6,), (1, 1, 1, 1, 1, 1)])
def test_an_exact_copy_average_is_named_with_its_partition(partition, seed):
    student = shuffled(gf.copy_average(K, len(partition), partition).student, seed)
    found = gf.identify(posed(len(partition)), student)
    assert (found.name, found.partition) == ("C-A", partition)
    assert found.label == f"C-A({', '.join(map(str, partition))})"
    assert found.distance <= 1e-14
    assert sorted(len(neuron.teachers) for neuron in found.neurons) == list(partition)
    assert sorted(j for neuron in found.neurons for j in neuron.teachers) == list(range(K))
    for i, neuron in enumerate(found.neurons):
        expected = gf.NeuronKind.EXACT_COPY if len(neuron.teachers) == 1 else gf.NeuronKind.EXACT_AVERAGE
        assert neuron.kind is expected
        # the teachers are those that the weights point to
        assert set(neuron.teachers) == set(np.flatnonzero(np.abs(student.weights[i, :K]) > 1e-3))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_an_exact_perturbed_n_copy_is_named(n, seed):
    student = shuffled(gf.perturbed_n_copy(K, n).student, seed)
    found = gf.identify(posed(n), student)
    assert (found.name, found.partition, found.label) == ("P-n-C", None, "P-n-C")
    assert found.distance <= 1e-12


@pytest.mark.parametrize("n", [4, 5])
def test_the_neurons_of_a_perturbed_copy_are_approximate_copies_of_different_teachers(n):
    found = gf.identify(posed(n), shuffled(gf.perturbed_n_copy(K, n).student, 0))
    assert {neuron.kind for neuron in found.neurons} == {gf.NeuronKind.APPROXIMATE_COPY}
    assert len({neuron.teachers for neuron in found.neurons}) == n


def test_one_student_is_an_average_and_k_students_are_a_copy():
    one = gf.identify(posed(1), gf.perturbed_n_copy(K, 1))
    assert one.label == "C-A(6)"
    all_of_them = gf.identify(posed(K), shuffled(gf.perturbed_n_copy(K, K).student, 1))
    assert all_of_them.label == "C-A(1, 1, 1, 1, 1, 1)"


def test_more_students_than_teachers_have_no_name_yet():
    student = gf.TwoLayerNetwork(np.vstack([TEACHER.weights, np.zeros((1, D))]), np.append(np.ones(K), 0.0))
    found = gf.identify(gf.TeacherStudent(TEACHER, K + 1), student)
    assert (found.name, found.distance) == ("other", np.inf)
    assert "n = 7 > k = 6" in found.reason
    assert [neuron.kind for neuron in found.neurons] == [gf.NeuronKind.EXACT_COPY] * K + [gf.NeuronKind.OTHER]


@pytest.mark.slow
@pytest.mark.parametrize(
    "teacher",
    [
        gf.TwoLayerNetwork(TEACHER.weights, 2 * np.ones(K)),
        gf.TwoLayerNetwork(1.5 * TEACHER.weights, np.ones(K)),
        gf.TwoLayerNetwork(np.random.default_rng(0).standard_normal((K, D)), np.ones(K)),
    ],
    ids=["outputs", "norms", "angles"],
)
def test_a_teacher_that_is_not_orthonormal_has_no_exact_points_and_identify_says_so(teacher):
    found = gf.identify(gf.TeacherStudent(teacher, K), teacher)
    assert found.name == "other"
    assert found.reason == "the exact families need an orthonormal teacher with unit output weights"
    assert {neuron.kind for neuron in found.neurons} == {gf.NeuronKind.APPROXIMATE_COPY}
    assert [neuron.teachers for neuron in found.neurons] == [(j,) for j in range(K)]


@pytest.mark.slow
def test_a_rotated_teacher_is_still_orthonormal():
    rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((D, D)))[0]
    exact = gf.copy_average(K, 3, d=D).student
    teacher = gf.TwoLayerNetwork(np.asarray(TEACHER.weights) @ rotation, np.ones(K))
    student = gf.TwoLayerNetwork(np.asarray(exact.weights) @ rotation, exact.output)
    assert gf.identify(gf.TeacherStudent(teacher, 3), student).label == "C-A(1, 1, 4)"


def resting(problem, student):
    """A point that claims to be critical: its Newton step is nothing."""
    point = gf.refine(problem, gf.copy_average(K, student.width))
    return type(point)(**{name: getattr(point, name) for name in point.__dataclass_fields__} | {"parameters": student})


@pytest.mark.parametrize("family", [gf.copy_average, gf.perturbed_n_copy])
def test_a_critical_point_1e_5_away_from_an_exact_one_is_another(family):
    exact, problem = family(K, 4).student, posed(4)
    noise = np.random.default_rng(2).standard_normal(exact.weights.shape)
    moved = gf.TwoLayerNetwork(exact.weights + 1e-5 * noise, exact.output)
    found = gf.identify(problem, resting(problem, moved))
    assert (found.name, found.partition) == ("other", None)
    assert 1e-6 < found.distance < 1e-4
    assert found.tolerance <= 1e-8
    assert "from the nearest exact point tried, more than" in found.reason
    kinds = {neuron.kind for neuron in found.neurons}
    assert kinds <= {gf.NeuronKind.APPROXIMATE_COPY, gf.NeuronKind.APPROXIMATE_AVERAGE}


def test_a_point_that_newton_would_still_move_by_1e_5_is_named_within_ten_such_steps():
    exact = gf.copy_average(K, 4).student
    noise = np.random.default_rng(2).standard_normal(exact.weights.shape)
    found = gf.identify(posed(4), gf.TwoLayerNetwork(exact.weights + 1e-5 * noise, exact.output))
    assert found.name == "C-A"
    assert found.distance <= found.tolerance <= 1e-3


def test_every_field_of_a_neuron_says_what_it_should():
    # one neuron by hand: minus the average of teachers 1 and 4, half of it outside their span
    weight = np.zeros(D)
    weight[[1, 4]], weight[6] = -0.3, 0.3 * np.sqrt(2)
    network = gf.TwoLayerNetwork([weight], [1.7])
    neuron = gf.identify(posed(1), network).neurons[0]
    assert isinstance(neuron, Neuron)
    assert neuron.kind is gf.NeuronKind.APPROXIMATE_AVERAGE
    assert neuron.teachers == (1, 4)
    assert neuron.cosine == pytest.approx(1, abs=1e-15)
    assert neuron.norm == pytest.approx(0.6, rel=1e-15)
    assert neuron.output == -1.7
    assert neuron.in_span == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_allclose(neuron.alignments, np.array([0, 1, 0, 0, 1, 0]) / np.sqrt(2), atol=1e-15)


@pytest.mark.parametrize(
    ("overlaps", "kind", "teachers"),
    [
        ([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], "APPROXIMATE_COPY", (0,)),
        ([0.0, 0.0, -2.0, 0.1, 0.0, 0.0], "APPROXIMATE_COPY", (2,)),
        ([1.0, 0.95, 0.0, 0.0, 0.0, 0.0], "APPROXIMATE_AVERAGE", (0, 1)),
        ([1.0, 0.7, 0.0, 0.0, 0.0, 0.0], "OTHER", ()),
        ([1.0, -1.0, 0.0, 0.0, 0.0, 0.0], "OTHER", ()),
        ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "OTHER", ()),
    ],
    ids=["copy", "flipped copy", "average", "uneven", "difference", "dead"],
)
def test_a_neuron_is_a_copy_or_an_average_by_its_angles(overlaps, kind, teachers):
    neuron = gf.identify(posed(1), gf.TwoLayerNetwork([[*overlaps, 0.0]], [0.4])).neurons[0]
    assert (neuron.kind, neuron.teachers) == (gf.NeuronKind[kind], teachers)


def test_thresholds_are_options():
    network = gf.TwoLayerNetwork([[1.0, 0.7, 0.0, 0.0, 0.0, 0.0, 0.0]], [0.4])
    wide = gf.identify(posed(1), network, options=gf.IdentifyOptions(spread=0.2))
    assert wide.neurons[0].teachers == (0, 1)
    low = gf.identify(posed(1), network, options=gf.IdentifyOptions(least_cosine_squared=0.6))
    assert low.neurons[0].kind is gf.NeuronKind.APPROXIMATE_COPY
    with pytest.raises(
        TypeError, match=r"identify: options must be IdentifyOptions, got .*Write options=gf.IdentifyOp"
    ):
        gf.identify(posed(1), network, options=0.9)


def test_other_problems_have_no_neurons_and_are_refused():
    problem = gf.Loss(lambda x: x[0] ** 2, [1.0])
    with pytest.raises(TypeError, match=r"identify: problem must be TeacherStudent, got .*Write gf.identify\("):
        gf.identify(problem, [0.0])


def test_a_configuration_prints_a_table_of_its_neurons():
    text = str(gf.identify(posed(3), gf.copy_average(K, 3)))
    assert text.startswith("identify: C-A(1, 1, 4); ")
    lines = text.splitlines()
    assert lines[1].split() == ["neuron", "kind", "teachers", "cosine", "norm", "output"]
    assert lines[3].split() == ["0", "exact", "copy", "0", "1.000000", "1.000000", "1.000000"]
    assert lines[5].split()[:7] == ["2", "exact", "average", "2,", "3,", "4,", "5"]
    assert lines[5].split()[-1] == "4.000000"


# teachers (v, b) in two dimensions, students (w, a) and the teachers that each of them takes: σ is odd, −w with −a is w
# with a
PARALLEL = [([1, 0], 1), ([3, 0], 1)]
OPPOSITE = [([1, 0], 1), ([-1, 0], 1)]
TWICE = [([1, 0], 1), ([1, 0], 1)]
NEARLY = [([1, 0.3], 1), ([3, 0.9 + 1e-9], 1)]
UNLIKE = [([1, 0], 2), ([1, 0], -1)]
COPIES = {
    "parallel teachers": (PARALLEL, PARALLEL, [(0,), (1,)]),
    "parallel teachers, the other order": (PARALLEL, PARALLEL[::-1], [(1,), (0,)]),
    "parallel teachers, students flipped": (PARALLEL, [([-3, 0], -1), ([-1, 0], -1)], [(1,), (0,)]),
    "parallel teachers, between them": (PARALLEL, [([1.2, 0], 1), ([2.7, 0.1], 1.1)], [(0,), (1,)]),
    "several copies of one of them": (PARALLEL, [([3, 0], 1), ([2.9, 0], 1)], [(1,), (1,)]),
    "opposite teachers": (OPPOSITE, OPPOSITE, [(0,), (1,)]),
    "opposite teachers in one sign": (OPPOSITE, [([1, 0], -1), ([1, 0], 1)], [(1,), (0,)]),
    "one teacher twice": (TWICE, TWICE, [(0,), (1,)]),
    "one teacher twice, by one student": (TWICE, [([1, 0], 2), ([-1, 0], -2)], [(0, 1), (0, 1)]),
    "nearly parallel teachers": (NEARLY, NEARLY, [(0,), (1,)]),
    "teachers told apart by output alone": (UNLIKE, [([1, 0], -1), ([-1, 0], -2)], [(1,), (0,)]),
    "a teacher without weights": ([([0, 0], 1), ([1, 0], 1)], [([1, 0], 1), ([0, 0], 1)], [(1,), ()]),
    "a teacher without output": ([([1, 0], 0), ([1, 0], 1)], [([1, 0], 1), ([1, 0], 0)], [(1,), (0,)]),
}


@pytest.mark.parametrize(("teachers", "students", "expected"), COPIES.values(), ids=COPIES)
def test_a_copy_is_of_the_teacher_that_is_nearest_in_weights_and_output(teachers, students, expected):
    teacher, student = (gf.TwoLayerNetwork(*map(list, zip(*network, strict=True))) for network in (teachers, students))
    found = gf.identify(gf.TeacherStudent(teacher, student.width), student)
    assert [neuron.teachers for neuron in found.neurons] == expected


@pytest.mark.parametrize("seed", range(5))
def test_copies_do_not_depend_on_signs_and_order(seed):
    rng = np.random.default_rng(seed)
    teachers = [([1.0, 0.1], 1.0), ([2.0, 0.2], 1.0), ([-4.0, -0.4], 2.0), ([0.0, 1.0], 1.0)]
    order, signs = rng.permutation(4), rng.choice([-1.0, 1.0], 4)
    teacher = gf.TwoLayerNetwork([v for v, _ in teachers], [b for _, b in teachers])
    weights, output = np.asarray(teacher.weights)[order], np.asarray(teacher.output)[order]
    found = gf.identify(
        gf.TeacherStudent(teacher, 4), gf.TwoLayerNetwork(weights * signs[:, None], output * signs)
    ).neurons
    assert [neuron.teachers for neuron in found] == [(int(j),) for j in order]
    np.testing.assert_allclose([neuron.output for neuron in found], output, rtol=1e-15)


@pytest.mark.parametrize("exponent", [-300, -150, 100, 150, 200, 300])
@pytest.mark.parametrize("which", ["weights", "output", "both"])
def test_networks_of_any_size_are_identified_and_measured_without_overflow(exponent, which):
    factor = 10.0**exponent
    network = gf.copy_average(K, 3).student
    large = gf.TwoLayerNetwork(
        network.weights * (1 if which == "output" else factor), network.output * (1 if which == "weights" else factor)
    )
    found = gf.identify(posed(3), large)
    if exponent > 0 or which == "output":
        assert [neuron.teachers for neuron in found.neurons] == [(0,), (1,), (2, 3, 4, 5)]
    assert 0 < found.distance < np.inf
    assert gf.distance(large, large) == 0
    assert 0 < gf.distance(large, network) < np.inf
    assert not gf.isotropy(posed(3), large).dead or exponent < 0
