"""boundaries: intervals in the width n, against reference digits, the formulas for k → ∞ and each other."""

import math

import mpmath
import numpy as np
import pytest

import gradflow as gf
from gradflow.families.bracket import Bracket, narrowed

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def at(unchecked):
    """One search a k."""
    known = {}

    def of(k):
        if k not in known:
            known[k] = gf.boundaries(k)
        return known[k]

    return of


# reference.md, "Loss crossing as n/k, largest root below n = k" (derived, 50 digits). For k = 320 it prints …3869; the
# formula of design.md in four overlaps, solved by mpmath's own findroot in 50 digits, changes sign at …386787735
@pytest.mark.slow
@pytest.mark.parametrize(
    ("k", "ratio"), [(20, "0.7497804229"), (80, "0.7539196539"), (320, "0.762058386787735"), (1280, "0.7650986462")]
)
def test_the_loss_crossing_is_that_of_the_reference_in_all_digits(at, k, ratio):
    crossing = at(k).loss_crossing
    assert crossing.status == "found"
    # truncated or rounded: one unit of the last digit
    unit = 1.001 * 10.0 ** -(len(ratio) - 2)
    assert crossing.lower / k == pytest.approx(float(ratio), rel=0, abs=unit)
    assert crossing.upper / k == pytest.approx(float(ratio), rel=0, abs=unit)


# reference.md, "P-n-C's onset of stability, real-valued n > 1" (derived, about 1e-3)
@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(8, 4.813), (12, 6.329), (16, 7.781), (20, 9.24), (50, 21.43), (100, 41.3)])
def test_the_onset_of_stability_is_that_of_the_reference(at, k, n):
    onset = at(k).pnc_stability
    assert onset.lower <= onset.upper
    assert onset.lower == pytest.approx(n, rel=1e-3)
    assert onset.representation == "(n-1,1)"
    assert (onset.index_below, onset.index_from) == (onset.first_integer - 2, 0)


# reference.md, "Stability of optimal C-A", as real numbers
@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(8, 6.70354), (12, 10.15868), (16, 13.69348)])
def test_copy_average_turns_into_a_saddle_where_the_reference_says(at, k, n):
    border = at(k).copy_average_stability
    assert border.lower == pytest.approx(n, abs=6e-6)
    assert border.representation == "(m-1,1)"
    assert (border.index_below, border.index_from) == (0, k - border.first_integer)


# reference.md, "First n at which (derived)"
@pytest.mark.slow
@pytest.mark.parametrize(("k", "first"), [(5, (4, None, None)), (6, (4, 5, None)), (8, (5, 7, 7)), (50, (22, 38, 45))])
def test_the_first_whole_widths_are_those_of_the_reference(at, k, first):
    found = at(k)
    names = ("pnc_stability", "loss_crossing", "copy_average_stability")
    assert tuple(getattr(found, name).first_integer for name in names) == first


def test_at_20_teachers_the_onset_lies_at_0462_in_an_interval_of_twelve_digits(at):
    onset = at(20).pnc_stability
    assert 9 < onset.lower <= onset.upper < 10
    assert round(onset.ratio, 3) == 0.462
    assert (onset.upper - onset.lower) / onset.lower <= 1e-12


def test_more_digits_narrow_the_same_intervals(at):
    coarse, fine = at(20), gf.boundaries(20, digits=30)
    for name in ("pnc_stability", "loss_crossing", "copy_average_stability"):
        wide, narrow = getattr(coarse, name), getattr(fine, name)
        assert wide.lower <= narrow.lower < narrow.upper <= wide.upper
        assert narrow.upper - narrow.lower <= 2e-30 * narrow.upper


def test_the_eigenvalues_on_either_side_of_an_interval_have_the_signs_it_says(at):
    found = at(20)
    below, above = (
        gf.perturbed_n_copy(20, n, digits=30) for n in (found.pnc_stability.lower, found.pnc_stability.upper)
    )
    assert below.spectrum.eigenvalues[0] < 0 < above.spectrum.eigenvalues[0]
    below, above = (
        gf.copy_average(20, n, digits=30)
        for n in (found.copy_average_stability.lower, found.copy_average_stability.upper)
    )
    assert above.spectrum.eigenvalues[0] < 0 < below.spectrum.eigenvalues[0]
    low, high = (
        gf.perturbed_n_copy(20, n, digits=30).loss - gf.copy_average(20, n, digits=30).loss
        for n in (found.loss_crossing.lower, found.loss_crossing.upper)
    )
    assert high < 0 < low


# derived: in the limit P-n-C's loss above k's share is (1 − ν)/ν · Var σ′, and copy-average's is 1/3 − 1/π
CROSSING_LIMIT = (2 / mpmath.sqrt(3) - 1) / (2 / mpmath.sqrt(3) + mpmath.pi / 3 - 2)


@pytest.mark.slow
def test_the_loss_crossing_tends_to_its_formula_in_ten_digits(at):
    first, second = (at(k).loss_crossing.ratio for k in (10**6, 10**7))
    # the next term is of order 1/k
    limit = (10 * second - first) / 9
    assert limit == pytest.approx(float(CROSSING_LIMIT), rel=0, abs=1e-11)
    assert float(CROSSING_LIMIT) == pytest.approx(0.7662308182521632, rel=1e-15)


@pytest.mark.slow
def test_the_onset_of_stability_grows_with_the_power_three_fifths(at):
    # derived: n/k^{3/5} → 1.6988740 from above, the next term being of order k^{-1/5}
    scaled = [at(10**power).pnc_stability.upper / 10 ** (0.6 * power) for power in (5, 6, 7)]
    corrections = np.array(scaled) - 1.6988740000972693
    np.testing.assert_allclose(corrections[1:] / corrections[:-1], 10**-0.2, rtol=0.06)


@pytest.mark.slow
def test_copy_average_turns_at_a_square_root_of_k(at):
    # derived: m² → k/(16 (1/√3 − 1/2))
    k = 10**7
    m = k - at(k).copy_average_stability.upper + 1
    assert m / math.sqrt(k) == pytest.approx(1 / math.sqrt(16 * (1 / math.sqrt(3) - 0.5)), rel=1e-3)


def test_a_table_says_where_and_what(at):
    lines = str(at(20)).splitlines()
    assert lines[0] == "boundaries: k = 20, as the width n grows"
    cells = ["9.23688458061953", "0.461844229030977", "10", "(n-1,1)", "8", "->", "0"]
    assert lines[3].split()[4:] == cells


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"k": 1}, ValueError, "boundaries: k must be at least 2, got 1. Write boundaries"),
        ({"k": "20"}, TypeError, "boundaries: k must be a number, got '20'"),
        ({"k": 20, "digits": 12}, ValueError, "digits must be at least 15, what float64 has, got 12"),
    ],
)
def test_what_has_no_boundaries_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        gf.boundaries(**arguments)


@pytest.mark.parametrize(
    ("function", "lower", "upper", "root"),
    [
        (lambda x: math.cos(x) - x, 0.0, 1.0, 0.7390851332151607),
        (lambda x: x**9 - 1e-3, 0.0, 10.0, 1e-3 ** (1 / 9)),
        (lambda x: -1.0 if x < 0.3 else 1.0, 0.0, 1.0, 0.3),
    ],
)
def test_an_interval_is_narrowed_to_the_width_asked_for_around_the_root(function, lower, upper, root):
    evaluations = []

    def counted(x):
        evaluations.append(x)
        return function(x)

    found = narrowed(counted, Bracket(lower, upper, function(lower), function(upper)), lambda _: 1e-13)
    assert found.lower <= root <= found.upper
    assert found.upper - found.lower <= 1e-13
    assert found.at_lower * found.at_upper <= 0
    assert len(evaluations) <= 90


def test_where_a_sign_cannot_be_told_the_interval_stays_open_around_it():
    found = narrowed(lambda x: None if abs(x - 0.5) < 1e-3 else x - 0.5, Bracket(0.0, 1.0, -0.5, 0.5), lambda _: 1e-12)
    assert found.lower < 0.5 - 1e-3 < 0.5 + 1e-3 < found.upper
    assert found.upper - found.lower < 1e-2


def test_an_interval_is_printed_by_both_of_its_ends_in_full():
    from gradflow.families import Boundaries, Boundary

    wide = Boundary(k=20.5, lower=9.42088888597159, upper=9.4208888859716, digits=15, status="found")
    narrow = Boundary(k=20.5, lower=15.25, upper=15.25, digits=15, status="found")
    said = str(Boundaries(20.5, pnc_stability=wide, loss_crossing=narrow, copy_average_stability=narrow))
    assert "[9.42088888597159, 9.4208888859716]" in said
    assert said.count("[") == 1
