"""The figures show what the results say."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import gradflow as gf

plt.switch_backend("agg")


@pytest.mark.slow
def test_the_phase_diagram_shows_both_exact_curves_every_run_and_the_shares(diagram, tmp_path):
    figure = gf.plot_phase_diagram(diagram, tmp_path / "figure.png")
    losses, shares = figure.axes
    lines = {line.get_label(): line for line in losses.lines if not line.get_label().startswith("_")}
    marks = {mark.get_label(): mark for mark in losses.collections}
    assert (set(lines), set(marks)) == ({"C-A, exact", "P-n-C, exact"}, {"C-A"})
    # reference.md: k = 8, n = 4
    assert lines["P-n-C, exact"].get_ydata()[3] == pytest.approx(0.0811155210088311603, abs=1e-14)
    # one mark for each width, since its runs end in one point
    assert marks["C-A"].get_offsets().tolist() == [[3 / 8, 0.087923261], [0.5, 0.072452645]]
    (share,) = [line for line in shares.lines if line.get_label() == "C-A"]
    assert share.get_xydata().tolist() == [[3 / 8, 1.0], [4 / 8, 1.0]]
    # Wilson's interval of 2 in 2 in 30 digits of mpmath: from 1/(1 + z²/2)
    (band,) = shares.collections
    assert sorted(set(band.get_paths()[0].vertices[:, 1])) == pytest.approx([0.342380227506653038, 1.0], abs=1e-14)
    assert 0 < (tmp_path / "figure.png").stat().st_size < 300_000


def test_the_title_says_how_many_runs_are_certified_if_any_was_tried(diagram, certified):
    before, after = (gf.plot_phase_diagram(one).axes[0].get_title() for one in (diagram, certified))
    assert before == "k = 8, d = 9, GlorotNormal, 4 runs"
    assert after == "k = 8, d = 9, GlorotNormal, 4 runs, 3 certified, 1 AGAINST ITS CLASS"


def test_the_phase_diagram_shows_the_exact_boundaries_with_what_is_true_beyond(diagram):
    losses, shares = gf.plot_phase_diagram(diagram).axes
    # reference.md: the onset and copy-average's border at k = 8; the crossing as `gradflow boundaries` prints it
    expected = {"P-n-C is a minimum": 4.813 / 8, "P-n-C below C-A": 0.774753, "C-A is a saddle": 6.70354 / 8}
    named = {text.get_text(): text.xy[0] for text in losses.texts}
    assert named == pytest.approx(expected, rel=1e-4)
    for axes in (losses, shares):
        dotted = sorted(line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":")
        assert dotted == pytest.approx(sorted(expected.values()), rel=1e-4)


def test_gamma_1_and_2_stand_above_the_shares_with_their_intervals(diagram):
    def records(n, copies):
        """Ten runs of a width, so many of them called C-A."""
        first = diagram.records[0]
        for run in range(10):
            name = "C-A" if run < copies else "P-n-C"
            header = first.header | {"configuration": first.header["configuration"] | {"name": name}}
            yield gf.Record(address=gf.Address(8, n, run), header=header, arrays=first.arrays)

    many = [*records(3, 10), *records(4, 8), *records(5, 3), *records(6, 0)]
    mixed = gf.PhaseDiagram(experiment=diagram.experiment, k=8, records=tuple(many), complete=True)
    shares = gf.plot_phase_diagram(mixed).axes[1]
    for label, estimate in (("γ₁", mixed.gamma1), ("50 %", mixed.gamma50), ("γ₂", mixed.gamma2)):
        (text,) = [text for text in shares.texts if text.get_text() == label]
        height = text.xy[1]
        bar, dot = [line.get_xdata() for line in shares.lines if set(line.get_ydata()) == {height}]
        assert list(bar) == [estimate.lower, estimate.upper]
        assert list(dot) == [estimate.value]
        assert text.xy[0] == estimate.lower
    assert len(shares.patches) == 3


def test_a_class_without_a_loss_has_a_share_and_no_mark(every_class):
    losses, shares = gf.plot_phase_diagram(every_class).axes
    assert {mark.get_label() for mark in losses.collections} == {"C-A", "P-n-C", "other", "channel"}
    found = {line.get_label(): line.get_ydata()[0] for line in shares.lines if not line.get_label().startswith("_")}
    assert found == pytest.approx({"C-A": 1 / 3, "P-n-C": 1 / 6, "other": 1 / 6, "channel": 1 / 6, "failed": 1 / 6})


@pytest.mark.slow
def test_figures_for_a_paper_are_written_in_each_format_for_each_k_and_class(every_class, tmp_path):
    few = every_class.at(3)[2], *every_class.at(3)[-2:]
    diagram = gf.PhaseDiagram(experiment=every_class.experiment, k=8, records=few, complete=True)
    written = gf.write_figures(diagram, tmp_path / "new" / "figures", formats=("pdf", "svg"))
    names = {path.name for path in written}
    assert names == {path.name for path in (tmp_path / "new" / "figures").iterdir()}
    whole = ("phase_diagram-k0008", "losses-k0008", "relative_losses-k0008", "shares-k0008")
    # P-n-C and a channel; the run that crashed has nothing that could be drawn
    single = [f"{name}-k0008-{ended}" for name in ("neurons", "path", "spectrum") for ended in ("P-n-C", "channel")]
    assert names == {f"{name}.{ending}" for name in (*whole, *single) for ending in ("pdf", "svg")}
    assert plt.get_fignums() == []


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_same_records_give_the_same_bytes(diagram, tmp_path, ending):
    for name in ("a", "b"):
        gf.plot_phase_diagram(diagram, tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


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


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_the_shares_of_several_laws_are_a_curve_each(diagram, tmp_path):
    scaled = gf.phase_diagram(k=8, widths=(3, 4), runs=2, init=gf.Scaled(gf.GlorotNormal(), weights=0.5))
    figure = gf.plot_copy_shares([diagram, scaled], tmp_path / "shares.pdf")
    (axes,) = figure.axes
    said = [text.get_text() for text in axes.get_legend().get_texts()]
    assert said == ["GlorotNormal", "GlorotNormal, W × 0.5"]
    assert axes.lines[0].get_xdata() == pytest.approx([3 / 8, 4 / 8], abs=0.05 / 8)
    assert axes.lines[0].get_ydata().tolist() == [1, 1]
    assert (tmp_path / "shares.pdf").stat().st_size > 0


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
