"""One bad file never blocks the others: every kind of damage with one operation each, in turn.

`benchmarks/store_damage.py` does every operation on each of them.
"""

import dataclasses
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from oracles.damages import DAMAGES, whole_store
from oracles.store_operations import OPERATIONS, check

import gradflow as gf
from gradflow.sweeps.record import from_bytes, to_bytes

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.slow]

# drawing and proving take seconds: a few of each
_QUICK = [name for name in OPERATIONS if name not in ("figures", "certify")]
_PAIRS = [(name, _QUICK[place % len(_QUICK)]) for place, name in enumerate(DAMAGES)]
_PAIRS += [
    ("record, loss: a word", "figures"),
    ("record, a pipe", "certify"),
    ("certificate, a folder", "certify"),
    ("certificate, radius: 2^2000", "certify"),
]


@pytest.fixture(scope="module")
def whole(swept, tmp_path_factory):
    """The small sweep with a certificate of each run, and the losses."""
    folder = whole_store(Path(shutil.copytree(swept[0], tmp_path_factory.mktemp("whole") / "k8")))
    return folder, {record.address: record.loss for record in swept[1].records}


@pytest.mark.parametrize(("damage", "operation"), _PAIRS, ids=lambda value: value.replace(" ", "-"))
def test_the_undamaged_runs_are_served(whole, damage, operation):
    with tempfile.TemporaryDirectory() as away:  # not kept for a look: some hold files of a terabyte
        copy = Path(shutil.copytree(whole[0], Path(away) / "k8"))
        DAMAGES[damage].spoil(copy)
        check(operation, copy, Path(away), whole[1], DAMAGES[damage])


def test_there_are_as_many_kinds_and_operations_as_are_claimed():
    assert len(DAMAGES) >= 86
    assert len(OPERATIONS) == 9
    assert {operation for _, operation in _PAIRS} == set(OPERATIONS)


def test_what_is_left_out_is_named_in_a_line(swept_copy):
    DAMAGES["record, loss: a word"].spoil(swept_copy)
    with pytest.warns(
        UserWarning, match=r"^damaged record .*n0004-run0000\.npz left out \(its header: loss is 'abc', n"
    ):
        assert len(gf.stored_diagrams(swept_copy)[0].records) == 3


def test_a_record_of_another_dimension_is_set_aside_and_the_others_are_certified(swept_copy):
    path = swept_copy / "records" / "k0008-n0004-run0000.npz"
    record = from_bytes(path.read_bytes())
    wider = {
        name: np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, 1)]) if name.endswith("weights") else array
        for name, array in record.arrays.items()
    }
    path.write_bytes(to_bytes(dataclasses.replace(record, arrays=wider)))
    with pytest.warns(UserWarning, match=r"run0000\.npz.* (left out|set aside)"):
        (found,) = gf.certify_runs(swept_copy)
    assert len(found.certificates) == 3
