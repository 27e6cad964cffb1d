"""The catalogue: every distinct critical point of a sweep once, whatever the order of the records."""

import json

import numpy as np
import pytest

from gradflow.sweeps.catalogue import catalogue
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.record import Record


@pytest.fixture(scope="module")
def diagram(swept):
    return swept[1]


def ended(record, run, loss, eigenvalues, *, name="other", index=0, kind="saddle", **arrays):
    """A record of a run that ended somewhere else."""
    header = record.header | {
        "run": run,
        "loss": loss,
        "configuration": {**record.header["configuration"], "name": name, "partition": None},
        "classification": {**record.header["classification"], "index": index, "kind": kind},
    }
    kept = {**record.arrays, **arrays, "eigenvalues": np.asarray(eigenvalues, dtype=float)}
    return Record(address=record.address._replace(run=run), header=header, arrays=kept)


def test_a_sweep_that_ends_in_two_points_has_two_in_its_catalogue(diagram):
    first, second = diagram.catalogue.points
    assert (first.name, first.n, first.runs, first.kind) == ("C-A(1, 1, 6)", 3, (0, 1), "minimum")
    assert (first.isotropy, first.index, first.nullity) == ("ΔS_2 × S_6 × O(1)", 0, 0)
    assert (second.name, second.isotropy, second.compared) == ("C-A(1, 1, 1, 5)", "ΔS_3 × S_5 × O(1)", "spectrum")
    # reference.md: k = 8
    assert first.loss == pytest.approx(0.087923261120336463, abs=1e-14)
    assert second.above_copy_average == pytest.approx(0, abs=1e-14)


def several(diagram):
    """Twelve records in five points."""
    at_three, at_four = diagram.at(3)[0], diagram.at(4)[0]
    spectrum = np.linspace(1, 2, at_four.arrays["weights"].size + 4)
    shifted = spectrum + np.array([0.1] + [0] * (len(spectrum) - 1))
    return [
        *diagram.records,
        *(ended(at_four, run, 0.08 + 1e-12 * run, spectrum) for run in (2, 3, 4)),
        *(ended(at_four, run, 0.08 - 1e-12 * run, shifted, index=1) for run in (5, 6, 7)),
        ended(at_four, 8, 0.07, spectrum),
        ended(at_three, 9, 0.08, spectrum[:30]),
    ]


def test_points_without_a_name_come_first_then_width_and_loss(diagram):
    points = catalogue(8, several(diagram)).points
    assert [(p.number, p.n, p.name, p.runs) for p in points] == [
        (1, 3, "other-1", (9,)),
        (2, 4, "other-2", (8,)),
        (3, 4, "other-3", (5, 6, 7)),
        (4, 4, "other-4", (2, 3, 4)),
        (5, 3, "C-A(1, 1, 6)", (0, 1)),
        (6, 4, "C-A(1, 1, 1, 5)", (0, 1)),
    ]
    assert points[1].above_copy_average == pytest.approx(0.07 - 0.0724526452036704687, abs=1e-15)


def test_the_groups_do_not_depend_on_the_order_of_the_records(diagram):
    records = several(diagram)
    expected = catalogue(8, records).to_json()
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(records))
        assert catalogue(8, [records[i] for i in order]).to_json() == expected


def test_the_diagram_s_others_are_the_catalogue_s(diagram):
    records = tuple(several(diagram))
    made = PhaseDiagram(experiment=diagram.experiment, k=8, records=records, complete=True)
    named = [point for point in made.catalogue.points if point.name.startswith("other")]
    assert [(o.number, o.n, o.loss, o.index, o.runs) for o in made.others] == [
        (p.number, p.n, p.loss, p.index, p.runs) for p in named
    ]


def test_the_same_point_moved_by_a_symmetry_is_the_same_point(diagram):
    record = diagram.at(4)[0]
    order, columns = np.array([2, 0, 3, 1]), np.append(np.random.default_rng(0).permutation(8), 8)
    signs = np.array([1.0, -1.0, -1.0, 1.0])
    twin = ended(
        record,
        7,
        record.loss,
        record.arrays["eigenvalues"],
        name="C-A",
        weights=(signs[:, None] * record.arrays["weights"][order])[:, columns],
        output=signs * record.arrays["output"][order],
    )
    twin.header["configuration"]["partition"] = [1, 1, 1, 5]
    (alone,), (both,) = catalogue(8, [record]).points, catalogue(8, [twin, record]).points
    assert (both.runs, both.isotropy) == ((record.address.run, 7), alone.isotropy)
    (moved,) = catalogue(8, [twin]).points
    assert moved.isotropy == alone.isotropy


def test_points_whose_spectrum_is_known_by_signs_alone_are_told_by_loss_and_index(diagram):
    record = diagram.at(4)[0]
    signs = [ended(record, run, 0.08, [], index=index) for run, index in ((2, 1), (3, 1), (4, 2))]
    points = catalogue(8, signs).points
    assert [(p.runs, p.index, p.compared) for p in points] == [
        ((2, 3), 1, "loss and index"),
        ((4,), 2, "loss and index"),
    ]
    extremes = [ended(record, run, 0.08, [1.0, 2.0, top]) for run, top in ((2, 5.0), (3, 5.0), (4, 6.0))]
    said = catalogue(8, extremes)
    assert [(p.runs, p.compared) for p in said.points] == [
        ((2, 3), "extreme eigenvalues"),
        ((4,), "extreme eigenvalues"),
    ]
    assert str(said).endswith("compared by extreme eigenvalues alone: 1, 2")


@pytest.mark.parametrize("kind", ["channel", "minimum at infinity"])
def test_runs_without_an_end_and_failed_runs_are_no_critical_points(diagram, kind):
    record = diagram.at(4)[0]
    endless = ended(record, 3, 0.04, [1.0], kind=kind)
    failed = Record(
        address=record.address._replace(run=4),
        header=record.header | {"classification": None, "configuration": None, "loss": None},
        arrays=record.arrays,
    )
    assert catalogue(8, [endless, failed]).points == ()
    assert str(catalogue(8, [])).startswith("catalogue: k = 8, 0 critical points of 0 runs")
    (row,) = PhaseDiagram(experiment=diagram.experiment, k=8, records=(endless,), complete=False).rows
    assert (row.channels, row.at_infinity, row.best_loss) == (kind == "channel", kind != "channel", None)
    assert endless.outcome == kind


def test_the_catalogue_prints_a_table_and_is_plain_data(diagram):
    made = diagram.catalogue
    lines = str(made).splitlines()
    assert lines[0] == "catalogue: k = 8, 2 critical points of 4 runs"
    assert lines[1].split()[:3] == ["number", "n", "name"]
    assert "ΔS_3 × S_5 × O(1)" in lines[4]
    plain = json.loads(json.dumps(made.to_json()))
    assert plain["points"][1]["runs"] == [0, 1]


def test_long_partitions_are_counted_in_the_table():
    from gradflow.identification.labels import compact

    assert compact("C-A(1, 1, 1, 1, 1, 21, 21)") == "C-A(5 × 1, 21, 21)"
    assert compact("C-A(1, 1, 1, 5)") == "C-A(1, 1, 1, 5)"
    assert compact("C-A(1, 2, 2, 2, 2, 2, 2)") == "C-A(1, 6 × 2)"
    assert compact("P-n-C") == "P-n-C"


def test_a_manifold_of_critical_points_is_one_point_whatever_the_spectrum_along_it(diagram):
    record, kind = diagram.at(4)[0], "minimum manifold"
    ends = [ended(record, run, 0.0, [0.0, 1.0, top], kind=kind) for run, top in ((2, 5.0), (3, 6.0), (4, 7.0))]
    for end, nullity in zip(ends, (1, 1, 2), strict=True):
        end.header["classification"]["nullity"] = nullity
    points = catalogue(8, ends).points
    assert [(p.runs, p.nullity, p.compared) for p in points] == [
        ((2, 3), 1, "loss, index and nullity"),
        ((4,), 2, "extreme eigenvalues"),
    ]
