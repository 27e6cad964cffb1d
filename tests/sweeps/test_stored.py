"""stored_diagrams: what a folder holds, without running anything."""

import pytest

import gradflow as gf


@pytest.mark.slow
def test_a_store_gives_back_its_sweeps_one_for_each_k(swept, swept_copy):
    other = gf.phase_diagram(k=6, widths=(2,), runs=1, store=swept_copy)
    first, second = gf.stored_diagrams(swept_copy)
    assert str(first) == str(other)
    assert second.to_json() == swept[1].to_json()


def test_a_folder_that_is_no_store_is_refused_and_left_as_it_was(tmp_path):
    with pytest.raises(
        ValueError, match=r"has no experiment.json, so it is no store of a phase diagram. Write stored_d"
    ):
        gf.stored_diagrams(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TypeError, match="store must be a path, got 3"):
        gf.stored_diagrams(3)
