"""Sweeps for other libraries: several diagrams as one dataset, a store as one file."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradflow import _checks
from gradflow._checks import Checked
from gradflow._writing import written_whole
from gradflow.sweeps._open_store import open_store
from gradflow.sweeps.index import Index, index_of
from gradflow.sweeps.tables import csv_of, dataset_of, frame_of

if TYPE_CHECKING:
    import xarray as xr

    from gradflow.sweeps.diagram import PhaseDiagram

_AXES = ("init", "k", "n", "run")
# beside pandas, by the file's ending
_NEEDED = {".csv": (), ".parquet": ("pyarrow",), ".nc": ("h5netcdf", "h5py")}


def to_dataset(diagrams: Checked["Sequence[PhaseDiagram]"]) -> "xr.Dataset":
    """Several diagrams as one xarray Dataset over (init, k, n, run). Where there is no run, words are empty and numbers
    NaN. Raises `ValueError` if two diagrams have the same runs. Needs the extra `data`.
    """
    from gradflow.sweeps.diagram import PhaseDiagram

    example = 'gf.to_dataset(gf.stored_diagrams("runs/k8"))'
    several = _checks.several_of("to_dataset", "diagrams", diagrams, PhaseDiagram, example)
    pandas = _checks.extra("to_dataset", "pandas", "data")
    frame = pandas.concat([diagram.to_pandas() for diagram in several], ignore_index=True)
    _checks.no_doubles("to_dataset", any(frame.duplicated(list(_AXES))))
    experiments = [{"k": diagram.k, "experiment": diagram.experiment.description()} for diagram in several]
    return dataset_of(frame, _AXES, {"experiments": json.dumps(experiments)})


def stored_runs(store: Checked[str | os.PathLike[str]], **conditions: Any) -> Index:
    """The runs of a store in which each named column is the given value, or one of the given ones, from its index:
    stored_runs("runs/k8", outcome="other", n=(3, 4)). Without conditions all of them; `.columns` are arrays.
    """
    return index_of(open_store(store, "stored_runs")).where(**conditions)


def export(store: Checked[str | os.PathLike[str]], path: Checked[str | os.PathLike[str]]) -> Path:
    """Write what became of all runs of a store to one file, in the format of its ending: .csv, .parquet, or .nc (netCDF
    over k, n and run). Weights, paths and eigenvalues stay in the records. All but .csv need the extra `data`; returns
    the path.
    """
    _checks.ending("export", path, (".csv", ".parquet", ".nc"))
    target = _checks.path_to_write("export", path, "runs.csv")
    opened = open_store(store, "export")
    for library in _NEEDED[target.suffix]:
        _checks.extra("export", library, "data")
    columns = index_of(opened).columns
    with written_whole(target) as written:
        if target.suffix == ".csv":
            written.write_text(csv_of(opened.experiment, columns), encoding="utf-8")
        elif target.suffix == ".parquet":
            frame_of(opened.experiment, columns).to_parquet(written, index=False)
        else:
            described = {"experiment": opened.experiment.canonical(), "init": opened.experiment.init.label}
            frame = frame_of(opened.experiment, columns)
            dataset_of(frame, ("k", "n", "run"), described).to_netcdf(written, engine="h5netcdf")
    return target
