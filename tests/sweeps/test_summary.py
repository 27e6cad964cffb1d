"""A sweep in one text file, and back."""

import pytest

import gradflow as gf
from gradflow.sweeps import Task
from gradflow.sweeps.record import crashed


@pytest.fixture(scope="module")
def diagram(swept):
    made = swept[1]
    failed = crashed(made.experiment, Task(gf.Address(8, 4, 2)), RuntimeError("no, luck"))
    return gf.PhaseDiagram(experiment=made.experiment, k=8, records=(*made.records, failed), complete=False)


def test_a_summary_gives_the_diagram_back_to_twelve_digits(diagram, tmp_path):
    path = gf.write_summary(diagram, tmp_path / "k8.csv")
    again = gf.read_summary(path)
    assert str(again) == str(diagram)
    assert (again.experiment.identity(), again.complete) == (diagram.experiment.identity(), False)
    for one, other in zip(diagram.to_json()["runs"], again.to_json()["runs"], strict=True):
        for name in ("n", "run", "outcome", "partition", "kind", "index", "nullity", "reason"):
            assert one[name] == other[name]
        assert other["loss"] == (None if one["loss"] is None else pytest.approx(one["loss"], rel=1e-11))
    assert again.others == ()


def test_the_same_diagram_gives_the_same_bytes_and_a_figure_can_be_drawn(diagram, tmp_path):
    first = gf.write_summary(diagram, tmp_path / "a.csv").read_bytes()
    assert gf.write_summary(gf.read_summary(tmp_path / "a.csv"), tmp_path / "b.csv").read_bytes() == first
    gf.plot_phase_diagram(gf.read_summary(tmp_path / "a.csv"), tmp_path / "figure.png")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("n,run\n1,2\n", "does not begin with the experiment"),
        ('# {"experiment": {"schema": 99}, "k": 8, "runs": 1, "complete": true}\n', "written by a newer gradflow"),
        ("", "does not begin with the experiment"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        gf.read_summary(path)
    with pytest.raises(ValueError, match=r"read_summary: there is no file nowhere\.csv"):
        gf.read_summary("nowhere.csv")


def test_a_summary_that_is_cut_off_doubled_or_damaged_is_refused(diagram, tmp_path):
    path = gf.write_summary(diagram, tmp_path / "k8.csv")
    lines = path.read_text().splitlines(keepends=True)
    for spoiled, message in (
        (lines[:-2], "should have 5 runs and has 3"),
        ([*lines, lines[-1]], "should have 5 runs and has 6, 5 of them different"),
        ([*lines[:3], "x,y\n", *lines[4:]], r"line 4 of .* is no run"),
    ):
        path.write_text("".join(spoiled))
        with pytest.raises(ValueError, match=message):
            gf.read_summary(path)


def test_a_summary_with_a_byte_order_mark_is_read(diagram, tmp_path):
    path = gf.write_summary(diagram, tmp_path / "summary.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert gf.read_summary(path).rows == gf.read_summary(gf.write_summary(diagram, path)).rows


def test_what_needs_weights_says_so(diagram, tmp_path):
    summary = gf.read_summary(gf.write_summary(diagram, tmp_path / "k8.csv"))
    with pytest.raises(ValueError, match="catalogue: these runs were read from a summary, which has no weights"):
        _ = summary.catalogue
    with pytest.raises(ValueError, match="write_report: these runs were read from a summary"):
        gf.write_report(summary, tmp_path / "report.html")
