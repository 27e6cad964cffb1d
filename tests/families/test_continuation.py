"""continuation: branches in one real parameter, their folds and bifurcations."""

import numpy as np
import pytest

import gradflow as gf

pytestmark = pytest.mark.usefixtures("unchecked")


def perturbed(k):
    return lambda n: gf.PerturbedNCopy.orbits_of(k, n)


@pytest.fixture(scope="module")
def narrow(unchecked):
    """P-n-C of 50 teachers from 24 students down to 1.9."""
    return gf.continuation(perturbed(50), gf.perturbed_n_copy(50, 24), at=24, until=1.9)


# reference.md, "P-n-C by arclength": "for k = 50 and 200 two folds just above n = 2 (k = 50: n = 2.0823 at a = 32.1,
# n = 2.0344 at a = 82.8), none at k = 12 and 20"
@pytest.mark.slow
def test_at_50_teachers_the_branch_folds_twice_above_n_2(narrow):
    assert bool(narrow.result == gf.RESULTS.successful)
    folds = narrow.folds
    assert [round(fold.lower, 4) for fold in folds] == [2.0344, 2.0823]
    for fold in folds:
        assert 0 <= fold.upper - fold.lower <= 1e-8
        assert fold.representation == "trivial"
        outputs = [float(narrow.networks[step].output[0]) for step in (fold.step - 1, fold.step)]
        assert min(outputs) < {2.0344: 82.8, 2.0823: 32.1}[round(fold.lower, 4)] * 1.03
    # down, up again, and down
    assert np.max(narrow.parameters[folds[0].step :]) > np.min(narrow.parameters[: folds[0].step + 1])


@pytest.mark.slow
@pytest.mark.parametrize("k", [12, 20])
def test_narrower_teachers_have_no_fold_and_the_branch_joins_the_average(k):
    branch = gf.continuation(perturbed(k), gf.perturbed_n_copy(k, 4), at=4, until=1.001)
    assert branch.folds == ()
    assert float(branch.networks[-1].output[0]) == pytest.approx(k, rel=1e-2)
    assert branch.losses[-1] == pytest.approx(gf.copy_average(k, 1).loss, rel=1e-3)


@pytest.mark.slow
def test_the_bifurcation_is_the_boundary(narrow):
    onset = gf.boundaries(50).pnc_stability
    found = narrow.bifurcations[0]
    assert found.lower <= onset.lower <= onset.upper <= found.upper
    assert found.upper - found.lower <= 1e-5
    assert found.representation == "(n-1,1)"
    assert (found.index_before, found.index_after) == (0, pytest.approx(narrow.indices[found.step]))


@pytest.mark.slow
def test_more_digits_narrow_it():
    branch = gf.continuation(perturbed(20), gf.perturbed_n_copy(20, 10), at=10, until=9, digits=30)
    (found,) = branch.bifurcations
    exact = gf.boundaries(20, digits=40).pnc_stability
    assert found.lower <= exact.lower <= exact.upper <= found.upper
    assert 0 < found.upper - found.lower < 1e-20


def test_a_point_of_the_branch_is_a_member_of_the_family():
    branch = gf.continuation(perturbed(20), gf.perturbed_n_copy(20, 10), at=10, until=15)
    exact = gf.perturbed_n_copy(20, 15)
    assert branch.parameters[-1] == 15
    assert float(branch.networks[-1].own[0, 0]) == pytest.approx(exact.overlaps.own, abs=1e-12)
    assert branch.losses[-1] == pytest.approx(exact.loss, abs=1e-12)


@pytest.mark.slow
def test_k_and_a_ratio_of_output_weights_are_parameters_too():
    start = gf.perturbed_n_copy(20, 10)
    in_k = gf.continuation(lambda k: gf.PerturbedNCopy.orbits_of(k, 10), start, at=20, until=24)
    (found,) = in_k.bifurcations
    # the same border as that of n: P-n-C at k teachers turns at n = 10
    assert gf.boundaries((found.lower + found.upper) / 2).pnc_stability.lower == pytest.approx(10, abs=1e-5)

    def weighted(ratio):
        return gf.SymmetricTeacherStudent([gf.Orbit(10, 1, (1.0,)), gf.Orbit(10, 0, (ratio,))])

    in_ratio = gf.continuation(weighted, start, at=1, until=-1)
    assert in_ratio.parameters[-1] == -1
    # a teacher of opposite sign is met with opposite overlaps
    assert float(in_ratio.networks[-1].others[0, 1]) == pytest.approx(-start.overlaps.unmatched, abs=1e-12)


@pytest.mark.slow
def test_a_branch_that_is_too_long_keeps_its_last_good_point():
    branch = gf.continuation(perturbed(50), gf.perturbed_n_copy(50, 30), at=30, until=2, max_steps=5)
    assert bool(branch.result == gf.RESULTS.max_steps_reached)
    assert len(branch.parameters) == 6
    problem = gf.SymmetricTeacherStudent(perturbed(50)(branch.parameters[-1]))
    last = gf.refine(problem, branch.networks[-1])
    assert last.moved <= 1e-9


@pytest.mark.slow
def test_a_branch_prints_its_special_points(narrow):
    lines = str(narrow).splitlines()
    assert lines[0].endswith("points from 24.0 to 1.9, successful")
    assert lines[3].split()[0] == "bifurcation"
    assert sum(line.startswith("fold") for line in lines) == 2


@pytest.mark.slow
def test_a_fold_lies_in_its_interval(narrow):
    # the same branch with digits=30
    for fold, place in zip(narrow.folds, (2.03437671570831, 2.08232100084388), strict=True):
        assert fold.lower <= place <= fold.upper


@pytest.mark.slow
@pytest.mark.parametrize(("k", "at", "until"), [(100, 5, 4), (100, 5, 6), (50, 3, 2.5)])
def test_a_branch_begins_and_ends_where_it_is_asked_to(k, at, until):
    branch = gf.continuation(perturbed(k), gf.perturbed_n_copy(k, at), at=at, until=until)
    assert bool(branch.result == gf.RESULTS.successful)
    assert branch.parameters[-1] == until


@pytest.mark.slow
def test_a_bifurcation_is_seen_next_to_where_its_representation_ends():
    # (n-2,2) has n(n−3)/2 dimensions; its eigenvalue changes sign at n = 3.11221925 (digits=25: −0.0040 at 3.10, 0.0025
    # at 3.12), which a step from above may jump together with n = 3
    branch = gf.continuation(perturbed(20), gf.perturbed_n_copy(20, 5), at=5, until=2.5)
    found = next(point for point in branch.bifurcations if point.representation == "(n-2,2)")
    assert found.lower == pytest.approx(3.11221925, abs=1e-8)


@pytest.mark.slow
def test_a_fold_is_no_bifurcation_of_the_trivial_representation_as_well():
    # at k = 100 the sign beyond the fold is lost in rounding for some steps
    with pytest.warns(gf.PrecisionWarning, match="does not tell an eigenvalue from zero at .* points"):
        branch = gf.continuation(perturbed(100), gf.perturbed_n_copy(100, 4), at=4, until=1.999)
    assert [round(fold.lower, 3) for fold in branch.folds] == [2.008, 2.051]
    assert all(point.representation != "trivial" for point in branch.bifurcations)


def test_orbits_with_the_same_label_are_told_apart():
    def unlabelled(n):
        return (gf.Orbit(n, 1, (1.0,)), gf.Orbit(20 - n, 0, (1.0,)))

    branch = gf.continuation(unlabelled, gf.perturbed_n_copy(20, 10), at=10, until=8)
    (found,) = branch.bifurcations
    assert found.lower < 9.23688458 < found.upper
    assert found.representation == "(N[0]-1,1)"
    assert branch.indices[-1] == gf.perturbed_n_copy(20, 8).spectrum.index == 7


def test_zero_modes_are_no_bifurcations():
    # reference.md: a duplicated average has index 3 at k = 6 and flat directions at every weight of its teachers
    start = gf.copy_average(6, 4, (1, 1, 4), rest="duplicate")

    def weighted(t):
        return [
            gf.Orbit(orbit.size, orbit.students, tuple(t if orbit.size == 4 else 1.0 for _ in orbit.teachers))
            for orbit in start.orbits
        ]

    branch = gf.continuation(weighted, start, at=1, until=1.2)
    assert branch.special_points == ()
    np.testing.assert_array_equal(branch.indices, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"at": 10, "until": 10}, ValueError, "continuation: at and until are both 10: there is no way to go"),
        ({"at": 10, "until": "5"}, TypeError, "continuation: until must be a number, got '5'"),
        ({"at": 10, "until": 5, "max_steps": 0}, ValueError, "continuation: max_steps must be at least 1, got 0"),
        ({"at": 10, "until": 5, "start": 3.0}, TypeError, "continuation: start must be SymmetricNetwork, got"),
        (
            {"at": 10, "until": 5, "start": gf.SymmetricNetwork([[5.0, 0.0]], [[3.0, -2.0]], [40.0])},
            ValueError,
            "continuation: there is no critical point near start at 10: Newton's method did not converge. Write",
        ),
        ({"at": 10, "until": 25}, ValueError, r"the family does not exist at until = 25: .*n must be at most k"),
        (
            {"at": 10, "until": 5, "start": gf.copy_average(20, 10)},
            ValueError,
            r"own must have shape \(1, 2\), for 1 classes of students and 2 of teachers, got \(2, 2\)",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(arguments, error, message):
    start = arguments.pop("start", gf.perturbed_n_copy(20, 10))
    with pytest.raises(error, match=message):
        gf.continuation(perturbed(20), start, **arguments)


def test_a_family_that_changes_its_neurons_is_refused():
    def changing(n):
        return (gf.Orbit(n, 1, (1.0,)), gf.Orbit(20 - n, 0, (1.0,)))[: 2 if n > 9 else 1]

    with pytest.raises(ValueError, match=r"family must have the same orbits at every parameter, got .* at 5"):
        gf.continuation(changing, gf.perturbed_n_copy(20, 10), at=10, until=5)


@pytest.mark.parametrize("given", [5, None, [5]])
def test_a_family_that_gives_no_orbits_is_refused(given):
    with pytest.raises(
        TypeError, match=r"family must give several gf.Orbit or a gf.SymmetricTeacherStudent, got .* at 10"
    ):
        gf.continuation(lambda _: given, gf.perturbed_n_copy(20, 10), at=10, until=5)


@pytest.mark.slow
def test_a_loss_that_is_small_beside_its_terms_keeps_its_digits():
    # teachers of output weight 10⁶ that are copied exactly but for the others: terms of 10¹² leave a loss of 0.1
    def weighted(t):
        return [gf.Orbit(4, students=1, teachers=(t,)), gf.Orbit(4, teachers=(1.0,))]

    start = gf.perturbed_n_copy(8, 4)
    with pytest.warns(gf.PrecisionWarning, match="the first at .* Write digits=30"):
        branch = gf.continuation(weighted, start, at=1, until=1e6)
    # the same with digits=40
    assert branch.losses[-1] == pytest.approx(0.10750294389986265667, rel=1e-12)
    # it rises to a limit, to which its last steps are closer than its digits
    assert np.all(np.diff(branch.losses) > -1e-12)
