"""Sweeps for other libraries: frames, datasets, files."""

import json
import shlex
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from packaging.requirements import Requirement

import gradflow as gf
from gradflow.sweeps.record import to_bytes
from gradflow.sweeps.tables import frame_of


@pytest.fixture(scope="module")
def scaled():
    return gf.phase_diagram(k=8, widths=(4,), runs=3, init=gf.Scaled(gf.GlorotNormal(), weights=0.5))


def test_a_frame_has_a_row_for_every_run(swept):
    frame = swept[1].to_pandas()
    assert frame[["k", "n", "run"]].to_numpy().tolist() == [[8, 3, 0], [8, 3, 1], [8, 4, 0], [8, 4, 1]]
    assert frame["init"].unique().tolist() == ["GlorotNormal"]
    assert frame["d"].unique().tolist() == [9]
    # reference.md: L*(6) and L*(5)
    np.testing.assert_allclose(frame["loss"], [0.087923261120336463] * 2 + [0.0724526452036704687] * 2, atol=1e-14)


def test_a_dataset_has_the_axes_of_the_sweep_and_says_what_it_is(swept):
    dataset = swept[1].to_dataset()
    assert dict(dataset.sizes) == {"n": 2, "run": 2}
    assert dataset["outcome"].sel(n=4, run=1).item() == "C-A"
    assert dataset["loss"].sel(n=4).values == pytest.approx([0.0724526452036704687] * 2, abs=1e-14)
    assert json.loads(dataset.attrs["experiment"]) == swept[1].experiment.description()
    assert dataset.attrs["k"] == 8


def test_diagrams_of_several_laws_are_one_dataset_with_gaps_where_there_is_no_run(swept, scaled):
    dataset = gf.to_dataset([swept[1], scaled])
    assert dict(dataset.sizes) == {"init": 2, "k": 1, "n": 2, "run": 3}
    of_law = dataset.sel(init="GlorotNormal, W × 0.5", k=8)
    assert of_law["outcome"].values.tolist() == [["", "", ""], ["C-A"] * 3]
    assert np.isnan(of_law["loss"].sel(n=3)).all()
    with pytest.raises(ValueError, match=r"to_dataset: two of the diagrams have runs in the same place"):
        gf.to_dataset([swept[1], swept[1]])


def test_a_diagram_is_filtered_by_its_columns(swept):
    assert [record.address for record in swept[1].where(n=4, run=1).records] == [(8, 4, 1)]
    with pytest.warns(UserWarning, match="no run has kind = saddle"):
        assert swept[1].where(kind="saddle").records == ()
    with pytest.raises(ValueError, match="there is no column 'colour'"):
        swept[1].where(colour="red")


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".nc"])
def test_a_file_of_every_format_reads_back_as_the_runs(swept, tmp_path, ending):
    folder, diagram = swept
    path = gf.export(folder, tmp_path / f"runs{ending}")
    frame = diagram.to_pandas()
    if ending == ".nc":
        with xr.open_dataset(path, engine="h5netcdf") as read:
            assert read["outcome"].values.tolist() == [[["C-A", "C-A"], ["C-A", "C-A"]]]
            assert read["loss"].values.ravel().tolist() == frame["loss"].tolist()
            assert json.loads(read.attrs["experiment"]) == diagram.experiment.description()
        return
    read = pd.read_csv(path) if ending == ".csv" else pd.read_parquet(path)
    assert read.columns.tolist() == frame.columns.tolist()
    assert read["loss"].tolist() == frame["loss"].tolist()
    assert read["reason"].tolist() == frame["reason"].tolist()


def test_a_file_of_another_format_is_refused(swept, tmp_path):
    with pytest.raises(
        ValueError, match=r"export: the file's ending says its format and must be \.csv, \.parquet or \.nc"
    ):
        gf.export(swept[0], tmp_path / "runs.xls")


def test_a_csv_file_needs_no_pandas_and_is_the_one_that_pandas_would_write(swept, tmp_path, monkeypatch):
    written = frame_of(swept[1].experiment, gf.stored_runs(swept[0]).columns).to_csv(index=False)
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert gf.export(swept[0], tmp_path / "runs.csv").read_text() == written


def test_a_missing_library_is_named_with_a_line_that_installs_it(swept, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ValueError, match=r"needs pandas, which is not installed ") as refused:
        swept[1].to_pandas()
    # the libraries by their own names, from an index; or the extra, from a clone: gradflow itself is on no index
    line = str(refused.value).rpartition("Write ")[2]
    first, _, second = line.partition(", or ")
    assert shlex.split(first)[:2] == ["pip", "install"]
    assert "pandas" in {Requirement(text).name for text in shlex.split(first)[2:]}
    assert second == 'pip install ".[data]" in a clone of gradflow.'
    assert "gradflow-jax" not in line


def copy_of(folder, swept, changes):
    """A store with these records, some of them changed."""
    store = gf.Store(folder, swept[1].experiment)
    for record in swept[1].records:
        header = record.header | changes.get(tuple(record.address), {})
        store.write(gf.Record(address=record.address, header=header, arrays=record.arrays))
    return store


FAILED = {"result": "crashed", "message": "x", "classification": None, "configuration": None, "loss": None}


def test_merging_adds_what_is_new_replaces_what_failed_and_names_conflicts(swept, tmp_path):
    ours = copy_of(tmp_path / "a", swept, {(8, 3, 0): FAILED, (8, 3, 1): {"loss": 0.1}})
    (ours.folder / "records" / "k0008-n0004-run0001.npz").unlink()
    before = {path.name: path.read_bytes() for path in swept[0].glob("records/*")}
    merged = gf.merge_stores([ours.folder, swept[0]], into=tmp_path / "all")
    assert merged.added == ((8, 3, 0), (8, 3, 1), (8, 4, 0), (8, 4, 1))
    assert merged.replaced == ((8, 3, 0),)
    assert merged.conflict == ((8, 3, 1),)
    assert merged.already == ((8, 4, 0),)
    assert "in conflict, the first is kept: k = 8, n = 3, run 1" in str(merged)
    (diagram,) = gf.stored_diagrams(tmp_path / "all")
    assert [record.outcome for record in diagram.records] == ["C-A"] * 4
    assert diagram.records[1].loss == 0.1
    assert len(list((tmp_path / "all" / "superseded").iterdir())) == 1
    assert {path.name: path.read_bytes() for path in swept[0].glob("records/*")} == before
    assert gf.merge_stores([swept[0]], into=tmp_path / "all").added == ()


def test_stores_of_different_experiments_are_not_merged(swept, tmp_path):
    gf.phase_diagram(k=8, widths=(4,), runs=1, seed=1, store=tmp_path / "other")
    with pytest.raises(ValueError, match=r"holds another experiment than the first store: seed is 1 there and 0 here"):
        gf.merge_stores([swept[0], tmp_path / "other"], into=tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_a_record_is_copied_to_the_byte(swept, tmp_path):
    gf.merge_stores([swept[0]], into=tmp_path / "all")
    for record in swept[1].records:
        path = tmp_path / "all" / "records" / f"{record.address.stem}.npz"
        assert path.read_bytes() == to_bytes(record)
