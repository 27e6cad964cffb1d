"""Diagrams that the tests of figures and page share."""

import pytest

import gradflow as gf
from gradflow.sweeps import Store
from gradflow.sweeps.certified import unproved
from gradflow.sweeps.record import crashed
from gradflow.sweeps.task import Task


@pytest.fixture(scope="package")
def diagram(swept):
    return swept[1]


@pytest.fixture(scope="package")
def every_class(diagram):
    """The diagram with four more runs, made up: in P-n-C, at a point without a name, in a channel, and failed."""
    plan, first = diagram.experiment, diagram.records[0]
    said = {
        4: ("P-n-C", "minimum", "all eigenvalues are positive"),
        5: ("other", "saddle", "2 eigenvalues are negative"),
        6: ("other", "channel", "outputs grow against each other"),
    }
    made = [
        gf.Record(
            address=gf.Address(8, 3, run),
            header=first.header
            | {
                "run": run,
                "classification": first.header["classification"] | {"kind": kind, "reason": reason},
                "configuration": first.header["configuration"] | {"name": name, "partition": None},
            },
            arrays=first.arrays,
        )
        for run, (name, kind, reason) in said.items()
    ]
    failed = crashed(plan, Task(gf.Address(8, 3, 7)), RuntimeError("</script><b>out of memory"))
    records = (*diagram.at(3), *made, failed, *diagram.at(4))
    return gf.PhaseDiagram(experiment=plan, k=8, records=records, complete=False)


@pytest.fixture(scope="package")
def certified(diagram, tmp_path_factory):
    """The diagram with certificates: one that proves nothing, and one that contradicts its (made up) class."""
    folder = tmp_path_factory.mktemp("certified")
    store = Store(folder, diagram.experiment)
    first, last = diagram.records[2:]
    verdict = last.header["classification"] | {"kind": "saddle", "index": 1}
    wrong = gf.Record(address=last.address, header=last.header | {"classification": verdict}, arrays=last.arrays)
    for record in (*diagram.records[:3], wrong):
        store.write(record)
    store.keep_certificate(first.address, unproved(diagram.experiment, first, RuntimeError("x")))
    (found,) = gf.certify_runs(folder)
    return found
