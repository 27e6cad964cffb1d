"""The figures of one run: its path, its neurons, its spectrum."""

import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradflow.critical_points import Classification
from gradflow.dynamics import Trajectory
from gradflow.identification import Configuration
from gradflow.report.style import COLOURS, finished, style


def plot_path(trajectory: Trajectory, path: str | os.PathLike[str] | None = None) -> Figure:
    """Loss and gradient norm over time, both logarithmic."""
    with style():
        figure, (losses, norms) = plt.subplots(1, 2, figsize=(8.0, 3.2), layout="constrained")
        times = trajectory.times[1:]
        losses.loglog(times, trajectory.losses[1:], marker=".", color=COLOURS["C-A"])
        losses.set_ylabel("loss")
        norms.loglog(times, trajectory.gradient_norms[1:], marker=".", color=COLOURS["P-n-C"])
        norms.set_ylabel("gradient norm (largest entry)")
        for axes in (losses, norms):
            axes.set_xlabel("time")
        return finished(figure, path)


def plot_neurons(configuration: Configuration, path: str | os.PathLike[str] | None = None) -> Figure:
    """A box plot of each student's alignments with the teachers, beside the norms and the output weights.

    An exact copy shows one teacher at 1 and the rest at 0; an average of H shows H of them at 1/√H.
    """
    neurons = configuration.neurons
    places = np.arange(len(neurons))
    with style():
        figure, (alignments, norms, outputs) = plt.subplots(
            1, 3, figsize=(9.0, 3.4), width_ratios=(3, 1, 1), layout="constrained"
        )
        alignments.boxplot(
            [neuron.alignments for neuron in neurons],
            positions=places,
            widths=0.6,
            showfliers=False,
            medianprops={"color": COLOURS["C-A"]},
        )
        for place, neuron in zip(places, neurons, strict=True):
            each = np.full(len(neuron.alignments), place)
            alignments.plot(each, neuron.alignments, ".", color=COLOURS["P-n-C"], alpha=0.7)
        alignments.set_ylabel("cosine with each teacher (of the projection)")
        alignments.set_title(configuration.label, fontsize=10)
        norms.barh(places, [neuron.norm for neuron in neurons], color=COLOURS["C-A"])
        norms.set_xlabel("norm")
        outputs.barh(places, [neuron.output for neuron in neurons], color=COLOURS["P-n-C"])
        outputs.set_xlabel("output weight")
        alignments.set_xticks(places, [str(i) for i in places])
        alignments.set_xlabel("student neuron")
        for axes in (norms, outputs):
            axes.set_yticks(places, [str(i) for i in places])
            axes.invert_yaxis()
        return finished(figure, path)


def plot_spectrum(classification: Classification, path: str | os.PathLike[str] | None = None) -> Figure:
    """The Hessian's eigenvalues in order, by size, with their error bounds; negative and undecided ones told apart."""
    values, errors = classification.eigenvalues, classification.eigenvalue_error
    order = np.arange(len(values))
    groups = (
        ("positive", values > errors, COLOURS["C-A"], "o"),
        ("negative", values < -errors, COLOURS["P-n-C"], "v"),
        ("inside its error bound", np.abs(values) <= errors, COLOURS["channel"], "x"),
    )
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
        for name, chosen, colour, marker in groups:
            if np.any(chosen):
                # an exact zero has no place on a logarithmic axis: it is drawn at its error bound
                size = np.where(values[chosen] == 0, errors[chosen], np.abs(values[chosen]))
                axes.scatter(order[chosen], size, s=16, color=colour, marker=marker, label=name)
        axes.plot(order, errors, color="black", linewidth=0.8, label="error bound")
        axes.set_yscale("log")
        axes.set_xlabel("eigenvalue, in ascending order")
        axes.set_ylabel("size")
        axes.set_title(f"{classification.kind}, index {classification.index}", fontsize=10)
        axes.legend()
        return finished(figure, path)
