"""The figure of a sweep: losses at convergence and shares of the classes, over n/k."""

import os
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gradflow.families import copy_average, perturbed_n_copy
from gradflow.report.style import COLOURS, MARKERS, finished, style
from gradflow.sweeps import PhaseDiagram

# of a mark, in square points: all runs of a width, and the least that can still be seen
_AREA, _LEAST_AREA = 90.0, 8.0


def plot_phase_diagram(diagram: PhaseDiagram, path: str | os.PathLike[str] | None = None) -> Figure:
    """Losses at convergence over n/k with the exact C-A and P-n-C curves, and below them the share of each class.

    Runs of a width that end in one point are one mark, whose area is their share.
    Saved to `path` if given (the format by its ending). A run in a channel is drawn at the loss where it was stopped.
    """
    with style():
        figure, (losses, shares) = plt.subplots(
            2, 1, sharex=True, figsize=(6.4, 6.0), height_ratios=(2, 1), layout="constrained"
        )
        _losses(losses, diagram)
        _shares(shares, diagram)
        law = diagram.experiment.init.label
        losses.set_title(
            f"k = {diagram.k}, d = {diagram.k + diagram.experiment.excess}, {law}, {len(diagram.records)} runs",
            fontsize=10,
        )
        return finished(figure, path)


def _losses(axes: Axes, diagram: PhaseDiagram) -> None:
    k = diagram.k
    everywhere = range(1, k + 1)
    families = (("C-A", copy_average), ("P-n-C", perturbed_n_copy))
    for name, family in families:
        exact = [float(family(k, n).loss) for n in everywhere]
        axes.plot(np.array(everywhere) / k, exact, color=COLOURS[name], linewidth=1, label=f"{name}, exact")
    for name, marker in MARKERS.items():
        # runs that end in one point are one mark, whose area is their share of the width's runs
        spots = Counter(
            (record.address.n, round(record.loss, 9)) for record in diagram.records if record.outcome == name
        )
        drawn = {spot: runs for spot, runs in spots.items() if np.isfinite(spot[1])}
        if drawn:
            axes.scatter(
                [n / k for n, _ in drawn],
                [loss for _, loss in drawn],
                s=[_AREA * runs / len(diagram.at(n)) + _LEAST_AREA for (n, _), runs in drawn.items()],
                marker=marker,
                color=COLOURS[name],
                alpha=0.7,
                linewidths=1,
                label=name,
            )
    axes.set_ylabel("loss at convergence")
    axes.legend(ncols=2)


def _shares(axes: Axes, diagram: PhaseDiagram) -> None:
    widths = diagram.widths
    bottom = np.zeros(len(widths))
    for name, colour in COLOURS.items():
        share = np.array([_share(diagram, n, name) for n in widths])
        if not np.any(share):
            continue
        axes.bar(np.array(widths) / diagram.k, share, bottom=bottom, width=0.8 / diagram.k, color=colour, label=name)
        bottom += share
    axes.set_ylim(0, 1)
    axes.set_xlim(0, max([1.0, *(n / diagram.k for n in widths)]) + 1 / diagram.k)
    axes.set_ylabel("share of runs")
    axes.set_xlabel("n/k")
    axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.28))


def _share(diagram: PhaseDiagram, n: int, name: str) -> float:
    records = diagram.at(n)
    return sum(record.outcome == name for record in records) / len(records)
