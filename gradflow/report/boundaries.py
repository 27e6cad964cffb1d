"""The figures of the exact families: the map of the boundaries, and a branch with its stability."""

import os
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.families import Boundaries, Branch
from gradflow.report.style import COLOURS, MARKERS, finished, style
from gradflow.sweeps import PhaseDiagram

_BOTH = "#CFC5DA"
_STORED = 'diagrams=gf.stored_diagrams("runs/k8")'


def plot_boundaries(
    boundaries: Checked[Sequence[Boundaries]],
    path: str | os.PathLike[str] | None = None,
    *,
    diagrams: Checked[Sequence[PhaseDiagram]] = (),
) -> Figure:
    """The map: n/k against k, with the regions in which optimal C-A, P-n-C or both are minima, and the line above which
    P-n-C has the lower loss.

    A mark for every width of `diagrams` shows where flows ended: filled from the left by the share of C-A among its
    runs. Boundaries that were not found are left out. The regions say nothing about other critical points.
    """
    example = "gf.plot_boundaries([gf.boundaries(k) for k in (8, 16)])"
    found = sorted(_checks.several_of("plot_boundaries", "boundaries", boundaries, Boundaries, example), key=_k)
    diagrams = [_checks.instance("plot_boundaries", "each of diagrams", one, PhaseDiagram, _STORED) for one in diagrams]
    _checks.file_to_write("plot_boundaries", path)
    k = np.array([float(one.k) for one in found])
    onset, crossing, saddle = (
        np.array([_ratio(getattr(one, name).ratio) for one in found])
        for name in ("pnc_stability", "loss_crossing", "copy_average_stability")
    )
    with style():
        figure, axes = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
        axes.fill_between(k, 0, np.fmin(onset, saddle), color=COLOURS["C-A"], alpha=0.22, linewidth=0)
        axes.fill_between(k, onset, saddle, where=onset < saddle, color=_BOTH, alpha=0.7, linewidth=0)
        axes.fill_between(k, np.fmax(onset, saddle), 1, color=COLOURS["P-n-C"], alpha=0.25, linewidth=0)
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
        axes.legend(loc="upper left", bbox_to_anchor=(0, 1.16), ncols=3, fontsize=8)
        _name_regions(axes, k, onset, saddle)
        return finished(figure, path)


def plot_branch(branch: Checked[Branch], path: str | os.PathLike[str] | None = None) -> Figure:
    """Loss and the first class's output weight along a branch: solid where the point is a minimum, dotted where it is
    not, with folds and bifurcations marked.
    """
    _checks.instance("plot_branch", "branch", branch, Branch, "gf.plot_branch(gf.continuation(...))")
    parameters = np.array(branch.parameters, dtype=float)
    outputs = np.array([float(network.output[0]) for network in branch.networks])
    stable = np.array(branch.indices, dtype=float) == 0
    with style():
        figure, both = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
        for axes, values, label in zip(
            both, (np.array(branch.losses, dtype=float), outputs), ("loss", "output weight"), strict=True
        ):
            axes.plot(parameters, values, ":", color=COLOURS["failed"], linewidth=1.2, label="saddle")
            axes.plot(
                parameters, np.where(stable, values, np.nan), "-", color=COLOURS["C-A"], linewidth=2, label="minimum"
            )
            for kind, marker in (("fold", "D"), ("bifurcation", "o")):
                special = [point for point in branch.special_points if point.kind == kind]
                at = [(float(point.lower) + float(point.upper)) / 2 for point in special]
                heights = [_between(parameters, values, point.step, x) for point, x in zip(special, at, strict=True)]
                axes.plot(at, heights, marker, color=COLOURS["P-n-C"], markersize=5, linestyle="none", label=kind)
            axes.set_xlabel("parameter")
            axes.set_ylabel(label)
        both[1].set_yscale("log" if np.all(outputs > 0) else "linear")
        both[0].legend()
        return finished(figure, path)


def _flows(axes: Axes, diagram: PhaseDiagram) -> None:
    """One mark a width: the share of C-A on the left of it, that of P-n-C on the right."""
    for row in diagram.rows:
        named = row.copy_average + row.perturbed_n_copy
        if named == 0 or row.n >= diagram.k:
            continue
        for name, count in (("C-A", row.copy_average), ("P-n-C", row.perturbed_n_copy)):
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


def _name_regions(
    axes: Axes,
    k: Float[np.ndarray, " boundary"],
    onset: Float[np.ndarray, " boundary"],
    saddle: Float[np.ndarray, " boundary"],
) -> None:
    """In words, where there is room."""
    i = int(np.searchsorted(np.log(k), np.mean(np.log(k[[0, -1]])))) if len(k) > 1 else 0
    for height, words in (
        (onset[i] / 2, "only C-A is a minimum"),
        ((onset[i] + saddle[i]) / 2, "both are minima"),
    ):
        if np.isfinite(height):
            axes.text(k[i], height, words, ha="center", va="center", fontsize=9)


def _between(
    parameters: Float[np.ndarray, " step"], values: Float[np.ndarray, " step"], step: int, parameter: float
) -> float:
    """On the line between the points before and after."""
    before, after = parameters[step - 1], parameters[step]
    share = 0.5 if before == after else np.clip((parameter - before) / (after - before), 0, 1)
    return float(values[step - 1] + share * (values[step] - values[step - 1]))


def _k(one: Boundaries) -> float:
    return float(one.k)


def _ratio(ratio: object) -> float:
    return float("nan") if ratio is None else float(str(ratio))
