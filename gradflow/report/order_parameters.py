"""The figure of the order parameters along a path."""

import os

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.paths import OrderParameters, PassedPoints
from gradflow.report.style import COLOURS, finished, style

# students up to which a legend can still be read
_MOST_NAMED = 12


def plot_order_parameters(
    order_parameters: Checked[OrderParameters],
    path: Checked[str | os.PathLike[str] | None] = None,
    *,
    passed: Checked[PassedPoints | None] = None,
) -> Figure:
    """R, the diagonal of Q and the output weights over logarithmic time, a colour a student, each in the sign in which
    its last output weight is positive; a dashed line where a saddle is passed, if `passed` is given.

    A copy shows one overlap R that rises to 1, an average of H teachers H of them that join.
    """
    line = "gf.plot_order_parameters(gf.order_parameters(trajectory))"
    found = _checks.instance("plot_order_parameters", "order_parameters", order_parameters, OrderParameters, line)
    if passed is not None:
        _checks.instance("plot_order_parameters", "passed", passed, PassedPoints, "passed=gf.passed_points(trajectory)")
    path = _checks.figure_to_write("plot_order_parameters", path)
    # the first time is 0
    later = found.times > 0
    times = found.times[later]
    signs = np.where(found.output[-1] < 0, -1.0, 1.0)
    panels = (
        ("overlap with each teacher, R", (found.R * signs[:, None])[later]),
        ("squared norm, Q", np.diagonal(found.Q, axis1=1, axis2=2)[later][:, :, None]),
        ("output weight, a", (found.output * signs)[later][:, :, None]),
    )
    n = len(signs)
    colours = mpl.colormaps["viridis"](np.linspace(0, 0.92, n))
    with style():
        figure, row = plt.subplots(1, 3, figsize=(11.0, 3.4), width_ratios=(3, 2, 2), layout="constrained")
        for axes, (label, values) in zip(row, panels, strict=True):
            # the last student is drawn first, so that the first is not covered
            for i in reversed(range(n)):
                axes.plot(times, values[:, i], color=colours[i], linewidth=1.1, alpha=0.9)
            axes.set_xscale("log")
            axes.set_xlabel("time")
            axes.set_ylabel(label)
            _mark(axes, passed)
        if n <= _MOST_NAMED:
            handles = [Line2D([], [], color=colour, label=f"student {i}") for i, colour in enumerate(colours)]
            figure.legend(handles=handles, fontsize=8, loc="outside right upper")
        return finished(figure, path)


def _mark(axes: Axes, passed: PassedPoints | None) -> None:
    """A line a saddle, with its index on top."""
    for passage in () if passed is None else passed.saddles:
        verdict = passage.classification
        if passage.time > 0 and verdict is not None:
            axes.axvline(passage.time, color=COLOURS["failed"], linestyle="--", linewidth=1)
            axes.annotate(
                f"index {verdict.index}",
                (passage.time, 1.0),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="bottom",
                fontsize=8,
            )
