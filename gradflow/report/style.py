"""How all figures look."""

from contextlib import AbstractContextManager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gradflow._writing import written_whole

# Okabe & Ito (2008): told apart by colour-blind readers, and in print
COLOURS = {
    "C-A": "#0072B2",
    "P-n-C": "#D55E00",
    "other": "#009E73",
    "channel": "#999999",
    "minimum at infinity": "#CC79A7",
    "failed": "#000000",
}
# the same on a dark ground, where blue and black would be lost: the palette's light blue, orange and white
DARK_COLOURS = {
    "C-A": "#56B4E9",
    "P-n-C": "#E69F00",
    "other": "#2FC79A",
    "channel": "#999999",
    "minimum at infinity": "#CC79A7",
    "failed": "#F0F0F0",
}
MARKERS = {"C-A": "o", "P-n-C": "^", "other": "D", "channel": "x", "minimum at infinity": "2", "failed": "+"}


def style() -> AbstractContextManager[None]:
    """Sober defaults, for the figures made inside only."""
    return mpl.rc_context(
        {
            "figure.dpi": 120,
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "legend.frameon": False,
            "svg.hashsalt": "gradflow",
            "pdf.fonttype": 42,  # TrueType: journals refuse the default, Type 3
        }
    )


def finished(figure: Figure, path: object | None) -> Figure:
    """Save the figure if a path is given, take it out of pyplot's hands, also where it cannot be written, and return
    it.
    """
    try:
        if path is not None:
            save(figure, path)
    finally:
        plt.close(figure)
    return figure


def save(figure: Figure, path: object) -> None:
    """Write a figure; the same data give the same bytes."""
    target = Path(str(path))
    # no date and no version in the file
    unsaid = {".png": "Software", ".pdf": "CreationDate", ".svg": "Date"}.get(target.suffix)
    with style(), written_whole(target) as written:
        figure.savefig(written, metadata={unsaid: None} if unsaid else None)
