"""The sweep: what is kept, what is computed again, and what the diagram says."""

import json
import shutil
from pathlib import Path

import jax
import numpy as np
import pytest

import gradflow as gf
from gradflow import sweeps
from gradflow.sweeps import Address
from gradflow.sweeps import run as run_module
from gradflow.sweeps.diagram import PhaseDiagram
from gradflow.sweeps.record import Record, from_bytes, to_bytes


@pytest.fixture(scope="module")
def folder(swept, tmp_path_factory):
    """A store of this file's own, which grows and is damaged and mended."""
    return Path(shutil.copytree(swept[0], tmp_path_factory.mktemp("store") / "k8"))


@pytest.fixture(scope="module")
def diagram(swept):
    return swept[1]


def count_runs(monkeypatch):
    """The addresses that are really computed."""
    computed = []
    run_cell = run_module.run_cell

    def counting(plan, address, **options):
        computed.append(tuple(address))
        return run_cell(plan, address, **options)

    monkeypatch.setattr(run_module, "run_cell", counting)
    return computed


def test_every_start_at_half_the_width_and_below_ends_in_copy_average(diagram):
    # reference.md, "Where gradient flows end": below n/k = 1/2 all C-A; losses L*(6) and L*(5)
    assert [(row.n, row.runs, row.copy_average, row.minima, row.failed) for row in diagram.rows] == [
        (3, 2, 2, 2, 0),
        (4, 2, 2, 2, 0),
    ]
    assert diagram.rows[0].best_loss == pytest.approx(0.087923261120336463, abs=1e-14)
    assert diagram.rows[1].worst_loss == pytest.approx(0.0724526452036704687, abs=1e-14)


def test_a_second_call_computes_nothing_and_says_the_same(diagram, folder, monkeypatch):
    computed = count_runs(monkeypatch)
    again = gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=folder)
    assert computed == []
    assert again.to_json() == diagram.to_json()
    assert str(again) == str(diagram)


def test_widths_and_runs_can_be_added_to_a_store(diagram, folder, monkeypatch):
    computed = count_runs(monkeypatch)
    larger = gf.phase_diagram(k=8, widths=(2, 3, 4), runs=2, store=folder)
    assert computed == [(8, 2, 0), (8, 2, 1)]
    assert [row.runs for row in larger.rows] == [2, 2, 2]
    ours, theirs = ([record.arrays["weights"] for record in made.at(4)] for made in (larger, diagram))
    assert np.array_equal(ours, theirs)


def test_a_cell_run_alone_gives_the_same_bits(diagram):
    plan = diagram.experiment
    solution = sweeps.run_cell(plan, Address(8, 3, 1))
    kept = diagram.at(3)[1]
    assert np.array_equal(np.asarray(solution.student.weights), kept.arrays["weights"])
    assert np.array_equal(np.asarray(plan.start(8, 3, 1).weights), kept.arrays["initial_weights"])


def test_the_key_of_a_run_depends_on_the_seed_and_its_address_alone():
    plan, other = sweeps.checked_experiment(k=8), sweeps.checked_experiment(k=8, seed=1)
    keys = [plan.key(8, 4, 0), plan.key(8, 4, 1), plan.key(8, 5, 0), plan.key(9, 4, 0), other.key(8, 4, 0)]
    assert len({tuple(np.asarray(jax.random.key_data(key)).tolist()) for key in keys}) == len(keys)


def test_a_damaged_record_is_set_aside_named_and_done_again(diagram, folder, monkeypatch):
    path = folder / "records" / "k0008-n0003-run0000.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    computed = count_runs(monkeypatch)
    with pytest.warns(UserWarning, match=r"damaged record set aside as .*k0008-n0003-run0000\.npz"):
        again = gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=folder)
    assert computed == [(8, 3, 0)]
    assert again.to_json() == diagram.to_json()
    assert (folder / "damaged" / path.name).read_bytes() == whole[: len(whole) // 2]


def test_a_record_with_a_flipped_byte_is_noticed(diagram, tmp_path):
    store = sweeps.Store(tmp_path, diagram.experiment)
    store.write(diagram.records[0])
    path = next((tmp_path / "records").iterdir())
    content = bytearray(path.read_bytes())
    content[content.index(b"initial_weights.npy") + 100] ^= 1
    path.write_bytes(bytes(content))
    with pytest.warns(UserWarning, match="damaged record"):
        assert store.read(diagram.records[0].address) is None


def test_a_record_that_reads_at_all_after_a_flipped_byte_is_the_same_record(diagram):
    whole = to_bytes(diagram.records[0])
    kept = from_bytes(whole)
    # the archive's directory has no checksum of its own: every byte of it, and a sample of the rest
    directory = whole.index(b"PK\x01\x02")
    for place in [*range(0, directory, 23), *range(directory, len(whole))]:
        for flip in (0x01, 0x7F, 0xFF):
            content = bytearray(whole)
            content[place] ^= flip
            try:
                read = from_bytes(bytes(content))
            except ValueError:
                continue
            assert read.header == kept.header
            assert read.arrays.keys() == kept.arrays.keys()
            assert all(np.array_equal(read.arrays[name], kept.arrays[name]) for name in kept.arrays)


def test_records_are_readable_without_gradflow(diagram, folder):
    with np.load(folder / "records" / "k0008-n0004-run0001.npz") as arrays:
        assert arrays["initial_weights"].shape == (4, 9)
        header = json.loads(bytes(arrays["header.json"]))
    assert header["classification"]["kind"] == "minimum"
    assert header["versions"]["jax"] == jax.__version__


@pytest.mark.parametrize(
    ("change", "named"),
    [({"seed": 1}, "seed is 0 there and 1 here"), ({"d": 8}, "excess is 1 there and 0 here"), ({"rtol": 1e-4}, "rtol")],
)
def test_a_store_of_another_experiment_is_refused_by_what_differs(diagram, folder, change, named):
    with pytest.raises(ValueError, match=f"holds another experiment: .*{named}"):
        gf.phase_diagram(k=8, widths=(3,), runs=1, store=folder, **change)


def test_another_initialiser_is_another_experiment(diagram, folder):
    with pytest.raises(ValueError, match=r"GlorotNormal.*UnitSphere"):
        gf.phase_diagram(k=8, widths=(3,), runs=1, store=folder, init=gf.UnitSphere())


def test_a_store_of_a_newer_schema_and_one_without_its_description_are_refused(tmp_path):
    plan = sweeps.checked_experiment(k=8)
    (tmp_path / "experiment.json").write_text(json.dumps(plan.description() | {"schema": 99}))
    with pytest.raises(ValueError, match="newer gradflow"):
        sweeps.Store(tmp_path, plan)
    (tmp_path / "experiment.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        sweeps.Store(tmp_path, plan)
    (tmp_path / "experiment.json").unlink()
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "k0008-n0003-run0000.npz").write_bytes(b"")
    with pytest.raises(ValueError, match=r"no experiment\.json"):
        sweeps.Store(tmp_path, plan)


def test_a_folder_that_cannot_be_written_is_refused_before_computing(tmp_path, monkeypatch):
    computed = count_runs(monkeypatch)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="cannot write to"):
        gf.phase_diagram(k=8, widths=(3,), runs=1, store=tmp_path / "file" / "store")
    assert computed == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be at least 1, got 0"),
        ({"k": 8.0}, "k must be an integer, got 8.0"),
        ({"k": 8, "widths": ()}, "widths is empty"),
        ({"k": 8, "widths": (0,)}, "each of widths must be at least 1"),
        ({"k": 8, "runs": 0}, "runs must be at least 1"),
        ({"k": 8, "seed": -1}, "seed must be at least 0"),
        ({"k": 8, "seed": 10**20}, "seed must be at most"),
        ({"k": 8, "widths": 2.5}, "widths must be several, got 2.5"),
        ({"k": 8, "store": 3}, "store must be a path"),
        ({"k": 8, "d": 7}, "input dimension of at least 8"),
        ({"k": 8, "rtol": -1e-3}, "rtol must be a positive finite number"),
        ({"k": 8, "rtol": 1e-17}, "below rounding"),
        ({"k": 8, "init": gf.UnitSphere}, "got the class UnitSphere"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_given(as_a_user_calls, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        gf.phase_diagram(**arguments)


def test_a_failed_run_is_a_row_with_its_reason():
    diagram = gf.phase_diagram(k=8, widths=(4,), runs=1, max_steps=5)
    (row,) = diagram.rows
    assert (row.runs, row.failed, row.best_loss) == (1, 1, None)
    assert diagram.to_json()["runs"][0]["result"] == "max_steps_reached"
    said = " ".join(str(diagram).split())
    assert "n = 4, run 0: failed, 5 steps to t = " in said
    assert "where 1.0e-08 was asked for. Write max_steps=50 to go on" in said


def test_a_crash_is_a_row_with_its_reason(monkeypatch, tmp_path):
    def crash(plan, address, **options):
        raise MemoryError("no room")

    monkeypatch.setattr(run_module, "run_cell", crash)
    diagram = gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path)
    assert diagram.rows[0].failed == 1
    assert "MemoryError: no room" in str(diagram)
    monkeypatch.undo()
    assert gf.phase_diagram(k=8, widths=(4,), runs=1, store=tmp_path).to_json() == diagram.to_json()


def test_a_lapack_failure_is_a_row_too(monkeypatch):
    def fail(plan, address, **options):
        raise np.linalg.LinAlgError("eigenvalues did not converge")

    monkeypatch.setattr(run_module, "run_cell", fail)
    assert "LinAlgError: eigenvalues did not converge" in str(gf.phase_diagram(k=8, widths=(4,), runs=1))


def test_a_law_with_an_array_is_refused_before_computing(as_a_user_calls):
    class Mine(gf.AbstractInitialiser):
        scale: np.ndarray

        def __call__(self, key, width, input_dimension, activation):
            raise AssertionError("nothing is drawn")

    with pytest.raises(TypeError, match="the fields of Mine identify the experiment"):
        gf.phase_diagram(k=8, widths=(4,), runs=1, init=Mine(np.ones(2)))


def test_an_interrupt_leaves_what_there_is_and_the_same_call_resumes(tmp_path, monkeypatch):
    run_cell = run_module.run_cell

    def interrupted(plan, address, **options):
        if address.run == 1:
            raise KeyboardInterrupt
        return run_cell(plan, address, **options)

    monkeypatch.setattr(run_module, "run_cell", interrupted)
    partial = gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path)
    assert (partial.complete, len(partial.records)) == (False, 1)
    assert "incomplete: repeat the call to resume" in str(partial)
    monkeypatch.undo()
    computed = count_runs(monkeypatch)
    assert gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path).complete
    assert computed == [(8, 4, 1)]


def test_an_interrupt_in_the_store_ends_the_sweep_as_one_within_a_run_does(tmp_path, monkeypatch):
    keep = sweeps.Store.keep

    def interrupted(store, record, task):
        if record.address.run == 1:
            raise KeyboardInterrupt
        keep(store, record, task)

    monkeypatch.setattr(sweeps.Store, "keep", interrupted)
    partial = gf.phase_diagram(k=8, widths=(4,), runs=2, store=tmp_path)
    assert (partial.complete, len(partial.records)) == (False, 1)


def test_points_without_a_name_are_grouped_numbered_and_kept(diagram):
    def other(run, loss, eigenvalues):
        header = diagram.records[2].header
        header = header | {
            "run": run,
            "loss": loss,
            "configuration": {**header["configuration"], "name": "other", "partition": None},
        }
        return Record(address=Address(8, 4, run), header=header, arrays={"eigenvalues": np.asarray(eigenvalues)})

    records = (
        other(0, 0.07, [1.0, 2.0]),
        other(1, 0.06, [1.0, 3.0]),
        other(2, 0.07, [1.0, 2.0 + 1e-12]),
        other(3, 0.07, [1.0, 2.1]),
    )
    made = PhaseDiagram(experiment=diagram.experiment, k=8, records=records, complete=True)
    assert [(point.number, point.runs) for point in made.others] == [(1, (1,)), (2, (0, 2)), (3, (3,))]
    # C-A at k = 8, n = 4 has loss 0.07245…: a point below it stands out
    assert made.others[0].above_copy_average == pytest.approx(0.06 - 0.0724526452036704687, abs=1e-15)
    assert "other-1" in str(made)


def test_small_widths_share_a_few_compiled_shapes():
    from gradflow.sweeps.experiment import padded_width

    assert [padded_width(n) for n in range(1, 34)] == [4] * 4 + [8] * 4 + [16] * 8 + [24] * 8 + [32] * 8 + [40]
