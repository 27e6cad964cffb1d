"""The published diagram, claim by claim."""

import pytest

import gradflow as gf
from gradflow.sweeps import checked_experiment
from gradflow.sweeps.record import Record


def diagram_of(shares, runs=20):
    """A diagram at k = 50 whose runs ended as `shares` says: the number of C-A at each width."""
    records = []
    for n, copies in shares.items():
        for run in range(runs):
            header = {
                "k": 50,
                "n": n,
                "run": run,
                "result": "successful",
                "message": "",
                "loss": 0.1,
                "flow": None,
                "point": {"gradient_norm": 1e-15, "gradient_floor": 1e-14},
                "classification": {
                    "kind": "minimum",
                    "reason": "",
                    "index": 0,
                    "nullity": 0,
                    "least_eigenvalue": 1.0,
                    "least_eigenvalue_error": 0.0,
                    "largest_eigenvalue": 2.0,
                },
                "configuration": {"name": "C-A" if run < copies else "P-n-C", "partition": None, "neurons": []},
                "seconds": 1.0,
            }
            records.append(Record(address=gf.Address(50, n, run), header=header, arrays={}))
    return gf.PhaseDiagram(experiment=checked_experiment(k=50), k=50, records=tuple(records), complete=True)


@pytest.mark.slow
def test_what_agrees_and_what_does_not_is_told_claim_by_claim():
    shares = {20: 20, 21: 20, 22: 19, 23: 18, 24: 14, 25: 8, 26: 4, 27: 2, 28: 1, 29: 0, 31: 0, 34: 1, 45: 0, 50: 20}
    comparison = gf.compare_with_publication(diagram_of(shares))
    said = {claim.what: claim for claim in comparison.claims}
    assert said["n = 25: both C-A and P-n-C are reached"].here == "8 C-A, 12 P-n-C of 20"
    assert said["n = 25: both C-A and P-n-C are reached"].agrees == "yes"
    late = said["starts above n/k = 0.6 that end in C-A"]
    # at n = k the two are one point: it is not counted
    assert (late.here, late.agrees) == ("1 of 60 (n = 34)", "no")
    # reference.md: the loss crossing lies between n = 37 and 38 at k = 50
    assert said["gamma3: P-n-C has the lower loss above"].here.startswith("0.7505")
    # reference.md: P-n-C at k = 50, n = 25
    assert said["P-n-C at n = 25: |a|"].here == "1.809205 (exact)"
    assert said["P-n-C at n = 25: norm of a neuron"].here == "0.719374 (exact)"
    assert {claim.agrees for claim in comparison.claims if "exact" in claim.here} == {"yes"}
    assert "the published phase diagram (k = 50) and 280 runs of it here" in str(comparison)


@pytest.mark.slow
def test_what_the_runs_do_not_tell_is_undecided():
    said = {claim.what: claim.agrees for claim in gf.compare_with_publication(diagram_of({20: 20, 21: 20})).claims}
    assert said["n = 25: both C-A and P-n-C are reached"] == "undecided"
    assert said["gamma1: every start below ends in C-A"] == "undecided"
    assert said["starts above n/k = 0.6 that end in C-A"] == "undecided"


def test_another_experiment_is_not_compared():
    other = gf.PhaseDiagram(experiment=checked_experiment(k=8), k=8, records=(), complete=True)
    with pytest.raises(ValueError, match=r"has k = 50, d = k \+ 1 and GlorotNormal starts, this one k = 8, d = k \+ 1"):
        gf.compare_with_publication(other)
