"""Conditions on runs: what no run can be is refused, what none happens to be is told, whoever asks."""

import jax.numpy as jnp
import numpy as np
import pytest

import gradflow as gf
from gradflow._errors import WrongType, WrongValue
from gradflow.sweeps.index import Index


@pytest.fixture(params=["stored_runs", "Index.where", "diagram.where", "where.where"])
def rows(request, swept):
    """How many runs fulfil conditions, by every door: C-A at n = 3 and 4, two runs each."""
    folder, diagram = swept
    return {
        "stored_runs": lambda **conditions: len(gf.stored_runs(folder, **conditions)),
        "Index.where": lambda **conditions: len(gf.stored_runs(folder).where(**conditions)),
        "diagram.where": lambda **conditions: len(diagram.where(**conditions).records),
        "where.where": lambda **conditions: len(diagram.where(outcome="C-A").where(**conditions).records),
    }[request.param]


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({"kind": gf.Kind.MINIMUM}, 4),
        ({"kind": "minimum"}, 4),
        ({"kind": (gf.Kind.MINIMUM, "saddle")}, 4),
        ({"result": gf.RESULTS.successful}, 4),
        ({"n": 4}, 2),
        ({"n": 4.0}, 2),
        ({"n": "4"}, 2),
        ({"n": np.int64(4)}, 2),
        ({"n": np.array(4)}, 2),
        ({"n": jnp.asarray(4)}, 2),
        ({"n": np.array([3, 4])}, 4),
        ({"n": range(3, 5), "run": 1}, 2),
        ({"configuration": "C-A(1, 1, 6)"}, 2),
        ({"certified": ""}, 4),
        ({"certified_index": float("nan")}, 4),
        ({"certified_index": "-"}, 4),
    ],
    ids=str,
)
def test_a_value_is_found_in_whatever_form_it_comes(rows, conditions, count):
    assert rows(**conditions) == count


@pytest.mark.parametrize(
    ("conditions", "error", "message"),
    [
        ({"kind": "minimun"}, WrongValue, r"no run has kind = minimun: did you mean 'minimum'.*There is minimum\."),
        ({"outcome": "PnC"}, WrongValue, r"did you mean 'P-n-C'\? There is C-A\. Write where\(outcome='P-n-C'\)"),
        ({"outcome": ("C-A", "PnC")}, WrongValue, "no run has outcome = PnC"),
        ({"configuration": "C-A"}, WrongValue, r"did you mean 'C-A\("),
        ({"host": "nobody"}, WrongValue, "no run has host = nobody"),
        ({"n": 9}, WrongValue, r"no run has n = 9\. There are 3, 4\. Write where\(n=4\)"),
        ({"n": (3, 9)}, WrongValue, "no run has n = 9"),
        ({"n": 3.5}, WrongValue, r"no run has n = 3\.5"),
        ({"n": float("inf")}, WrongValue, "no run has n = inf"),
        ({"index": 0.5}, WrongValue, r"no run has index = 0\.5"),
        ({"index": -1}, WrongValue, "no run has index = -1"),
        ({"loss": 0.08}, WrongValue, "numbers are compared exactly"),
        (
            {"radius": 1e-5},
            WrongValue,
            r"radius = 1e-05: .* It applies to no run\. Write where\(radius='-'\)",
        ),
        ({"n": ()}, WrongValue, "n names no value"),
        (
            {"outcom": "C-A"},
            WrongValue,
            r"no column 'outcom', only .*did you mean 'outcome'\? Write where\(outcome='C-A'\)",
        ),
        ({"kind": 3}, WrongType, "the column kind holds words, got 3"),
        ({"kind": None}, WrongType, "the column kind holds words, got None"),
        ({"kind": b"minimum"}, WrongType, "holds words"),
        ({"n": "four"}, WrongType, "the column n holds numbers, got 'four'"),
        ({"n": True}, WrongType, "holds numbers, got True"),
        ({"n": None}, WrongType, "holds numbers, got None"),
        ({"n": 1j}, WrongType, "holds numbers"),
        ({"n": {"a": 1}}, WrongType, "holds numbers"),
        ({"n": 10**400}, WrongType, "holds numbers"),
        ({"n": [[3, 4]]}, WrongType, "holds numbers"),
        ({"n": ...}, WrongType, "holds numbers"),
    ],
    ids=str,
)
def test_what_no_run_can_be_is_refused_with_what_there_is(rows, conditions, error, message):
    with pytest.raises(error, match=message):
        rows(**conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        {"outcome": "failed"},
        {"outcome": ("P-n-C", "other")},
        {"kind": gf.Kind.SADDLE},
        {"index": 2},
        {"result": "diverged"},
    ],
    ids=str,
)
def test_what_no_run_happens_to_be_is_told(rows, conditions):
    with pytest.warns(UserWarning, match=r"where: no run has .*\. There (is|are) "):
        assert rows(**conditions) == 0


def test_a_width_that_was_asked_for_and_is_not_run_yet_is_told(swept_copy):
    store = gf.open_store(swept_copy)
    store.ask(8, (5,), 1)
    with pytest.warns(UserWarning, match=r"no run has n = 5\. There are 3, 4"):
        assert len(gf.stored_runs(swept_copy, n=5)) == 0


def test_without_runs_only_words_that_there_are_not_are_refused(swept):
    columns = gf.stored_runs(swept[0]).columns
    none = Index({name: column[:0] for name, column in columns.items()})
    with pytest.warns(UserWarning, match="There are no runs"):
        assert len(none.where(n=4)) == 0
    with pytest.raises(WrongValue, match="did you mean 'P-n-C'"):
        none.where(outcome="PnC")


def test_commands_that_take_conditions_refuse_them_too(swept):
    pytest.importorskip("flint")
    with pytest.raises(WrongValue, match="no run has n = 9"):
        gf.certify_runs(swept[0], n=9)
