"""The figures of one run: its path, its neurons, its spectrum."""

import os
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.critical_points import Classification, Kind
from gradflow.dynamics import Trajectory
from gradflow.identification import Configuration
from gradflow.report.style import COLOURS, finished, style

# numbers that fit below the boxes
_MOST_LABELS = 16


def plot_path(trajectory: Checked[Trajectory], path: Checked[str | os.PathLike[str] | None] = None) -> Figure:
    """Loss and gradient norm over time, both logarithmic."""
    _checks.instance("plot_path", "trajectory", trajectory, Trajectory, "gf.plot_path(gf.flow(problem, student))")
    path = _checks.figure_to_write("plot_path", path)
    return draw_path(trajectory.times, trajectory.losses, trajectory.gradient_norms, "", path)


def plot_neurons(configuration: Checked[Configuration], path: Checked[str | os.PathLike[str] | None] = None) -> Figure:
    """A box plot of each student's alignments with the teachers, beside the norms and the output weights.

    An exact copy shows one teacher at 1 and the rest at 0; an average of H shows H of them at 1/√H.
    """
    line = "gf.plot_neurons(gf.identify(problem, point))"
    _checks.instance("plot_neurons", "configuration", configuration, Configuration, line)
    path = _checks.figure_to_write("plot_neurons", path)
    neurons = configuration.neurons
    return draw_neurons(
        [neuron.alignments for neuron in neurons],
        [neuron.norm for neuron in neurons],
        [neuron.output for neuron in neurons],
        configuration.label,
        path,
    )


def plot_spectrum(
    classification: Checked[Classification], path: Checked[str | os.PathLike[str] | None] = None
) -> Figure:
    """The Hessian's eigenvalues in order, by size, with their error bounds; negative and undecided ones told apart."""
    line = "gf.plot_spectrum(gf.classify(problem, point))"
    _checks.instance("plot_spectrum", "classification", classification, Classification, line)
    path = _checks.figure_to_write("plot_spectrum", path)
    decided = classification.kind is not Kind.UNDECIDED
    title = f"{classification.kind}, index {classification.index}" if decided else str(classification.kind)
    return draw_spectrum(classification.eigenvalues, classification.eigenvalue_error, title, path)


def draw_path(
    times: Float[np.ndarray, " time"],
    losses: Float[np.ndarray, " time"],
    gradient_norms: Float[np.ndarray, " time"],
    title: str,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The figure of a path; the start, at time 0, has no place on a logarithmic axis."""
    with style():
        figure, both = plt.subplots(1, 2, figsize=(8.0, 3.2), layout="constrained")
        for axes, values, label, colour in zip(
            both,
            (losses, gradient_norms),
            ("loss", "gradient norm (largest entry)"),
            (COLOURS["C-A"], COLOURS["P-n-C"]),
            strict=True,
        ):
            axes.loglog(times[1:], values[1:], marker=".", color=colour)
            axes.set_ylabel(label)
            axes.set_xlabel("time")
        if title:
            figure.suptitle(title, fontsize=10)
        return finished(figure, path)


def draw_neurons(
    alignments: Sequence[Float[np.ndarray, " teacher"]] | Float[np.ndarray, "student teacher"],
    norms: Sequence[float] | Float[np.ndarray, " student"],
    outputs: Sequence[float] | Float[np.ndarray, " student"],
    title: str,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The figure of a student's neurons."""
    places = np.arange(len(norms))
    labelled = places[:: -(-len(places) // _MOST_LABELS)]
    with style():
        figure, (boxes, lengths, weights) = plt.subplots(
            1, 3, figsize=(9.0, 3.4), width_ratios=(3, 1, 1), layout="constrained"
        )
        boxes.boxplot(
            list(alignments),
            positions=places,
            widths=0.6,
            showfliers=False,
            medianprops={"color": COLOURS["C-A"]},
        )
        for place, cosines in zip(places, alignments, strict=True):
            boxes.plot(np.full(len(cosines), place), cosines, ".", color=COLOURS["P-n-C"], alpha=0.7)
        boxes.set_ylabel("cosine with each teacher (of the projection)")
        boxes.set_title(title, fontsize=10)
        lengths.barh(places, norms, color=COLOURS["C-A"])
        lengths.set_xlabel("norm")
        weights.barh(places, outputs, color=COLOURS["P-n-C"])
        weights.set_xlabel("output weight")
        names = [str(i) for i in labelled]
        boxes.set_xticks(labelled, names)
        boxes.set_xlabel("student neuron")
        for axes in (lengths, weights):
            axes.set_yticks(labelled, names)
            axes.invert_yaxis()
        return finished(figure, path)


def draw_spectrum(
    values: Float[np.ndarray, " known"],
    errors: Float[np.ndarray, " known"],
    title: str,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """The figure of a spectrum."""
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
        axes.set_title(title, fontsize=10)
        axes.legend()
        return finished(figure, path)
