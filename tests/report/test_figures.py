"""The figures show what the results say."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import gradflow as gf

plt.switch_backend("agg")


@pytest.fixture(scope="module")
def diagram():
    return gf.phase_diagram(k=8, widths=(3, 4), runs=2)


def test_the_phase_diagram_shows_both_exact_curves_every_run_and_the_shares(diagram, tmp_path):
    figure = gf.plot_phase_diagram(diagram, tmp_path / "figure.png")
    losses, shares = figure.axes
    lines = {line.get_label(): line for line in losses.lines}
    marks = {mark.get_label(): mark for mark in losses.collections}
    assert (set(lines), set(marks)) == ({"C-A, exact", "P-n-C, exact"}, {"C-A"})
    # reference.md: k = 8, n = 4
    assert lines["P-n-C, exact"].get_ydata()[3] == pytest.approx(0.0811155210088311603, abs=1e-14)
    # one mark for each width, since its runs end in one point
    assert marks["C-A"].get_offsets().tolist() == [[3 / 8, 0.087923261], [0.5, 0.072452645]]
    assert [patch.get_height() for patch in shares.patches] == [1.0, 1.0]
    assert 0 < (tmp_path / "figure.png").stat().st_size < 300_000


def test_the_same_records_give_the_same_bytes(diagram, tmp_path):
    for name in ("a.png", "b.png"):
        gf.plot_phase_diagram(diagram, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_figures_of_one_run_are_drawn_and_left_open_by_nobody(solution, tmp_path):
    gf.plot_path(solution.trajectory, tmp_path / "path.pdf")
    gf.plot_spectrum(solution.classification, tmp_path / "spectrum.svg")
    figure = gf.plot_neurons(solution.configuration, tmp_path / "neurons.png")
    alignments, norms, outputs = figure.axes
    assert sorted(round(float(bar.get_width()), 6) for bar in norms.patches) == [0.333333, 1.0, 1.0, 1.0]
    assert sorted(round(float(bar.get_width()), 6) for bar in outputs.patches) == [1.0, 1.0, 1.0, 5.0]
    dots = np.concatenate([line.get_ydata() for line in alignments.lines if line.get_marker() == "."])
    assert len(dots) == 4 * 8
    assert all((tmp_path / name).stat().st_size > 0 for name in ("path.pdf", "spectrum.svg", "neurons.png"))
    assert plt.get_fignums() == []
