"""write_figures: what the report shows, as files for a paper."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.report.alignments import alignments, signs
from gradflow.report.diagrams import diagrams_of
from gradflow.report.network import draw_neurons, draw_path, draw_spectrum
from gradflow.report.phase_diagram import plot_losses, plot_phase_diagram, plot_shares
from gradflow.report.style import COLOURS, save
from gradflow.sweeps import PhaseDiagram, Record

FORMATS = ("pdf", "svg", "png")

Drawing = Callable[[], Figure]


def write_figures(
    diagrams: Checked[PhaseDiagram | Iterable[PhaseDiagram] | str | os.PathLike[str]],
    folder: Checked[str | os.PathLike[str]],
    formats: Checked[Sequence[str]] = ("pdf", "svg"),
) -> tuple[Path, ...]:
    """The figures of a sweep as files for a paper, each in every one of `formats` ("pdf", "svg", "png").

    For each k and experiment the phase diagram, its losses (also relative to optimal copy-average's) and its shares;
    and of each class that occurs the neurons, the path and the spectrum of one run, the middle one in the order of
    (n, run), as far as its record has them.

    `diagrams`: one, several, or the folder that `phase_diagram(..., store=...)` has written. Returns the
    paths. The same data give the same bytes. Raises `ValueError` for a folder that is no store, a diagram without runs,
    a folder that cannot be written, and a format that is not known.
    """
    wanted = [
        _checks.choice("write_figures", "a format", one, FORMATS)
        for one in _checks.several("write_figures", "formats", formats, 'formats=("pdf", "svg")')
    ]
    found = diagrams_of("write_figures", diagrams)
    target = _checks.writable_folder("write_figures", folder, "folder", 'folder="figures"')
    written = []
    several = len({diagram.experiment.identity() for diagram in found}) > 1
    for diagram in found:
        # as much of the identity as tells experiments apart at a glance
        which = f"k{diagram.k:04d}" + (f"-{diagram.experiment.identity()[:8]}" if several else "")
        for name, draw in _drawings(diagram, which):
            figure = draw()
            for ending in wanted:
                written.append(target / f"{name}.{ending}")
                save(figure, written[-1])
    return tuple(written)


def _drawings(diagram: PhaseDiagram, which: str) -> list[tuple[str, Drawing]]:
    """A name and a drawing for each figure."""
    drawings: list[tuple[str, Drawing]] = [
        (f"phase_diagram-{which}", partial(plot_phase_diagram, diagram)),
        (f"losses-{which}", partial(plot_losses, diagram)),
        (f"shares-{which}", partial(plot_shares, diagram)),
    ]
    if diagram.k > 1:
        drawings.append((f"relative_losses-{which}", partial(plot_losses, diagram, relative=True)))
    for outcome in COLOURS:
        ended = [record for record in diagram.records if record.outcome == outcome]
        if ended:
            ending = outcome.replace(" ", "_")
            drawings += [
                (f"{name}-{which}-{ending}", draw) for name, draw in _drawings_of_run(ended[len(ended) // 2]).items()
            ]
    return drawings


def _drawings_of_run(record: Record) -> dict[str, Drawing]:
    """What can be drawn of a run: what its record has."""
    arrays, title = record.arrays, f"{record.outcome}, {record.address}"
    drawings: dict[str, Drawing] = {}
    if "weights" in arrays and np.all(np.isfinite(arrays["weights"])):
        weights, k = arrays["weights"], record.address.k
        drawings["neurons"] = partial(
            draw_neurons,
            alignments(weights, k),
            np.linalg.norm(weights, axis=1),
            signs(weights, k) * arrays["output"],
            title,
        )
    if len(arrays.get("losses", ())) > 1:
        times, losses, norms = (arrays[name] for name in ("times", "losses", "gradient_norms"))
        drawings["path"] = partial(draw_path, times, losses, norms, title)
    if len(arrays.get("eigenvalues", ())):
        drawings["spectrum"] = partial(draw_spectrum, arrays["eigenvalues"], arrays["eigenvalue_error"], title)
    return drawings
