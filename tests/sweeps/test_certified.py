"""Certificates of stored runs: made once, kept beside the records, shown, and never those of another point."""

import dataclasses
import json
import sys
from fractions import Fraction

import numpy as np
import pytest

import gradflow as gf
from gradflow import proofs
from gradflow.sweeps import Address, Store, Task, certified
from gradflow.sweeps import run as run_module
from gradflow.sweeps.record import Record, from_bytes, to_bytes
from gradflow.sweeps.run import keep_death

pytestmark = pytest.mark.usefixtures("unchecked")

# reference.md: L*(8), L*(6) and L*(5), to the digits printed there
LOSSES = {3: "0.087923261120336463", 4: "0.0724526452036704687"}
ISOLATED = "isolated critical point"


@pytest.fixture(scope="module")
def plain(tmp_path_factory, unchecked):
    """A store without certificates, of one shape."""
    folder = tmp_path_factory.mktemp("plain")
    return folder, gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=folder)


@pytest.fixture(scope="module")
def proved(plain, tmp_path_factory):
    """The same runs in another store, certified."""
    folder = tmp_path_factory.mktemp("proved")
    gf.merge_stores([plain[0]], folder)
    return folder, gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=folder, certify=True)


@pytest.fixture
def copy(proved, tmp_path):
    """A store to spoil."""
    gf.merge_stores([proved[0]], tmp_path / "copy")
    return tmp_path / "copy"


def count_certified(monkeypatch):
    """How often something is certified."""
    made, certify = [], proofs.certify

    def counting(problem, point, **options):
        made.append(problem.width)
        return certify(problem, point, **options)

    monkeypatch.setattr(proofs, "certify", counting)
    return made


def changed(record, **classification):
    return Record(
        address=record.address,
        header=record.header | {"classification": record.header["classification"] | classification},
        arrays=record.arrays,
    )


def test_every_minimum_is_certified_and_its_loss_enclosed(proved):
    _, diagram = proved
    assert [(row.n, row.runs, row.minima, row.certified) for row in diagram.rows] == [
        (1, 2, 2, 2),
        (3, 2, 2, 2),
        (4, 2, 2, 2),
    ]
    for address, found in diagram.certificates.items():
        assert (found.statement, found.index) == (ISOLATED, 0)
        assert found.radius < 1e-8
        assert found.digits >= 30
        if address.n in LOSSES:
            digits = Fraction(LOSSES[address.n])
            room = Fraction(1, 10 ** (len(LOSSES[address.n]) - 2))
            assert digits - room < found.loss.lower <= found.loss.upper < digits + room


def test_records_are_not_touched_by_a_certificate(plain, proved):
    for path in (plain[0] / "records").iterdir():
        assert (proved[0] / "records" / path.name).read_bytes() == path.read_bytes()
    assert proved[1].to_json()["identity"] == plain[1].to_json()["identity"]


def test_stored_runs_are_certified_without_doing_them_again_and_once(plain, copy, monkeypatch):
    for path in (copy / "certificates").glob("*-n0003-*"):
        path.unlink()
    monkeypatch.setattr(run_module, "run_cell", None)
    made = count_certified(monkeypatch)
    for _ in range(2):
        diagram = gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=copy, certify=True)
        assert made == [3, 3]
        assert len(diagram.certificates) == 6


def test_a_diagram_without_a_store_has_its_certificates(monkeypatch):
    (found,) = gf.phase_diagram(k=8, widths=(4,), runs=1, certify=True).certificates.values()
    assert gf.verify(found.certificate).holds


def test_a_store_says_what_is_certified_without_being_asked_to_certify(proved):
    folder, diagram = proved
    (stored,) = gf.stored_diagrams(folder)
    assert stored.to_json() == diagram.to_json()
    assert "\nn    n/k  runs" in str(stored)
    assert str(stored).splitlines()[1].endswith("certified")
    assert str(stored).splitlines()[3].endswith("2 of 2")
    assert gf.status(folder).certified == {8: 6}
    assert "certified\n" in str(gf.status(folder))


def test_without_certificates_nothing_is_said_of_them(plain):
    folder, diagram = plain
    assert diagram.certificates == {}
    assert "certified" not in f"{diagram}{gf.status(folder)}"


def test_tables_have_the_statement_the_index_and_the_enclosure(proved):
    folder, diagram = proved
    frame = diagram.where(n=4).to_pandas()
    assert frame["certified"].tolist() == [ISOLATED] * 2
    assert frame["certified_index"].tolist() == [0, 0]
    assert (frame["loss_lower"] < frame["loss_upper"]).all()
    assert np.allclose(frame["loss_lower"], float(LOSSES[4]), atol=1e-15, rtol=0)
    columns = gf.stored_runs(folder, certified=ISOLATED).columns
    assert columns["radius"].tolist() == diagram.to_pandas()["radius"].tolist()
    row = diagram.to_json()["runs"][0]
    assert (row["certified"], row["certified_index"]) == (ISOLATED, 0)


def test_the_index_follows_certificates_that_come_and_go(copy):
    assert len(gf.stored_runs(copy, certified=ISOLATED)) == 6
    (copy / "certificates" / "k0008-n0004-run0001.json").unlink()
    assert len(gf.stored_runs(copy, certified=ISOLATED)) == 5
    gf.certify_runs(copy, n=4, run=1)
    assert len(gf.stored_runs(copy, certified=ISOLATED)) == 6


def test_a_certificate_of_a_former_end_of_the_run_counts_for_nothing(copy):
    opened = gf.open_store(copy)
    record = opened.read(Address(8, 4, 0))
    weights = record.arrays["weights"].copy()
    weights[0, 0] = np.nextafter(weights[0, 0], 1.0)
    Store(copy, opened.experiment).write(
        Record(address=record.address, header=record.header, arrays=record.arrays | {"weights": weights})
    )
    assert Address(8, 4, 0) not in gf.stored_diagrams(copy)[0].certificates
    assert len(gf.stored_runs(copy, certified=ISOLATED)) == 5
    assert gf.verify_runs(copy).failed == {Address(8, 4, 0): ("given point: not the end of the run",)}
    gf.certify_runs(copy)
    assert gf.verify_runs(copy).failed == {}


def test_a_damaged_certificate_is_named_and_made_again(copy):
    path = copy / "certificates" / "k0008-n0004-run0000.json"
    path.write_text(path.read_text()[:100])
    with pytest.warns(UserWarning, match=r"damaged certificate .*k0008-n0004-run0000\.json left out"):
        (diagram,) = gf.certify_runs(copy)
    assert diagram.certificates[Address(8, 4, 0)].proved


def test_what_could_not_be_proved_is_kept_with_its_reason_and_tried_again_on_request(copy, monkeypatch):
    def refused(*arguments, **options):
        raise MemoryError("2 TB are needed")

    path = copy / "certificates" / "k0008-n0004-run0000.json"
    path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(proofs, "certify", refused)
        diagram = gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=copy, certify=True)
    assert diagram.complete
    assert "n = 4, run 0: not certified (memory), MemoryError: 2 TB are needed" in str(diagram)
    assert [row.certified for row in diagram.rows] == [2, 2, 1]
    made = count_certified(monkeypatch)
    assert not gf.certify_runs(copy)[0].certificates[Address(8, 4, 0)].proved
    assert made == []
    assert gf.certify_runs(copy, again=True)[0].certificates[Address(8, 4, 0)].proved
    assert made == [4]


def test_more_digits_are_a_new_certificate_and_fewer_are_not(copy, monkeypatch):
    made = count_certified(monkeypatch)
    (diagram,) = gf.certify_runs(copy, n=4, run=0, digits=60)
    assert [found.digits >= 60 for found in diagram.certificates.values()] == [True]
    gf.certify_runs(copy, n=4, run=0)
    assert made == [4]


def test_runs_that_did_not_end_at_a_critical_point_have_no_certificate(tmp_path):
    diagram = gf.phase_diagram(k=8, widths=(4,), runs=1, max_steps=30, store=tmp_path, certify=True)
    assert (diagram.records[0].kind, diagram.certificates, diagram.complete) == ("failed", {}, True)
    done = gf.phase_diagram(
        k=8, widths=(4,), runs=1, max_steps=30, store=tmp_path, certify=True, retry=gf.Retry(max_steps=10_000)
    )
    assert done.certificates[Address(8, 4, 0)].proved


def test_an_interrupt_while_certifying_leaves_the_records_and_says_that_something_is_missing(copy, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    (copy / "certificates" / "k0008-n0004-run0000.json").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(proofs, "certify", interrupt)
        partial = gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=copy, certify=True)
        assert not gf.certify_runs(copy)[0].complete
    assert (partial.complete, len(partial.records), len(partial.certificates)) == (False, 6, 5)
    assert list((copy / "running").glob("*.json")) == []
    assert gf.phase_diagram(k=8, widths=(1, 3, 4), runs=2, store=copy, certify=True).complete


@pytest.mark.parametrize(
    ("said", "contradicted"),
    [
        ({"index": 1, "kind": "saddle"}, True),
        ({"kind": "minimum manifold", "nullity": 2}, True),
        ({"kind": "undecided", "index": 3}, False),
    ],
)
def test_a_class_that_a_proof_contradicts_is_shouted_about(proved, said, contradicted):
    _, diagram = proved
    records = (changed(diagram.records[0], **said), *diagram.records[1:])
    wrong = dataclasses.replace(diagram, records=records)
    assert [record.address for record in wrong.contradicted] == [Address(8, 1, 0)] * contradicted
    assert ("WARNING, n = 1, run 0: classified as" in str(wrong)) == contradicted


@pytest.mark.process
def test_worker_processes_certify_what_they_do_and_what_is_stored(tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path)
    diagram = gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=tmp_path, processes=2, certify=True)
    assert [diagram.certificates[record.address].index for record in diagram.records] == [0] * 4
    assert list((tmp_path / "running").glob("*.json")) == []


def test_a_death_over_a_certificate_is_its_reason_and_the_record_stays(copy):
    opened = gf.open_store(copy)
    record = opened.read(Address(8, 4, 0))
    replaced = opened.certificate_stamp(record.address)
    for task in (Task(record.address, digits=30, kept=True, replaces=replaced), Task(record.address, digits=30)):
        keep_death(opened.experiment, task, RuntimeError("killed"), opened)
        assert opened.read(record.address).kind == "minimum"
        assert opened.certificate(record).reason == "RuntimeError: killed"


def test_a_merge_brings_certificates_along_and_keeps_the_better_ones(plain, proved, tmp_path):
    gf.merge_stores([plain[0]], tmp_path / "all")
    merged = gf.merge_stores([proved[0]], tmp_path / "all")
    assert (len(merged.already), len(merged.certified)) == (6, 6)
    assert "6 certificates added" in str(merged)
    assert gf.merge_stores([proved[0]], tmp_path / "all").certified == ()
    opened = gf.open_store(tmp_path / "all")
    record = opened.read(Address(8, 4, 0))
    opened.keep_certificate(record.address, certified.unproved(opened.experiment, record, RuntimeError("x")))
    assert gf.merge_stores([proved[0]], tmp_path / "all").certified == (Address(8, 4, 0),)
    assert opened.certificate(record).proved


def test_a_statement_that_was_edited_is_named(copy):
    path = copy / "certificates" / "k0008-n0004-run0000.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"index": 1}))
    checked = gf.verify_runs(copy)
    assert checked.failed == {Address(8, 4, 0): ("says", "index", "class of the run")}
    assert "k = 8, n = 4, run 0: not proved: says, index, class of the run" in str(checked)
    assert len(checked.proved) == 5


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"loss": 0.01}, ("loss of the run",)),
        ({"classification": {"index": 2, "kind": "saddle"}}, ("class of the run",)),
    ],
    ids=["loss", "index"],
)
def test_a_record_that_says_what_its_certificate_denies_is_named(copy, change, named):
    # whole and consistent, with all digests anew: what a stranger may hand on
    path = copy / "records" / "k0008-n0004-run0000.npz"
    record = from_bytes(path.read_bytes())
    for name, value in change.items():
        record.header[name] = record.header[name] | value if isinstance(value, dict) else value
    path.write_bytes(to_bytes(record))
    assert gf.verify_runs(copy).failed == {Address(8, 4, 0): named}


def test_a_certificate_in_which_a_field_stands_twice_is_none(copy):
    path = copy / "certificates" / "k0008-n0004-run0000.json"
    path.write_text(path.read_text().replace('"index": 0', '"index": 0, "index": 7'))
    (failed,) = gf.verify_runs(copy).failed.values()
    assert "the field 'index' stands twice" in failed[0]


def test_without_ball_arithmetic_it_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    for verb, call in (
        ("phase_diagram", lambda: gf.phase_diagram(k=8, store=tmp_path / "new", certify=True)),
        ("certify_runs", lambda: gf.certify_runs(tmp_path)),
        ("verify_runs", lambda: gf.verify_runs(tmp_path)),
    ):
        with pytest.raises(ValueError, match=rf'{verb}: this needs flint.*Write pip install "python-flint>=0.8"'):
            call()
    assert not (tmp_path / "new").exists()
