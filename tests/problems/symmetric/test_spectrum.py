"""The full Hessian's spectrum from few blocks, against the dense Hessian and in many digits."""

import numpy as np
import pytest

import gradflow as gf


def one(size, students=0, teachers=(), label="N"):
    return gf.Orbit(size, students, teachers, label)


# orbits whose dense Hessian is small: several students or teachers a unit, students alone, teachers alone, sizes 1, 2
# and 3 (where representations begin), other output weights, dimensions that the teacher does not use
STRUCTURES = {
    "perturbed copies": (one(4, 1, (1.0,)), one(5, 0, (1.0,))),
    "two students to a teacher": (one(3, 2, (1.0,)), one(4, 0, (1.0,))),
    "two teachers to a student": (one(3, 1, (1.0, 0.7)), one(1, 1)),
    "duplicates and a lonely copy": (one(3, 1), one(1, 1, (1.0,)), one(4, 0, (1.0,))),
    "small orbits": (one(2, 1, (1.0,)), one(3, 1, (1.3,)), one(1, 1), one(2, 0, (1.0,))),
    "more students than teachers": (one(5, 1), one(2, 1, (1.0,))),
    "an unused dimension": (one(3, 1, (1.0,)), one(1, 0, (0.0,))),
    "a negative teacher": (one(3, 1, (-1.0,)), one(2, 0, (0.5,))),
}


def random_network(problem, seed):
    students = sum(orbit.students for orbit in problem.orbits)
    teachers = sum(len(orbit.teachers) for orbit in problem.orbits)
    rng = np.random.default_rng(seed)
    own, others = (0.6 * rng.standard_normal((students, teachers)) for _ in range(2))
    return gf.SymmetricNetwork(own, others, rng.standard_normal(students))


def dense(problem, student):
    """The same loss on all neurons: the teachers e_1, e_2, …, class by class."""
    output = [
        weight for orbit in problem.orbits for weight in orbit.teachers for _ in range(int(orbit.size))
    ]  # fmt: skip
    teacher = gf.TwoLayerNetwork(np.eye(len(output), student.weights.shape[1]), output)
    return gf.TeacherStudent(teacher, width=student.weights.shape[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURES)
def test_the_blocks_hold_every_eigenvalue_of_the_dense_hessian_with_its_multiplicity(name):
    problem = gf.SymmetricTeacherStudent(STRUCTURES[name])
    network = random_network(problem, seed=len(name))
    student = problem.student(network)
    full = dense(problem, student)
    expected = np.linalg.eigvalsh(full.hessian(student))
    spectrum = problem.spectrum(network)
    assert spectrum.size == expected.size == student.weights.size + student.output.size
    np.testing.assert_allclose(spectrum.repeated(), expected, rtol=0, atol=2e-14 * np.abs(expected).max())
    assert float(problem.loss(problem.check("test", network))) == pytest.approx(float(full.loss(student)), rel=1e-13)


@pytest.mark.parametrize("name", ["two students to a teacher", "small orbits"])
def test_the_error_bounds_hold_against_forty_digits(name):
    problem = gf.SymmetricTeacherStudent(STRUCTURES[name])
    network = random_network(problem, seed=7)
    coarse, fine = problem.spectrum(network), problem.spectrum(network, digits=40)
    for value, error, name, exact, other in zip(
        coarse.eigenvalues,
        coarse.error,
        coarse.representations,
        fine.eigenvalues,
        fine.representations,
        strict=True,
    ):
        assert name == other
        assert 0 < abs(float(value - exact)) <= error


def test_d_beyond_the_teachers_adds_the_vector_representation_of_the_rotations():
    point = gf.perturbed_n_copy(6, 3)
    problem = point.problem
    inside, outside = (problem.spectrum(point.network, d=d) for d in (6, 9))
    assert inside.size == 3 * 7
    assert outside.size == 3 * 10
    added = [
        (name, times)
        for name, times in zip(outside.representations, outside.multiplicities, strict=True)
        if "vector" in name
    ]
    assert sorted(added) == [("(n-1,1) x vector", 6), ("vector", 3)]
    full = gf.TeacherStudent(gf.orthonormal_teacher(6, 9), width=3)
    expected = np.linalg.eigvalsh(full.hessian(problem.student(point.network, d=9)))
    np.testing.assert_allclose(outside.repeated(), expected, atol=1e-13)


def test_perturbed_copies_have_thirteen_distinct_levels_in_their_span_and_two_beyond():
    # design: blocks of size at most 5; 13 distinct eigenvalues at d = k, 15 at d > k
    point = gf.perturbed_n_copy(20, 9)
    assert len(point.problem.spectrum(point.network, d=20).eigenvalues) == 13
    assert len(point.spectrum.eigenvalues) == 15
    trivial = [name for name in point.spectrum.representations if name == "trivial"]
    assert len(trivial) == 4


def test_real_sizes_have_real_multiplicities_and_eigenvalues_between_the_integers():
    low, middle, high = (gf.perturbed_n_copy(20, n).spectrum for n in (12, 12.5, 13))
    assert middle.size == pytest.approx(12.5 * 22)
    assert low.representations == middle.representations == high.representations
    for below, between, above in zip(low.eigenvalues, middle.eigenvalues, high.eigenvalues, strict=True):
        assert min(below, above) <= between <= max(below, above)
    with pytest.raises(ValueError, match=r"repeated: a multiplicity is 11.5, and there are no arrays"):
        middle.repeated()


def test_the_spectrum_prints_its_levels():
    text = str(gf.copy_average(8, 7).spectrum)
    assert text.startswith("index 1, 0 undecided of 70 eigenvalues\n")
    assert "(m-1,1)" in text.splitlines()[3]
    assert "-0.0214475" in text.splitlines()[3]
