"""Paths as a sweep keeps them."""

import pytest

from gradflow import sweeps


@pytest.fixture
def recorded():
    """The record of a solution at k = 8, n = 4, with its path or without."""

    def record(solution, *, trajectories):
        task = sweeps.Task(sweeps.Address(8, 4, 0), trajectories=trajectories)
        return sweeps.record_of(sweeps.checked_experiment(k=8), task, solution, seconds=0.0)

    return record
