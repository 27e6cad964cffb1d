"""No wrong claim is certified; benchmarks/soundness.py makes a hundred thousand."""

import pytest
import soundness

import gradflow as gf

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.mark.parametrize("seed", [17])
def test_two_thousand_wrong_claims_are_not_certified(seed):
    found = soundness.certified_though_false(2000, seed)
    assert sum(found.made.values()) == 2000
    assert not found.wrong, found.examples[:3]
    # and what is true is proved: it is not refusal that makes them sound
    assert found.proved["points beside critical ones"] > 20
    assert found.proved["duplicates"] > 20


def test_what_was_edited_was_proved_before():
    import mpmath
    import numpy as np
    from edited import true_certificates

    with mpmath.workdps(60):
        pool = true_certificates(np.random.default_rng(0))
    assert len(pool) >= 18
    assert all(gf.verify(one.certificate).holds for one in pool)
