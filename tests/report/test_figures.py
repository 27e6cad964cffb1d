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


def test_the_map_shows_lines_regions_and_where_flows_ended(diagram, tmp_path):
    found = [gf.boundaries(k) for k in (16, 6, 8)]
    figure = gf.plot_boundaries(found, tmp_path / "map.svg", diagrams=[diagram])
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    # reference.md: the onset at k = 8 and 16, copy-average's border at k = 8
    onset = lines["above: P-n-C is a minimum"]
    assert onset.get_xdata().tolist() == [6, 8, 16]
    assert onset.get_ydata()[1:] == pytest.approx([4.813 / 8, 7.781 / 16], rel=1e-3)
    assert lines["above: C-A is a saddle"].get_ydata()[1] == pytest.approx(6.70354 / 8, rel=1e-6)
    said = [text.get_text() for text in axes.get_legend().get_texts()]
    assert said[3:] == ["only C-A is a minimum", "both are minima", "only P-n-C is a minimum", "flows end in C-A"]
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert marks == [(8, 3 / 8), (8, 4 / 8)]
    assert (tmp_path / "map.svg").stat().st_size > 0


def test_a_branch_is_solid_where_it_is_a_minimum(tmp_path):
    branch = gf.continuation(lambda n: gf.PerturbedNCopy.orbits_of(8, n), gf.perturbed_n_copy(8, 4), at=4, until=6)
    figure = gf.plot_branch(branch, tmp_path / "branch.png")
    losses, outputs = figure.axes
    lines = {line.get_label(): line for line in losses.lines}
    solid = lines["minimum"].get_xdata()[np.isfinite(lines["minimum"].get_ydata())]
    # from the bifurcation on
    assert (solid[0], solid[-1]) == (pytest.approx(4.813245, abs=1e-5), 6)
    assert lines["bifurcation"].get_xdata()[0] == pytest.approx(4.813245, abs=1e-5)
    assert lines["fold"].get_xdata().size == 0
    assert outputs.get_ylabel() == "output weight"


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda: gf.plot_boundaries([1]),
            TypeError,
            "each of boundaries must be Boundaries, got 1. Write gf.plot_bound",
        ),
        (lambda: gf.plot_boundaries([]), ValueError, "plot_boundaries: boundaries is empty"),
        (lambda: gf.plot_branch(1), TypeError, "plot_branch: branch must be Branch, got 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()
