"""What identifies an experiment: its description, its identity, and the way back."""

import json

import numpy as np
import pytest

import gradflow as gf
from gradflow import sweeps
from gradflow._results import name_of
from gradflow.sweeps import Address
from gradflow.sweeps.experiment import from_description, is_ours
from gradflow.sweeps.record import record_of, to_bytes


class Own(gf.AbstractInitialiser):
    """A law that only this file knows, with laws and plain data among its fields."""

    law: gf.AbstractInitialiser
    other: gf.AbstractInitialiser
    share: float

    def __call__(self, key, width, input_dimension, activation):
        raise AssertionError("nothing is drawn")


@pytest.fixture(scope="module")
def record(solution, tmp_path_factory):
    """A run that ended in C-A(1, 1, 1, 5), as a sweep keeps it."""
    path = tmp_path_factory.mktemp("records") / "k0008-n0004-run0000.npz"
    path.write_bytes(
        to_bytes(record_of(sweeps.checked_experiment(k=8), sweeps.Task(Address(8, 4, 0)), solution, seconds=0.0))
    )
    return path


# by the version of gradflow that first followed flows as NUMERICS = 3 says
@pytest.mark.parametrize(
    ("law", "described", "identity"),
    [
        (gf.GlorotNormal(), '{"law":"GlorotNormal"}', "fe7f169a2b0dd286"),
        (gf.LecunNormal(), '{"law":"LecunNormal","output":1.0}', "5b6e7277dd1ce5d9"),
        (gf.UnitSphere(output=2.0), '{"law":"UnitSphere","output":2.0}', "040e87bd35a45681"),
    ],
)
def test_stores_of_plain_laws_stay_valid(law, described, identity):
    plan = sweeps.checked_experiment(k=8, init=law)
    assert plan.canonical() == (
        '{"generator":"threefry2x32","init":' + described + ',"numerics":3,"options":{"atol":1e-06,'
        '"gradient_tolerance":1e-08,"max_steps":10000,"method":"NDF","rtol":0.001},"problem":{"activation":"Erf",'
        '"excess":1,"inputs":"Gaussian","rule":"orthonormal teacher"},"schema":1,"seed":0}'
    )
    assert plan.identity() == identity


def test_a_description_gives_the_experiment_back():
    plan = sweeps.checked_experiment(k=8, d=11, init=gf.UnitSphere(), seed=4, rtol=1e-4, max_steps=77)
    assert from_description(plan.description()).canonical() == plan.canonical()


def test_laws_made_of_laws_are_described_and_made_again(record):
    for law in (
        gf.Scaled(gf.LecunNormal(output=2.0), weights=0.3),
        gf.Balanced(gf.Scaled(gf.UnitSphere(), weights=0.1)),
        gf.WarmStart(record, noise=0.01, law=gf.Scaled(gf.GlorotNormal(), output=0.0)),
        gf.Scaled(gf.WarmStart(record), weights=2.0),
    ):
        plan = sweeps.checked_experiment(k=8, init=law)
        again = from_description(json.loads(plan.canonical()))
        assert again.canonical() == plan.canonical()
        assert again.init.label == law.label
        ours, theirs = plan.start(8, 4, 2), again.start(8, 4, 2)
        np.testing.assert_array_equal(ours.weights, theirs.weights)
        np.testing.assert_array_equal(ours.output, theirs.output)


def test_every_field_at_every_depth_is_part_of_the_identity(record):
    laws = [
        gf.GlorotNormal(),
        gf.Scaled(gf.GlorotNormal(), weights=0.3),
        gf.Scaled(gf.GlorotNormal(), weights=0.3, output=2.0),
        gf.Scaled(gf.LecunNormal(), weights=0.3),
        gf.Scaled(gf.LecunNormal(output=2.0), weights=0.3),
        gf.Balanced(gf.Scaled(gf.LecunNormal(), weights=0.3)),
        gf.Scaled(gf.Balanced(gf.LecunNormal()), weights=0.3),
        gf.WarmStart(record),
        gf.WarmStart(record, noise=0.1),
        gf.WarmStart(record, law=gf.UnitSphere()),
        Own(gf.GlorotNormal(), gf.UnitSphere(), 0.5),
        Own(gf.UnitSphere(), gf.GlorotNormal(), 0.5),
    ]
    assert len({sweeps.checked_experiment(k=8, init=law).identity() for law in laws}) == len(laws)


def test_an_own_law_is_described_with_its_module_and_keeps_its_field_called_law():
    described = sweeps.checked_experiment(k=8, init=Own(gf.GlorotNormal(), gf.UnitSphere(), 0.5)).description()["init"]
    assert described == {
        "law": f"{__name__}.Own",
        "inner law": {"law": "GlorotNormal"},
        "other": {"law": "UnitSphere", "output": 1.0},
        "share": 0.5,
    }


def test_an_own_law_is_known_from_a_store_by_its_description_only():
    plan = sweeps.checked_experiment(k=8, init=gf.Scaled(Own(gf.GlorotNormal(), gf.UnitSphere(), 0.5), weights=0.3))
    again = from_description(plan.description())
    assert again.identity() == plan.identity()
    assert again.init.label == f"{__name__}.Own, W × 0.3"
    with pytest.raises(ValueError, match=r"Own is not gradflow's, so that its weights cannot be drawn"):
        again.start(8, 4, 0)


def test_a_law_is_ours_if_all_that_it_is_made_of_is():
    own = Own(gf.GlorotNormal(), gf.UnitSphere(), 0.5)
    assert is_ours(gf.Balanced(gf.Scaled(gf.GlorotNormal())))
    assert not is_ours(gf.Balanced(gf.Scaled(own)))
    with pytest.raises(ValueError, match=r"own initialisers only, got Own \(law = .*, W × 2\. Write processes=1"):
        gf.phase_diagram(k=8, init=gf.Scaled(own, weights=2.0), processes=2)


def test_a_field_that_is_no_plain_data_is_refused_at_every_depth(as_a_user_calls):
    with pytest.raises(TypeError, match="the fields of Own identify the experiment"):
        sweeps.checked_experiment(k=8, init=gf.Balanced(Own(gf.GlorotNormal(), gf.UnitSphere(), np.ones(2))))


def test_a_store_of_another_scale_is_refused_by_what_differs(tmp_path):
    sweeps.Store(tmp_path, sweeps.checked_experiment(k=8, init=gf.Scaled(gf.GlorotNormal(), weights=0.3)))
    with pytest.raises(ValueError, match=r"holds another experiment: init\.weights is 0\.3 there and 0\.1 here\."):
        sweeps.Store(tmp_path, sweeps.checked_experiment(k=8, init=gf.Scaled(gf.GlorotNormal(), weights=0.1)))


def test_a_description_of_a_student_that_has_changed_since_is_an_error(record, tmp_path):
    copy = tmp_path / "copy.npz"
    copy.write_bytes(record.read_bytes())
    description = sweeps.checked_experiment(k=8, init=gf.WarmStart(copy)).description()
    with np.load(record) as arrays:
        np.savez(copy, weights=arrays["weights"], output=-arrays["output"])
    with pytest.raises(ValueError, match=r"copy\.npz' holds another student than the one asked for"):
        from_description(description)


def test_a_sweep_from_a_critical_point_does_not_move_and_from_nearby_it_goes_back(record, solution):
    still = gf.phase_diagram(k=8, widths=(4,), runs=1, init=gf.WarmStart(record)).records[0]
    assert still.header["result"] == "stationary_start"
    assert (still.outcome, still.kind) == ("C-A", "minimum")
    np.testing.assert_array_equal(still.arrays["initial_weights"], solution.student.weights)
    law = gf.WarmStart(record, noise=0.01)
    moved = sweeps.run_cell(sweeps.checked_experiment(k=8, init=law), Address(8, 4, 0))
    assert name_of(moved.result) == "successful"
    assert gf.distance(moved.trajectory.state(0), solution.student) > 1e-3
    assert gf.distance(moved.student, solution.student) < 1e-10


def test_a_sweep_prints_its_law(record):
    law = gf.Scaled(gf.WarmStart(record, noise=0.01), output=1.5)
    printed = str(gf.phase_diagram(k=8, widths=(4,), runs=1, init=law))
    assert printed.startswith(
        "phase diagram: k = 8, d = 9, WarmStart k0008-n0004-run0000, noise 0.01, a × 1.5, seed 0, 1 run\n"
    )
