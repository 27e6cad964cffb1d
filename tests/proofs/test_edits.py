"""Files whose fields were edited: what is proved of them is true; benchmarks/certificate_edits.py makes all edits."""

import dataclasses

import numpy as np
import pytest
from oracles import field_edits

import gradflow as gf

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.mark.slow
def test_no_edit_of_a_field_is_proved_unless_it_is_true(tmp_path):
    found = field_edits.edited_certificates(tmp_path / "edited.json", np.random.default_rng(5), every=67)
    assert len(found) == 12
    for name, tally in found.items():
        assert tally.made > 30, name
        assert not tally.false
        assert not tally.errors
    # and edits of what is no statement leave it proved: it is not refusal that makes them sound
    assert sum(tally.held for tally in found.values()) > 20


@pytest.mark.slow
def test_no_edit_of_a_table_is_proved_unless_it_is_true(tmp_path):
    tally = field_edits.edited_tables(gf.certify_widths(4), tmp_path / "edited.csv", every=23)
    assert tally.made > 40
    assert not tally.false
    assert not tally.errors


@pytest.fixture(scope="module")
def curve():
    """Of a student one of whose neurons is split in two."""
    (a, b), weights = (0.7, 0.3), np.asarray(gf.copy_average(k=3, n=1).student.weights)
    output = np.asarray(gf.copy_average(k=3, n=1).student.output)
    problem = gf.TeacherStudent(gf.orthonormal_teacher(k=3, d=4), width=2)
    return gf.certify(problem, gf.TwoLayerNetwork(np.repeat(weights, 2, axis=0), [a * output[0], b * output[0]]))


@pytest.mark.parametrize("name", ["index", "gap", "error", "isolation", "bits", "excess", "loss", "least_eigenvalue"])
def test_a_curve_has_no_numbers_of_a_point(curve, tmp_path, name):
    assert curve.statement is gf.Statement.NOT_ISOLATED
    assert gf.verify(curve).holds
    point = dataclasses.replace(curve.narrower, excess=1, least_eigenvalue=curve.narrower.loss)
    edited = dataclasses.replace(curve, **{name: getattr(point, name)})
    assert name in gf.verify(edited).failed
    assert name in gf.verify(gf.write_certificate(edited, tmp_path / "edited.json")).failed


def test_losses_of_curves_are_not_compared(curve):
    nothing = gf.Enclosure(*2 * (curve.narrower.loss.lower - 1,))
    false = dataclasses.replace(curve, loss=nothing)
    assert not false.below(curve.narrower)
    above = gf.Enclosure(*2 * (curve.narrower.loss.upper + 1,))
    assert not curve.narrower.below(dataclasses.replace(curve, loss=above))


@pytest.mark.parametrize("name", ["reason", "arithmetic", "step", "advice", "says"])
def test_text_is_made_from_what_is_proved(curve, tmp_path, name):
    for found in (curve, curve.narrower):
        content = field_edits.json.loads(field_edits.content_of(found)) | {name: "exactly one, of another index"}
        (tmp_path / "edited.json").write_text(field_edits.json.dumps(content))
        again = gf.read_certificate(tmp_path / "edited.json")
        assert str(again) == str(found)
        assert "another" not in f"{again.reason}{again.arithmetic}{again.step}{again.advice}"
        if name != "says":
            again = dataclasses.replace(found, **{name: "exactly one, of another index"})
            assert getattr(again, name) == getattr(found, name)


def test_every_other_number_of_dimensions_is_proved_or_named():
    point = gf.perturbed_n_copy(8, 4)
    found = gf.certify(point.problem, point)
    assert found.elsewhere
    assert "in d = 9 dimensions and in every other d > 8" in found.reason
    assert gf.verify(found).holds
    # without a dimension beyond the teachers nothing is known of directions there
    inside = dataclasses.replace(gf.certify(point.problem, gf.perturbed_n_copy(8, 4, d=8)), elsewhere=True)
    assert gf.verify(inside).failed == ("elsewhere",)


def test_what_a_narrower_certificate_lacks_or_is_not_is_named(curve):
    symmetric = gf.certify(gf.copy_average(3, 1).problem, gf.copy_average(3, 1))
    edits = {
        "of another kind": symmetric,
        "not proved": dataclasses.replace(curve.narrower, statement=gf.Statement.NOT_PROVED),
        "a curve itself": curve,
        "missing": None,
    }
    for name, narrower in edits.items():
        assert gf.verify(dataclasses.replace(curve, narrower=narrower)).failed == ("sharing",), name
