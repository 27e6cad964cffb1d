"""The figure of the order parameters shows every overlap, and the saddles that are passed."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import gradflow as gf

plt.switch_backend("agg")


def test_every_overlap_is_a_line_in_the_sign_of_the_last_output_weight(solution, tmp_path):
    found = gf.order_parameters(solution)
    figure = gf.plot_order_parameters(found, tmp_path / "figure.png")
    overlaps, norms, outputs = figure.axes
    assert [len(axes.lines) for axes in figure.axes] == [4 * 8, 4, 4]
    # it ends in C-A(1, 1, 1, 5): squared norms 1 and 1/9, output weights 1 and 5, all positive
    ends = [sorted(float(line.get_ydata()[-1]) for line in axes.lines) for axes in (norms, outputs)]
    np.testing.assert_allclose(ends, [[1 / 9, 1, 1, 1], [1, 1, 1, 5]], atol=1e-4)
    assert min(float(line.get_ydata()[-1]) for line in overlaps.lines) > -1e-4
    assert all(line.get_xdata()[0] == found.times[1] > 0 for line in overlaps.lines)
    assert (tmp_path / "figure.png").stat().st_size > 0
    assert plt.get_fignums() == []


def test_a_passed_saddle_is_marked_with_its_index(escape, passed):
    figure = gf.plot_order_parameters(gf.order_parameters(escape), passed=passed)
    for axes in figure.axes:
        (mark,) = [line for line in axes.lines if line.get_linestyle() == "--"]
        assert mark.get_xdata()[0] == passed.saddles[0].time
        assert [text.get_text() for text in axes.texts] == ["index 3"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda found: gf.plot_order_parameters(1), "order_parameters must be OrderParameters, got 1. Write gf.plot_"),
        (lambda found: gf.plot_order_parameters(found, passed=1), "passed must be PassedPoints, got 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(as_a_user_calls, solution, wrong, message):
    with pytest.raises(TypeError, match=message):
        wrong(gf.order_parameters(solution))
