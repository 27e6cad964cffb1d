"""A certificate prints itself, is kept exactly, and says nothing where nothing was proved."""

import json
import math
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import equinox as eqx
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import gradflow as gf
from gradflow import _memory
from gradflow.proofs import Enclosure, Statement

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def problem():
    return gf.TeacherStudent(gf.orthonormal_teacher(k=4, d=5), width=2)


@pytest.fixture(scope="module")
def found(problem):
    return gf.certify(problem, gf.copy_average(k=4, n=2).student, least_eigenvalue=True)


def test_it_prints_what_was_proved(found):
    text = str(found)
    assert text.startswith("certify: exactly one critical point within ")
    assert "index 0" in text
    assert "loss in [" in text
    assert repr(found) == text


def test_printed_bounds_were_proved_too(found):
    """Distances upwards, the gap and the uniqueness ball downwards."""
    text = str(replace(found, radius=1.2400001e-9, isolation=2.39e-3, gap=6.99e-4))
    assert "within 1.3e-09 (within 0.0023)" in text
    assert "no eigenvalue within 0.00069 of zero" in text


@pytest.mark.parametrize("width", [0, Fraction(1, 3 * 10**9), Fraction(1, 3)])
def test_a_printed_range_contains_the_range(width):
    ends = Enclosure(Fraction(1, 7), Fraction(1, 7) + width)
    lower, upper = (Fraction(text) for text in str(ends)[1:-1].split(", "))
    assert lower <= ends.lower <= ends.upper <= upper


def test_a_file_keeps_every_number(found, tmp_path):
    path = gf.write_certificate(found, tmp_path / "certificate.json")
    again = gf.read_certificate(path)
    for name in ("statement", "reason", "index", "bits", "error", "radius", "isolation", "gap", "loss", "middle"):
        assert getattr(again, name) == getattr(found, name)
    assert again.least_eigenvalue == found.least_eigenvalue
    np.testing.assert_array_equal(again.given.weights, found.given.weights)
    assert str(again) == str(found)
    assert gf.verify(path).holds


def test_a_file_of_what_is_not_proved_is_read_too(problem, tmp_path):
    path = gf.write_certificate(gf.certify(problem, _random(problem)), tmp_path / "certificate.json")
    assert not gf.read_certificate(path).proved
    assert "nothing to check" in str(gf.verify(path))


JUNK = ("missing", {"no": "such"}, ["0x1p"], True)
JUNK_TEXTS = ("1p2p3", "1p99999999999", "0x1p99999")
FIELDS = ("problem", "given", "statement", "center", "loss", "error", "index", "bits")


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in FIELDS for value in (*JUNK, *JUNK_TEXTS)] + [("reason", value) for value in JUNK],
)
def test_a_field_that_cannot_be_read_is_named(found, tmp_path, name, value):
    path = gf.write_certificate(found, tmp_path / "certificate.json")
    fields = json.loads(path.read_text())
    fields[name] = value
    if value == "missing":
        del fields[name]
    path.write_text(json.dumps(fields))
    with pytest.raises(ValueError, match=f"'{name}'"):
        gf.verify(path)


def test_a_newer_file_is_refused(found, tmp_path):
    path = gf.write_certificate(found, tmp_path / "certificate.json")
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(ValueError, match="version"):
        gf.read_certificate(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "no"])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="not a certificate"):
        gf.verify(path)


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ({"index": 1}, "index"),
        ({"index": -1}, "index"),
        ({"gap": 0.0}, "gap"),
        ({"gap": 1.0}, "gap"),
        ({"gap": math.nan}, "gap"),
        ({"error": 1e-300}, "critical point"),
        ({"error": -1.0}, "critical point"),
        ({"error": math.inf}, "critical point"),
        ({"radius": 1e-300}, "radius"),
        ({"radius": -math.inf}, "radius"),
        ({"isolation": 1.0}, "isolation"),
        ({"isolation": math.nan}, "isolation"),
        ({"loss": Enclosure(Fraction(0), Fraction(1, 100))}, "loss"),
        ({"least_eigenvalue": Enclosure(Fraction(1), Fraction(2))}, "least eigenvalue"),
    ],
)
def test_the_statement_that_was_edited_is_named(found, edit, named):
    checked = gf.verify(replace(found, **edit))
    assert not checked.holds
    assert named in checked.failed
    assert named in str(checked)


@pytest.mark.parametrize("edit", [{"middle": ()}, {"middle": (Fraction(1),)}, {"loss": None}, {"bits": 10**15}])
def test_what_is_missing_or_beyond_reason_is_refused(found, edit):
    name = "center" if "middle" in edit else next(iter(edit))
    with pytest.raises(ValueError, match=name):
        gf.verify(replace(found, **edit))


@pytest.mark.parametrize("edit", [{"excess": -1}, {"excess": 2.5}, {"bits": 10**15}, {"error": None}, {"loss": None}])
def test_so_it_is_by_symmetry(edit):
    point = gf.perturbed_n_copy(k=8, n=4)
    found = gf.certify(point.problem, point)
    assert gf.verify(found).holds
    with pytest.raises(ValueError, match=next(iter(edit))):
        gf.verify(replace(found, **edit))


def test_a_single_number_is_no_center_of_many():
    """All parameters of this copy are one: a center of length one would be broadcast."""
    problem = gf.TeacherStudent(gf.TwoLayerNetwork([[1.0]], [1.0]), width=1)
    found = gf.certify(problem, gf.TwoLayerNetwork([[1.0]], [1.0]))
    assert found.proved
    with pytest.raises(ValueError, match="center"):
        gf.verify(replace(found, middle=found.middle[:1]))


@pytest.mark.parametrize(("k", "n", "family"), [(4, 2, gf.copy_average), (4, 3, gf.perturbed_n_copy)])
def test_the_center_has_thirty_digits_of_the_exact_point(k, n, family):
    point, exact = family(k=k, n=n), family(k=k, n=n, digits=40)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=k, d=k), width=n)
    given = gf.TwoLayerNetwork(np.asarray(point.student.weights)[:, :k], point.student.output)
    center = gf.certify(problem, given).center
    network = exact.network
    output = center[n * k :]
    # every neuron's output weight is that of one of the orbits
    with mpmath.workdps(45):
        for value in output:
            assert min(abs(value - true) for true in network.output) < mpmath.mpf(10) ** -30
        for value in center[: n * k]:
            parts = [*np.ravel(network.own), *np.ravel(network.others), mpmath.mpf(0)]
            assert min(abs(value - true) for true in parts) < mpmath.mpf(10) ** -30


def test_digits_are_those_that_were_asked_for(problem):
    point = gf.copy_average(k=4, n=2).student
    assert gf.certify(problem, point, digits=100).digits >= 100
    with pytest.raises(ValueError, match="digits must be at most"):
        gf.certify(problem, point, digits=400)
    assert replace(gf.certify(problem, point), error=1.0000000001e-30).digits == 29


def _random(problem):
    rng = np.random.default_rng(0)
    return gf.TwoLayerNetwork(rng.normal(size=(2, 5)), rng.normal(size=2))


def test_a_point_that_is_not_critical_is_not_proved_and_the_reason_is_said(problem):
    found = gf.certify(problem, _random(problem))
    assert (found.proved, found.statement) == (False, Statement.NOT_PROVED)
    assert found.reason
    assert found.step
    assert str(found).startswith("certify: not proved (")
    assert (found.index, found.center, found.loss, found.digits) == (None, None, None, 0)
    assert not gf.verify(found).holds


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_point_that_is_no_number_is_not_proved(problem, value):
    student = eqx.tree_at(lambda s: s.output, gf.copy_average(k=4, n=2).student, jnp.array([1.0, value]))
    found = gf.certify(problem, student)
    assert not found.proved
    assert found.reason == f"output[1] is {value}"


def test_a_weight_beyond_bounds_is_not_proved(problem):
    found = gf.certify(problem, gf.TwoLayerNetwork(np.full((2, 5), 1e20), np.ones(2)))
    assert not found.proved
    assert "where 1e+15 is the most" in found.reason


def test_below_needs_both_losses_apart(problem, found):
    other = gf.certify(problem, gf.perturbed_n_copy(k=4, n=2).student)
    assert found.below(other)
    assert not other.below(found)
    assert not found.below(found)
    nothing = gf.certify(problem, _random(problem))
    assert not found.below(nothing)
    assert not nothing.below(found)


def test_what_does_not_fit_into_memory_is_refused_beforehand(problem, monkeypatch):
    monkeypatch.setattr(_memory, "available", lambda: 1e3)
    with pytest.raises(MemoryError, match="12 parameters"):
        gf.certify(problem, gf.copy_average(k=4, n=2).student)


@pytest.mark.parametrize("verb", ["certify", "verify"])
def test_without_the_extra_the_line_that_installs_it_is_said(problem, found, monkeypatch, verb):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(ValueError, match=rf'{verb}: .*Write pip install "python-flint>=0.8", or pip'):
        gf.certify(problem, found.given) if verb == "certify" else gf.verify(found)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (0, 1), (Decimal(0), Decimal(1)), (np.float64(0), np.int64(1))])
def test_ends_of_a_range_are_exact_whatever_numbers_they_are_given_as(ends):
    assert gf.Enclosure(*ends) == gf.Enclosure(Fraction(0), Fraction(1))
    assert str(gf.Enclosure(*ends)) == "[0, 1]"
    assert gf.Enclosure(0.1, 1).lower == Fraction(0.1)


@pytest.mark.parametrize(
    ("ends", "error", "message"),
    [
        ((math.nan, 1), ValueError, "lower must be a finite number, got nan"),
        ((0, math.inf), ValueError, "upper must be a finite number, got inf"),
        ((Decimal("nan"), 1), ValueError, "lower must be a finite number"),
        ((1, 0), ValueError, "lower and upper must ascend"),
        ((10**400, 0), ValueError, "lower and upper must ascend"),
        (("0", 1), TypeError, "lower must be a number, got '0'"),
        ((False, True), TypeError, "lower must be a number, got False"),
        ((0, None), TypeError, "upper must be a number, got None"),
        ((0, 1j), TypeError, "upper must be a number"),
    ],
)
def test_what_is_no_range_is_refused(ends, error, message):
    with pytest.raises(error, match=rf"Enclosure: {message}.* Write gf\.Enclosure\(0, 1\)"):
        gf.Enclosure(*ends)


def test_a_center_beyond_float64_is_no_student(found):
    far = replace(found, middle=(Fraction(10) ** 400,) * len(found.middle))
    with pytest.raises(ValueError, match=r"Certificate\.student: .*within float64.* Write certificate\.center"):
        _ = far.student
    assert float(mpmath.log10(far.center[0])) == 400
