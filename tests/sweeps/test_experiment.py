"""The experiment: what identifies it, and that a description gives it back."""

import gradflow as gf
from gradflow.sweeps.experiment import experiment, from_description


def test_a_description_gives_the_experiment_back():
    plan = experiment(k=8, d=11, init=gf.UnitSphere(), seed=4, rtol=1e-4, max_steps=77)
    assert from_description(plan.description()).canonical() == plan.canonical()
