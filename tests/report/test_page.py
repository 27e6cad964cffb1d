"""The page holds what the records say; what it looks like and does, tests_browser/ asks a browser."""

import base64
import json
import re
import zlib

import numpy as np
import pytest

import gradflow as gf
from gradflow.report.page.detail import PATH_POINTS, SPECTRUM_POINTS, detail
from gradflow.sweeps import Record, checked_experiment


def data_of(path):
    """The data that stand in a page."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"))
    return json.loads(found)


def unpacked(one, k):
    """What a run's panel is drawn from, read as the page reads it."""
    content = zlib.decompress(base64.b64decode(one["packed"]))
    neurons, points, eigenvalues = one["neurons"], one["points"], one["eigenvalues"]
    floats = 4 * (2 * neurons + 3 * points + 3 * eigenvalues)
    singles = np.frombuffer(content[:floats], "<f4")
    ends = np.cumsum([neurons, neurons, points, points, points, eigenvalues, eigenvalues])
    names = ("norms", "outputs", "times", "losses", "gradients", "ranks", "values", "errors")
    cosines = np.frombuffer(content[floats : floats + 2 * neurons * k], "<i2").reshape(neurons, k) / 32767
    return dict(zip(names, np.split(singles, ends), strict=True)) | {
        "cosines": cosines,
        "named": json.loads(content[floats + 2 * neurons * k :]),
    }


@pytest.fixture(scope="module")
def page(every_class, tmp_path_factory):
    return gf.write_report(every_class, tmp_path_factory.mktemp("page") / "report.html")


def test_the_page_asks_for_nothing_outside_itself(page):
    text = page.read_text("utf-8")
    assert re.findall(r'(?:src|href|action)="([^"]*)"', text) == ["data:,", "#runs"]
    assert "@import" not in text
    assert re.findall(r"url\(", text) == []
    assert "default-src 'none'" in text


def test_what_a_record_says_cannot_end_the_data(page, every_class):
    assert page.read_text("utf-8").count("</script>") == 2
    reasons = data_of(page)["diagrams"][0]["table"]["reason"]
    assert "RuntimeError: </script><b>out of memory" in reasons


def test_the_table_has_every_run_with_what_its_record_says(page, every_class):
    (shown,) = data_of(page)["diagrams"]
    table = shown["table"]
    summaries = [record.summary() for record in every_class.records]
    for name in ("n", "run", "outcome", "partition", "kind", "index", "nullity", "loss", "reason", "least_eigenvalue"):
        assert table[name] == [summary[name] for summary in summaries]
    steps = [record.header["flow"]["steps"] if record.header["flow"] else None for record in every_class.records]
    assert table["steps"] == steps
    assert table["outcome"] == ["C-A", "C-A", "P-n-C", "other", "channel", "failed", "C-A", "C-A"]
    assert (shown["complete"], shown["identity"]) == (False, every_class.experiment.identity())
    assert [other["runs"] for other in shown["others"]] == [[5]]


def test_a_run_to_infinity_has_a_colour_and_shares_of_its_own(every_class, tmp_path):
    channel = next(record for record in every_class.records if record.outcome == "channel")
    verdict = channel.header["classification"] | {"kind": "minimum at infinity"}
    records = (gf.Record(channel.address, channel.header | {"classification": verdict}, channel.arrays),)
    diagram = gf.PhaseDiagram(experiment=every_class.experiment, k=8, records=records, complete=False)
    page = gf.write_report(diagram, tmp_path / "page.html")
    (shown,) = data_of(page)["diagrams"]
    assert list(shown["shares"]) == ["minimum at infinity"]
    assert "--minimum-at-infinity:#" in page.read_text("utf-8")


def test_shares_marks_curves_and_boundaries_are_those_of_the_diagram(page):
    (shown,) = data_of(page)["diagrams"]
    assert list(shown["shares"]) == ["C-A", "P-n-C", "other", "channel", "failed"]
    first = shown["shares"]["C-A"][0]
    # 2 of 6, Wilson's interval in 30 digits of mpmath
    assert (first["n"], first["runs"], first["share"]) == (3, 2, pytest.approx(1 / 3))
    assert (first["lower"], first["upper"]) == pytest.approx((0.0967714111057804678, 0.700006684861607993), rel=1e-13)
    assert [mark["part"] for mark in shown["marks"]["C-A"]] == pytest.approx([1 / 3, 1.0])
    assert "failed" not in shown["marks"]  # it has no loss
    # reference.md: k = 8, n = 4
    assert shown["exact"]["P-n-C"][3] == pytest.approx(0.0811155210088311603, abs=1e-14)
    assert shown["boundaries"][2]["value"] == pytest.approx(6.70354 / 8, rel=1e-6)
    # without two widths that differ there is nothing to fit
    assert {place["value"] for place in shown["transition"]} == {None}


def test_the_alignments_of_a_run_are_those_that_identify_finds(solution, problem):
    record = Record(
        address=gf.Address(8, 4, 0),
        header={"configuration": None},
        arrays={
            "weights": np.asarray(solution.point.student.weights),
            "output": np.asarray(solution.point.student.output),
        },
    )
    shown = unpacked(detail(record), 8)
    neurons = gf.identify(problem, solution.point).neurons
    # steps of 1/32767, and single precision
    np.testing.assert_allclose(shown["cosines"], [neuron.alignments for neuron in neurons], rtol=0, atol=2e-5)
    np.testing.assert_allclose(shown["norms"], [neuron.norm for neuron in neurons], rtol=1e-6)
    np.testing.assert_allclose(shown["outputs"], [neuron.output for neuron in neurons], rtol=1e-6)
    assert (shown["times"].size, shown["values"].size) == (0, 0)


def test_a_student_orthogonal_to_all_teachers_is_aligned_with_none():
    weights = np.zeros((2, 9))
    weights[0, 8], weights[1, 2] = 3.0, -2.0
    record = Record(
        address=gf.Address(8, 2, 0), header={"configuration": None}, arrays={"weights": weights, "output": np.ones(2)}
    )
    shown = unpacked(detail(record), 8)
    assert shown["cosines"].tolist() == [[0.0] * 8, [0, 0, 1, 0, 0, 0, 0, 0]]
    # erf is odd: the second neuron is the copy of teacher 2 with output −1
    assert (shown["norms"].tolist(), shown["outputs"].tolist()) == ([3, 2], [1, -1])


def test_path_and_spectrum_are_thinned_with_both_ends_kept():
    count = 5_000
    times = np.concatenate([[0.0], np.geomspace(1e-6, 1e7, count)])
    values = np.linspace(-1.0, 3.0, count)
    record = Record(
        address=gf.Address(2, 1, 0),
        header={"configuration": None},
        arrays={
            "times": times,
            "losses": 1 / (1 + times),
            "gradient_norms": 1 / (2 + times),
            "eigenvalues": values,
            "eigenvalue_error": np.full(count, 1e-9),
        },
    )
    shown = unpacked(detail(record), 2)
    assert (shown["times"].size, shown["ranks"].size) == (PATH_POINTS, SPECTRUM_POINTS)
    assert (shown["times"][0], shown["times"][-1]) == pytest.approx((1e-6, 1e7))
    # evenly in the logarithm of time
    assert np.ptp(np.diff(np.log(shown["times"]))) < 0.02
    np.testing.assert_allclose(shown["losses"], 1 / (1 + shown["times"]), rtol=1e-6)
    assert shown["ranks"][:64].tolist() == list(range(64))
    assert shown["ranks"][-1] == count - 1
    np.testing.assert_allclose(shown["values"], values[shown["ranks"].astype(int)], rtol=1e-6)


def test_a_run_that_crashed_and_one_that_diverged_are_shown_without_what_they_lack(every_class):
    crashed = every_class.at(3)[-1]
    assert (detail(crashed)["neurons"], detail(crashed)["points"], detail(crashed)["eigenvalues"]) == (0, 0, 0)
    arrays = {
        "weights": np.full((1, 9), np.inf),
        "output": np.ones(1),
        "times": np.array([0.0, 1.0, 2.0]),
        "losses": np.array([1.0, 1e300, np.inf]),
        "gradient_norms": np.array([1.0, np.nan, np.nan]),
    }
    diverged = detail(Record(address=gf.Address(8, 1, 0), header={"configuration": None}, arrays=arrays))
    assert (diverged["neurons"], diverged["points"]) == (0, 2)


def test_the_same_records_give_the_same_page_from_memory_and_from_a_store(swept, tmp_path):
    folder, made = swept
    first = gf.write_report([made], tmp_path / "a.html")
    second = gf.write_report(folder, str(tmp_path / "b.html"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.slow
def test_several_experiments_of_one_k_stand_side_by_side_under_the_names_of_their_laws(diagram, tmp_path):
    scaled = gf.Scaled(gf.GlorotNormal(), weights=0.3)
    other = gf.PhaseDiagram(
        experiment=checked_experiment(k=8, init=scaled), k=8, records=diagram.records, complete=diagram.complete
    )
    shown = data_of(gf.write_report([diagram, other], tmp_path / "report.html"))["diagrams"]
    assert [one["name"] for one in shown] == ["k = 8, GlorotNormal", "k = 8, GlorotNormal, W × 0.3"]
    assert [one["law"] for one in shown][1].startswith("Scaled(inner law = GlorotNormal, weights = 0.3")
    written = gf.write_figures([diagram, other], tmp_path / "figures", formats=["png"])
    assert len(set(written)) == len(written) == 2 * 7
    assert f"losses-k0008-{other.experiment.identity()[:8]}.png" in {path.name for path in written}


@pytest.mark.parametrize("write", [gf.write_report, gf.write_figures])
def test_what_cannot_be_shown_or_written_is_refused(write, diagram, tmp_path, as_a_user_calls):
    empty = gf.PhaseDiagram(experiment=diagram.experiment, k=8, records=(), complete=False)
    target = tmp_path / "out"
    with pytest.raises(ValueError, match=r"the diagram of k = 8 has no runs yet, so there is nothing to show"):
        write(empty, target)
    with pytest.raises(ValueError, match="diagrams is empty"):
        write([], target)
    with pytest.raises(ValueError, match=r"diagrams names k = 8 of experiment \w+ more than once"):
        write([diagram, diagram], target)
    with pytest.raises(TypeError, match="each of diagrams must be PhaseDiagram, got 8"):
        write([8], target)
    with pytest.raises(ValueError, match="there is no folder"):
        write(tmp_path / "nothing", target)
    with pytest.raises(TypeError, match=r"must be .* got 3"):
        write(diagram, 3)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"does not exist. Make it|cannot write to"):
        write(diagram, tmp_path / "file" / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_a_folder_is_no_page_and_a_word_is_no_format(diagram, tmp_path):
    with pytest.raises(ValueError, match=rf"{tmp_path} is a folder. Write {tmp_path}/report.html"):
        gf.write_report(diagram, tmp_path)
    with pytest.raises(ValueError, match="a format must be one of 'pdf', 'svg', 'png', got 'jpg'"):
        gf.write_figures(diagram, tmp_path / "figures", formats=["jpg"])
    with pytest.raises(TypeError, match="formats must be several, got 'pdf'"):
        gf.write_figures(diagram, tmp_path / "figures", formats="pdf")


def test_the_page_says_what_is_proved_of_each_run_and_why_not(certified, tmp_path):
    (shown,) = data_of(gf.write_report(certified, tmp_path / "page.html"))["diagrams"]
    table = shown["table"]
    assert (shown["certified"], shown["contradicted"]) == (3, 1)
    proved = "isolated critical point"
    assert table["certified"] == [proved, proved, "not proved", proved]
    assert table["certified_index"] == [0, 0, None, 0]
    assert table["unproved"] == [None, None, "computation: RuntimeError: x", None]
    assert table["contradicted"] == [False, False, False, True]
    # reference.md: L*(6), k = 8
    for short, whole in table["certified_loss"][:2]:
        assert short.startswith("0.0879232611203364")
        assert len(short) < 0.7 * len(whole)  # the digits that both ends share stand once
        assert whole.count("0.0879232611203364") == 2
    radii = [found.radius for found in certified.certificates.values() if found.radius is not None]
    shown_radii = [radius for radius in table["radius"] if radius is not None]
    assert all(exact <= radius <= 1.1 * exact for exact, radius in zip(radii, shown_radii, strict=True))
    assert all(digits >= 30 for digits in table["digits"][:2])


def test_a_page_without_certificates_has_no_columns_of_them(page):
    (shown,) = data_of(page)["diagrams"]
    assert shown["certified"] is None
    assert "certified" not in shown["table"]
