"""Shapes and types are checked at run time in the tests, and only there; shared problems are compiled once."""

import os
import shutil
from pathlib import Path

import jaxtyping
from jaxtyping import install_import_hook

# The slow tests of `make test` call a million times what the quick ones check, and take three times as long with it.
if not os.environ.get("GRADFLOW_UNCHECKED"):
    # not as a context: the rooms load on first use, long after this line
    install_import_hook("gradflow", "beartype.beartype")

import jax
import numpy as np
import pytest
from oracles.directions import along

import gradflow as gf

# mixing shapes or dtypes by accident is an error
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")


def pytest_collection_modifyitems(items):
    """Files with slow tests first: of two workers none has a long one left when the other is done."""

    def weight(item):
        return sum(other.get_closest_marker("slow") is not None for other in by_file[item.path])

    by_file = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    items.sort(key=weight, reverse=True)


@pytest.fixture
def as_a_user_calls():
    """Outside the tests no checker of annotations stands before gradflow's own messages."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="module")
def unchecked():
    """For a module whose many small calls cost ten times as much when each is checked; others check the same code."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def problem():
    """k = 8, n = 4, d = 9: the shape that most tests share (widths below 4 are padded to it)."""
    return gf.TeacherStudent(gf.orthonormal_teacher(k=8, d=9), width=4)


@pytest.fixture(scope="session")
def solution(problem):
    """One run, all stages: C-A(1, 1, 1, 5)."""
    return gf.solve(problem, problem.init(jax.random.key(0)))


@pytest.fixture(scope="session")
def swept(tmp_path_factory):
    """The folder and the diagram of the small sweep that many tests look at: two runs at n = 3 and at n = 4, compiled
    in one shape. Nothing is written to it: `swept_copy` is there to spoil.
    """
    folder = tmp_path_factory.mktemp("swept") / "k8"
    return folder, gf.phase_diagram(k=8, widths=(3, 4), runs=2, store=folder)


@pytest.fixture
def swept_copy(swept, tmp_path):
    """A copy of the small sweep's store."""
    return Path(shutil.copytree(swept[0], tmp_path / "k8"))


@pytest.fixture(scope="session")
def escape(problem):
    """A flow that leaves P-n-C (k = 8, n = 4: index 3) after it has come closer: a start far along the stiff
    directions, less far along the unstable ones, and not at all along the soft one.
    """
    exact = gf.perturbed_n_copy(8, 4).student
    hessian = np.asarray(problem.hessian(exact))
    values = np.linalg.eigvalsh(hessian)
    assert np.sum(values < 0) == 3
    step = 5e-3 * along(hessian, values > 0.01) + 1e-4 * along(hessian, values < 0)
    return gf.flow(problem, problem.unflatten(problem.flatten(exact) + step, exact))


@pytest.fixture(scope="session")
def passed(escape):
    return gf.passed_points(escape)


@pytest.fixture
def traces():
    """How often JAX has traced a function of a name since the test began."""
    names = []

    def listen(event, duration, **about):
        if event == "/jax/core/compile/jaxpr_trace_duration":
            names.append(about.get("fun_name"))

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield names.count
    jax.monitoring.unregister_event_duration_listener(listen)
