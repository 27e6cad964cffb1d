"""The figure of a sweep: losses at convergence and shares of the classes, over n/k."""

import os

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.report.exact import Place, exact_boundaries, exact_losses, transition_places
from gradflow.report.style import COLOURS, MARKERS, finished, style
from gradflow.report.tallies import marks, shares
from gradflow.sweeps import PhaseDiagram

# of a mark, in square points: all runs of a width, and the least that can still be seen
_AREA, _LEAST_AREA = 90.0, 8.0
# of the intervals of γ1, 50 % and γ2 above the shares, in heights of that axis: the lowest, and from one to the next
_FIRST_INTERVAL, _NEXT_INTERVAL = 1.07, 0.09
# of n/k, that a line of text along a boundary takes
_LABEL = 0.03


def plot_phase_diagram(diagram: Checked[PhaseDiagram], path: Checked[str | os.PathLike[str] | None] = None) -> Figure:
    """Losses at convergence over n/k with the exact C-A and P-n-C curves and boundaries, and below them the share of
    each class with γ1, the 50 % point and γ2.

    Runs of a width that end in one point are one mark, whose area is their share. Bands are 95 % intervals: Wilson's of
    a share, and those of the three estimates, whose values are the lines. The title says how many runs are certified,
    if any was tried. Saved to `path` if given (the format by its ending). A run in a channel is drawn at the loss where
    it was stopped.
    """
    line = 'gf.plot_phase_diagram(gf.stored_diagrams("runs/k8")[0])'
    _checks.instance("plot_phase_diagram", "diagram", diagram, PhaseDiagram, line)
    _checks.some_runs("plot_phase_diagram", len(diagram.records), "the diagram")
    path = _checks.figure_to_write("plot_phase_diagram", path)
    with style():
        figure, (above, below) = plt.subplots(
            2, 1, sharex=True, figsize=(6.4, 6.4), height_ratios=(2, 1), layout="constrained"
        )
        draw_losses(above, diagram)
        draw_shares(below, diagram)
        above.set_title(title_of(diagram), fontsize=10)
        above.legend(loc="lower left")
        _share_axis(below, diagram)
        return finished(figure, path)


def plot_losses(diagram: PhaseDiagram, path: str | os.PathLike[str] | None = None, *, relative: bool = False) -> Figure:
    """The upper half alone; with `relative` losses over that of optimal copy-average at the same width, n < k."""
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        draw_losses(axes, diagram, relative=relative)
        axes.set_title(title_of(diagram), fontsize=10)
        axes.legend(loc="best" if relative else "lower left")
        _share_axis(axes, diagram)
        return finished(figure, path)


def plot_shares(diagram: PhaseDiagram, path: str | os.PathLike[str] | None = None) -> Figure:
    """The lower half alone."""
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 3.0), layout="constrained")
        draw_shares(axes, diagram)
        axes.legend(loc="center left")
        _share_axis(axes, diagram)
        return finished(figure, path)


def title_of(diagram: PhaseDiagram) -> str:
    """Which experiment it is, and how much of it is proved."""
    law, runs = diagram.experiment.init.label, f"{len(diagram.records)} runs"
    if diagram.certificates:
        runs += f", {sum(found.proved for found in diagram.certificates.values())} certified"
    if diagram.contradicted:
        runs += f", {len(diagram.contradicted)} AGAINST ITS CLASS"
    return f"k = {diagram.k}, d = {diagram.k + diagram.experiment.excess}, {law}, {runs}"


def draw_losses(axes: Axes, diagram: PhaseDiagram, *, relative: bool = False) -> None:
    """Exact curves, a mark for the runs of a width that end in one point, and the exact boundaries."""
    k, exact = diagram.k, exact_losses(diagram.k)
    # optimal copy-average has no loss left at n = k, and is not known beyond
    scale = np.array(exact["C-A"][: k - 1]) if relative else np.ones(max(k, *diagram.widths))
    for name, losses in exact.items():
        widths = np.arange(1, min(k, len(scale)) + 1)
        axes.plot(
            widths / k,
            np.array(losses)[widths - 1] / scale[widths - 1],
            color=COLOURS[name],
            linewidth=1,
            label=f"{name}, exact",
        )
    for name, found in marks(diagram).items():
        drawn = [mark for mark in found if mark.n <= len(scale)]
        axes.scatter(
            [mark.n / k for mark in drawn],
            [mark.loss / scale[mark.n - 1] for mark in drawn],
            s=[_AREA * mark.part + _LEAST_AREA for mark in drawn],
            marker=MARKERS[name],
            color=COLOURS[name],
            alpha=0.7,
            linewidths=1,
            label=name,
        )
    axes.set_ylabel("loss over that of optimal C-A" if relative else "loss at convergence")
    _boundaries(axes, k, named="bottom" if relative else "top")


def draw_shares(axes: Axes, diagram: PhaseDiagram) -> None:
    """The share of each class with its interval, and where copy-average gives way to P-n-C."""
    for name, found in shares(diagram).items():
        ratios = [share.n / diagram.k for share in found]
        lower, upper = ([getattr(share, end) for share in found] for end in ("lower", "upper"))
        axes.fill_between(ratios, lower, upper, color=COLOURS[name], alpha=0.16, linewidth=0)
        axes.plot(
            ratios,
            [share.share for share in found],
            marker=MARKERS[name],
            markersize=2.5,
            linewidth=1,
            color=COLOURS[name],
            label=name,
        )
    places = transition_places(diagram)
    for step, place in enumerate(reversed(places)):
        _estimate(axes, place, _FIRST_INTERVAL + step * _NEXT_INTERVAL)
    _boundaries(axes, diagram.k)
    axes.set_ylim(0, 1)
    axes.set_ylabel("share of runs")


def _estimate(axes: Axes, place: Place, height: float) -> None:
    """The interval as a bar above the axes and a band in them, the value as a dot and a line."""
    across = axes.get_xaxis_transform()
    ends = [end for end in (place.lower, place.value, place.upper) if end is not None]
    if place.lower is not None and place.upper is not None:
        axes.axvspan(place.lower, place.upper, color="black", alpha=0.06, linewidth=0)
        axes.plot(
            [place.lower, place.upper],
            [height, height],
            "|-",
            color="black",
            markersize=4,
            linewidth=1,
            transform=across,
            clip_on=False,
        )
    if place.value is not None:
        axes.plot([place.value], [height], "o", color="black", markersize=3, transform=across, clip_on=False)
        axes.plot([place.value] * 2, [0, height], color="black", linewidth=0.6, transform=across, clip_on=False)
    if ends:
        axes.annotate(
            place.label,
            (min(ends), height),
            xycoords=across,
            xytext=(-5, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=8,
            # over the line of another estimate
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
        )


def _boundaries(axes: Axes, k: int, *, named: str | None = None) -> None:
    """Dotted lines, and beside each, at the top or the bottom, what is true to its right."""
    last = -1.0
    for place in sorted((one for one in exact_boundaries(k) if one.value is not None), key=_value):
        at = _value(place)
        axes.axvline(at, linestyle=":", color="0.35", linewidth=1)
        if named is None:
            continue
        left = at - last > _LABEL
        last = at if left else at + _LABEL
        axes.annotate(
            place.label,
            (at, 0.99 if named == "top" else 0.01),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-3 if left else 3, 0),
            textcoords="offset points",
            rotation=90,
            ha="right" if left else "left",
            va=named,
            fontsize=8,
            color="0.25",
        )


def _value(place: Place) -> float:
    return float("nan") if place.value is None else place.value


def _share_axis(axes: Axes, diagram: PhaseDiagram) -> None:
    """n/k from nothing to the widest student, or to 1."""
    axes.set_xlim(0, max([1.0, *(n / diagram.k for n in diagram.widths)]) + 1 / diagram.k)
    axes.set_xlabel("n/k")
