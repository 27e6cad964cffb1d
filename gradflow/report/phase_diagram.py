"""The figure of a sweep: losses at convergence and shares of the classes, over n/k."""

import os
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gradflow.families import copy_average, perturbed_n_copy
from gradflow.report.style import COLOURS, MARKERS, finished, style
from gradflow.sweeps import PhaseDiagram, outcome


def plot_phase_diagram(diagram: PhaseDiagram, path: str | os.PathLike[str] | None = None) -> Figure:
    """Losses at convergence over n/k with the exact C-A and P-n-C curves, and below them the share of each class.

    Saved to `path` if given (the format by its ending). A run in a channel is drawn at the loss where it was stopped.
    """
    with style():
        figure, (losses, shares) = plt.subplots(
            2, 1, sharex=True, figsize=(6.4, 6.0), height_ratios=(2, 1), layout="constrained"
        )
        _losses(losses, diagram)
        _shares(shares, diagram)
        law = type(diagram.experiment.init).__name__
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
        points = [(record.address.n / k, record.loss) for record in diagram.records if outcome(record) == name]
        points = [(x, y) for x, y in points if np.isfinite(y)]
        if not points:
            continue
        # many runs end in one point: spread them sideways around it, in order and not by chance
        spots = [(x, round(y, 9)) for x, y in points]
        sizes, seen = Counter(spots), Counter[tuple[float, float]]()
        places = []
        for spot in spots:
            places.append(spot[0] + (seen[spot] - (sizes[spot] - 1) / 2) * 0.5 / (k * max(sizes[spot], 10)))
            seen[spot] += 1
        axes.plot(
            places,
            [y for _, y in points],
            marker,
            markersize=4.5,
            markerfacecolor="none",
            color=COLOURS[name],
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
    axes.set_xlim(0, max(1.0, max(widths) / diagram.k) + 1 / diagram.k)
    axes.set_ylabel("share of runs")
    axes.set_xlabel("n/k")
    axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.28))


def _share(diagram: PhaseDiagram, n: int, name: str) -> float:
    records = diagram.at(n)
    return sum(outcome(record) == name for record in records) / len(records)
