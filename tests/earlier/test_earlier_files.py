"""What an earlier version wrote is read: a store, certificates, a table of widths and a summary of 0.1.0, byte by byte.

`version_0_1_0.json` has the files in base64, as commit 54e2743 wrote them: k = 4, n = 2 (two runs, the second with
its path) and n = 3, certificates of two of the runs, dense, symmetric and not isolated ones, and both widths at k = 5.
"""

import base64
import json
from pathlib import Path

import pytest

import gradflow as gf

FILES = json.loads((Path(__file__).parent / "version_0_1_0.json").read_text())


@pytest.fixture
def earlier(tmp_path):
    """The folder in which they lie as they were."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(base64.b64decode(content))
    return tmp_path


def records(folder):
    return {path.name: path.read_bytes() for path in (folder / "store" / "records").iterdir()}


def test_a_store_opens_with_its_runs_classes_and_certificates(earlier):
    (diagram,) = gf.stored_diagrams(earlier / "store")
    assert [(row.n, row.runs, row.copy_average, row.certified) for row in diagram.rows] == [(2, 2, 2, 1), (3, 1, 1, 1)]
    # L*(3) and L*(2) by the closed form of one student and H teachers, which the other students copy
    assert diagram.rows[0].best_loss == pytest.approx(gf.copy_average(4, 2).loss, abs=1e-14)
    assert diagram.rows[1].best_loss == pytest.approx(gf.copy_average(4, 3).loss, abs=1e-14)
    assert gf.status(earlier / "store").counts == {4: {"C-A": 3}}
    assert gf.stored_runs(earlier / "store", n=2, run=1).columns["configuration"].tolist() == ["C-A(1, 3)"]
    assert len(gf.order_parameters(diagram.at(2)[1]).times) > 10


def test_runs_of_an_earlier_integrator_are_neither_mixed_with_new_ones_nor_touched(earlier):
    before = records(earlier)
    with pytest.raises(ValueError, match="numerics is 2 there and 3 here"):
        gf.phase_diagram(4, (2, 3), runs=2, store=earlier / "store")
    assert records(earlier) == before


def test_a_store_is_exported_merged_and_its_certificates_are_proved_again(earlier):
    gf.export(earlier / "store", earlier / "runs.csv")
    assert len((earlier / "runs.csv").read_text().splitlines()) == 1 + 3
    assert len(gf.merge_stores([earlier / "store"], into=earlier / "all").added) == 3
    found = gf.verify_runs(earlier / "all")
    assert (len(found.proved), found.unproved, found.failed) == (2, (), {})


@pytest.mark.parametrize("name", ["dense", "symmetric", "split"])
def test_a_certificate_is_read_and_proved_again(earlier, name):
    assert gf.verify(earlier / f"{name}.json").holds


def test_a_table_of_widths_is_read_and_proved_again(earlier):
    assert gf.read_certified_widths(earlier / "widths.csv").missing() == ()
    assert gf.verify_widths(earlier / "widths.csv").holds


def test_a_summary_is_read(earlier):
    found, (stored,) = gf.read_summary(earlier / "summary.csv"), gf.stored_diagrams(earlier / "store")
    assert [(record.address, record.outcome) for record in found.records] == [
        (record.address, record.outcome) for record in stored.records
    ]
    assert found.experiment.identity() == stored.experiment.identity()
