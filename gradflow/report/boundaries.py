"""The figures of the exact families: the map of the boundaries, and a branch with its stability."""

import os
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.families import Boundaries, Branch
from gradflow.report.style import COLOURS, MARKERS, finished, style
from gradflow.sweeps import PhaseDiagram

# colour and opacity of the regions
_REGIONS = {
    "only C-A is a minimum": (COLOURS["C-A"], 0.22),
    "both are minima": ("#CFC5DA", 0.7),
    "only P-n-C is a minimum": (COLOURS["P-n-C"], 0.25),
}
_OUTCOMES = (("C-A", "copy_average"), ("P-n-C", "perturbed_n_copy"))
_STORED = 'diagrams=gf.stored_diagrams("runs/k8")'


def plot_boundaries(
    boundaries: Checked[Sequence[Boundaries]],
    path: Checked[str | os.PathLike[str] | None] = None,
    *,
    diagrams: Checked[Sequence[PhaseDiagram]] = (),
) -> Figure:
    """The map: n/k against k, with the regions in which optimal C-A, P-n-C or both are minima, and the line above which
    P-n-C has the lower loss.

    Marks for every width of `diagrams` show where flows ended, the stronger the larger the share of runs. Boundaries
    that were not found are left out. The regions say nothing about other critical points.
    """
    example = "gf.plot_boundaries([gf.boundaries(k) for k in (8, 16)])"
    found = sorted(_checks.several_of("plot_boundaries", "boundaries", boundaries, Boundaries, example), key=_k)
    several = _checks.listed("plot_boundaries", "diagrams", diagrams, _STORED, empty=True)
    diagrams = [_checks.instance("plot_boundaries", "each of diagrams", one, PhaseDiagram, _STORED) for one in several]
    path = _checks.figure_to_write("plot_boundaries", path)
    k = np.array([float(one.k) for one in found])
    onset, crossing, saddle = (
        np.array([_ratio(getattr(one, name).ratio) for one in found])
        for name in ("pnc_stability", "loss_crossing", "copy_average_stability")
    )
    with style():
        figure, axes = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
        nothing, everything = np.zeros_like(k), np.ones_like(k)
        for (colour, alpha), low, high in zip(
            _REGIONS.values(),
            (nothing, onset, np.fmax(onset, saddle)),
            (np.fmin(onset, saddle), saddle, everything),
            strict=True,
        ):
            axes.fill_between(k, low, high, where=low < high, color=colour, alpha=alpha, linewidth=0)
        for line, label, colour, dashes in (
            (saddle, "above: C-A is a saddle", COLOURS["C-A"], "-"),
            (crossing, "above: P-n-C has the lower loss", "black", "--"),
            (onset, "above: P-n-C is a minimum", COLOURS["P-n-C"], "-"),
        ):
            axes.plot(k, line, dashes, color=colour, linewidth=1.4, label=label)
        for diagram in diagrams:
            _flows(axes, diagram)
        axes.set_xscale("log")
        axes.set_xlim(k[0], k[-1] if len(k) > 1 else 10 * k[0])
        axes.set_ylim(0, 1)
        axes.set_xlabel("teacher width k")
        axes.set_ylabel("n/k")
        _legend(
            axes,
            [
                (name, any(getattr(row, count) for diagram in diagrams for row in diagram.rows))
                for name, count in _OUTCOMES
            ],
        )
        return finished(figure, path)


def plot_branch(branch: Checked[Branch], path: Checked[str | os.PathLike[str] | None] = None) -> Figure:
    """Loss and the first class's output weight along a branch: solid where the point is a minimum, dotted where it is
    not, with folds and bifurcations marked.
    """
    _checks.instance("plot_branch", "branch", branch, Branch, "gf.plot_branch(gf.continuation(...))")
    path = _checks.figure_to_write("plot_branch", path)
    outputs = np.array([float(network.output[0]) for network in branch.networks])
    with style():
        figure, both = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
        for axes, values, label in zip(
            both, (np.array(branch.losses, dtype=float), outputs), ("loss", "output weight"), strict=True
        ):
            _stability(axes, branch, values)
            axes.set_xlabel("parameter")
            axes.set_ylabel(label)
        both[1].set_yscale("log" if np.all(outputs > 0) else "linear")
        both[0].legend()
        return finished(figure, path)


def _flows(axes: Axes, diagram: PhaseDiagram) -> None:
    """A mark a width for each of the two, as strong as its share."""
    for row in diagram.rows:
        named = row.copy_average + row.perturbed_n_copy
        if named == 0 or row.n >= diagram.k:
            continue
        for name, field in _OUTCOMES:
            count = getattr(row, field)
            if count:
                axes.plot(
                    diagram.k,
                    row.n / diagram.k,
                    MARKERS[name],
                    color=COLOURS[name],
                    alpha=0.25 + 0.75 * count / named,
                    markersize=2.5 + 2 * count / named,
                    clip_on=False,
                )


def _legend(axes: Axes, flows: list[tuple[str, bool]]) -> None:
    """Lines, regions, and the marks that there are, above the axes."""
    handles = axes.get_legend_handles_labels()[0]
    handles += [Patch(color=colour, alpha=alpha, label=label) for label, (colour, alpha) in _REGIONS.items()]
    handles += [
        Line2D([], [], linestyle="none", marker=MARKERS[name], color=COLOURS[name], label=f"flows end in {name}")
        for name, there in flows
        if there
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, fontsize=8)


def _stability(axes: Axes, branch: Branch, values: Float[np.ndarray, " step"]) -> None:
    """The curve, solid as far as the special point where a minimum ends or begins."""
    parameters = np.array(branch.parameters, dtype=float)
    stable = np.array(branch.indices, dtype=float) == 0
    places = np.array([(float(point.lower) + float(point.upper)) / 2 for point in branch.special_points])
    steps = np.array([point.step for point in branch.special_points], dtype=int)
    way = parameters[steps] - parameters[steps - 1]
    share = np.clip(np.divide(places - parameters[steps - 1], way, out=np.full_like(way, 0.5), where=way != 0), 0, 1)
    heights = values[steps - 1] + share * (values[steps] - values[steps - 1])
    x, y = np.insert(parameters, steps, places), np.insert(values, steps, heights)
    solid = np.insert(stable, steps, stable[steps] | stable[steps - 1])
    axes.plot(x, y, ":", color=COLOURS["failed"], linewidth=1.2, label="saddle")
    axes.plot(x, np.where(solid, y, np.nan), "-", color=COLOURS["C-A"], linewidth=2, label="minimum")
    for kind, marker in (("fold", "D"), ("bifurcation", "o")):
        chosen = np.array([point.kind == kind for point in branch.special_points], dtype=bool)
        axes.plot(
            places[chosen], heights[chosen], marker, color=COLOURS["P-n-C"], markersize=5, linestyle="none", label=kind
        )


def _k(one: Boundaries) -> float:
    return float(one.k)


def _ratio(ratio: object) -> float:
    return float("nan") if ratio is None else float(str(ratio))
