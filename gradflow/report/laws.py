"""The figure of several sweeps: how the share of copy-average depends on the law of the initial weights, or on k."""

import os
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.report.style import finished, style
from gradflow.sweeps import PhaseDiagram
from gradflow.sweeps.shares import share_interval

# of a width, between two diagrams
_APART = 0.06
_EXAMPLE = "gf.plot_copy_shares(gf.phase_diagrams(8, init=[gf.GlorotNormal(), gf.UnitSphere()]))"


def plot_copy_shares(
    diagrams: Checked[Sequence[PhaseDiagram]], path: Checked[str | os.PathLike[str] | None] = None
) -> Figure:
    """The share of C-A among the runs that ended in C-A or P-n-C over n/k, n < k, a curve for each diagram, with
    Wilson's 95 % intervals; the horizontal bar at one half is the interval of the fitted 50 % point.
    """
    several = _checks.several_of("plot_copy_shares", "diagrams", diagrams, PhaseDiagram, _EXAMPLE)
    path = _checks.figure_to_write("plot_copy_shares", path)
    # light to dark in the order given, told apart without colour too
    shades = mpl.colormaps["viridis"](np.linspace(0.85, 0.1, len(several)))
    with style():
        figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
        # beside one another, so that no interval hides another
        shifts = _APART * (np.arange(len(several)) - (len(several) - 1) / 2)
        for diagram, shade, shift in zip(several, shades, shifts, strict=True):
            rows = [row for row in diagram.rows if row.n < diagram.k and row.copy_average + row.perturbed_n_copy]
            runs = np.array([row.copy_average + row.perturbed_n_copy for row in rows])
            shares = np.array([row.copy_average for row in rows]) / runs
            ends = [share_interval(row.copy_average, int(number)) for row, number in zip(rows, runs, strict=True)]
            low, high = np.array(ends).reshape(-1, 2).T
            axes.errorbar(
                [(row.n + shift) / diagram.k for row in rows],
                shares,
                yerr=[shares - low, high - shares],
                color=shade,
                marker="o",
                markersize=4,
                linewidth=1.2,
                elinewidth=0.8,
                label=_label(diagram, several),
            )
            half = diagram.gamma50
            if half.lower is not None and half.upper is not None:
                axes.plot([half.lower, half.upper], [0.5, 0.5], color=shade, linewidth=5, alpha=0.5)
        axes.set_xlabel("n/k")
        axes.set_ylabel("share of C-A")
        axes.set_ylim(-0.03, 1.03)
        axes.legend(fontsize=8)
        return finished(figure, path)


def _label(diagram: PhaseDiagram, several: Sequence[PhaseDiagram]) -> str:
    """What tells the diagrams apart."""
    parts = [diagram.experiment.init.label] if len({one.experiment.init.label for one in several}) > 1 else []
    return ", ".join([*parts, *([f"k = {diagram.k}"] if len({one.k for one in several}) > 1 or not parts else [])])
