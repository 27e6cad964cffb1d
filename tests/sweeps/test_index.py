"""The index: the same as the records, brought up to date, and thrown away without harm."""

import numpy as np
import pytest

import gradflow as gf
from gradflow.sweeps import Address, Store, Task
from gradflow.sweeps.index import index_of
from gradflow.sweeps.record import Record, crashed


@pytest.fixture
def store(swept, tmp_path):
    """A copy to spoil."""
    copy = Store(tmp_path / "store", swept[1].experiment)
    for record in swept[1].records:
        copy.write(record)
    return copy


def test_the_index_says_what_the_records_say(swept):
    folder, diagram = swept
    columns = gf.stored_runs(folder).columns
    for row, record in enumerate(diagram.records):
        summary = record.summary()
        assert (columns["n"][row], columns["run"][row]) == (record.address.n, record.address.run)
        for name in ("outcome", "kind", "reason", "index", "loss", "gradient_norm", "least_eigenvalue"):
            assert columns[name][row] == summary[name]
    assert columns["configuration"].tolist() == ["C-A(1, 1, 6)"] * 2 + ["C-A(1, 1, 1, 5)"] * 2


def test_runs_are_filtered_by_values_and_by_several_of_them(swept):
    folder, _ = swept
    assert len(gf.stored_runs(folder, n=4)) == 2
    assert len(gf.stored_runs(folder, n=(3, 4), run=1, outcome="C-A")) == 2
    assert len(gf.stored_runs(folder, outcome=("C-A", "P-n-C"))) == 4
    with pytest.raises(ValueError, match=r"where: there is no column 'width', only k, n, run, result"):
        gf.stored_runs(folder, width=4)


def test_only_what_is_new_or_done_again_is_read(store, swept, monkeypatch):
    index_of(store)
    read = []
    monkeypatch.setattr(Store, "read_header", lambda self, name: read.append(name) or _read_header(self, name))
    assert len(index_of(store)) == 4
    assert read == []
    store.write(crashed(store.experiment, Task(Address(8, 4, 7)), RuntimeError("x")))
    first = swept[1].records[0]
    store.write(Record(address=first.address, header=first.header | {"message": "done again"}, arrays=first.arrays))
    assert index_of(store).columns["run"].tolist() == [0, 1, 0, 1, 7]
    assert sorted(read) == ["k0008-n0003-run0000.npz", "k0008-n0004-run0007.npz"]


_read_header = Store.read_header


def test_a_run_that_failed_has_words_and_no_numbers(store):
    store.write(crashed(store.experiment, Task(Address(8, 4, 7)), RuntimeError("no luck")))
    row = index_of(store).where(outcome="failed").columns
    assert row["reason"].tolist() == ["RuntimeError: no luck"]
    assert row["configuration"].tolist() == [""]
    assert np.isnan([row["loss"][0], row["index"][0], row["steps"][0]]).all()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"x" * 4096])
def test_an_index_that_is_gone_or_damaged_is_made_anew(store, damage):
    before = index_of(store).columns
    path = store.folder / "index.npz"
    for spoil in (
        lambda: path.unlink(),
        lambda: path.write_bytes(damage),
        lambda: path.write_bytes(path.read_bytes()[:-99]),
    ):
        spoil()
        after = index_of(store).columns
        assert all(
            np.array_equal(before[name], after[name], equal_nan=before[name].dtype.kind == "f") for name in before
        )


def test_a_record_that_is_gone_is_gone_from_the_index(store):
    index_of(store)
    (store.folder / "records" / "k0008-n0003-run0001.npz").unlink()
    assert index_of(store).columns["run"].tolist() == [0, 0, 1]
