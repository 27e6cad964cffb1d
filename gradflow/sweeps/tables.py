"""Runs as tables of other libraries: a pandas frame with one row a run, an xarray dataset over the axes of a sweep."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradflow import _checks
from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.index import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

# what all runs of an experiment at one k share
SHARED = ("init", "seed", "d")

# of coordinates and variables, as netCDF readers show them
_LONG_NAMES = {
    "k": "teacher width",
    "n": "student width",
    "run": "repetition",
    "init": "law of the initial weights",
    "loss": "E[(f - f*)^2] at the end",
    "gradient_norm": "largest entry of the gradient at the end",
    "gradient_floor": "its rounding level",
    "index": "number of negative Hessian eigenvalues",
    "nullity": "number of zero Hessian eigenvalues",
    "time": "flow time, dtheta/dt = -grad L",
    "steps": "attempted steps of the flow",
    "seconds": "wall-clock time of the run, without compiling",
    "certified": "what is proved of the end",
    "certified_index": "proved number of negative Hessian eigenvalues",
    "radius": "proved distance to exactly one critical point",
    "loss_lower": "proved bound on its loss",
    "loss_upper": "proved bound on its loss",
}


def frame_of(plan: Experiment, rows: Iterable[Mapping[str, Any]] | Mapping[str, Any]) -> "pd.DataFrame":
    """One row a run, from rows or from columns: init, seed, d, and the columns of the index."""
    pandas = _checks.extra("to_pandas", "pandas", "data")
    frame: pd.DataFrame = pandas.DataFrame(rows, columns=list(COLUMNS))
    frame.insert(0, "init", plan.init.label)
    frame.insert(1, "seed", plan.seed)
    frame.insert(2, "d", frame["k"] + plan.excess)
    return frame


def csv_of(plan: Experiment, columns: Mapping[str, np.ndarray]) -> str:
    """The same as comma-separated values, from the columns of the index: every digit of a number, nothing for NaN."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*SHARED, *COLUMNS])
    for row in zip(*(columns[name].tolist() for name in COLUMNS), strict=True):
        values = dict(zip(COLUMNS, row, strict=True))
        writer.writerow(
            [plan.init.label, plan.seed, values["k"] + plan.excess, *("" if one != one else one for one in row)]
        )
    return text.getvalue()


def dataset_of(frame: "pd.DataFrame", dimensions: Sequence[str], attributes: Mapping[str, Any]) -> "xr.Dataset":
    """A frame over some of its columns. Where there is no run, words are empty and numbers NaN."""
    _checks.extra("to_dataset", "xarray", "data")
    constant = [name for name in (*SHARED, "k") if name not in dimensions]
    dataset: xr.Dataset = frame.drop(columns=constant).set_index(list(dimensions)).to_xarray()
    for name, variable in dataset.variables.items():
        if variable.dtype.kind not in "iuf":
            words = dataset[name].astype(object)
            dataset[name] = (words if name in dimensions else words.fillna("")).astype(str)
        if name in _LONG_NAMES:
            dataset[name].attrs["long_name"] = _LONG_NAMES[str(name)]
    return dataset.assign_attrs(attributes)
