"""Laws in titles and tables."""

import pytest

import gradflow as gf


class Mine(gf.AbstractInitialiser):
    scale: float
    words: str = "none"

    def __call__(self, key, width, input_dimension, activation):
        raise AssertionError("nothing is drawn")


@pytest.mark.parametrize(
    ("law", "label"),
    [
        (gf.GlorotNormal(), "GlorotNormal"),
        (gf.LecunNormal(), "LecunNormal"),
        (gf.UnitSphere(), "UnitSphere"),
        (gf.LecunNormal(output=2.0), "LecunNormal (output = 2)"),
        (gf.Scaled(gf.GlorotNormal(), weights=0.3, output=2), "GlorotNormal, W × 0.3, a × 2"),
        (gf.Scaled(gf.GlorotNormal(), output=0.5), "GlorotNormal, a × 0.5"),
        (gf.Balanced(gf.LecunNormal(output=2.0)), "LecunNormal (output = 2), balanced"),
        (gf.Balanced(gf.Scaled(gf.UnitSphere(), weights=0.1)), "UnitSphere, W × 0.1, balanced"),
        (gf.Scaled(gf.Balanced(gf.UnitSphere()), weights=0.1), "UnitSphere, balanced, W × 0.1"),
        (Mine(3.0), "Mine (scale = 3)"),
        (gf.Scaled(Mine(3.0, words="many"), weights=2.0), "Mine (scale = 3, words = many), W × 2"),
    ],
)
def test_a_label_tells_a_law_from_others(law, label):
    assert law.label == label
