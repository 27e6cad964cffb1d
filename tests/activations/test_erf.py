"""Erf: its Gaussian expectation and all partial derivatives, against mpmath at 50 digits and against quadrature."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

import gradflow as gf

# (p, q, c): general, weakly and strongly correlated, orthogonal, parallel and anti-parallel, one and both of norm zero
COVARIANCES = [
    (0.5, 0.3, 0.1),
    (1.0, 2.0, -0.7),
    (0.01, 0.02, 0.005),
    (3.0, 0.25, 0.0),
    (0.25, 4.0, 0.99),
    (10.0, 7.0, 8.0),
    (2.25, 2.25, 2.25),
    (4.0, 0.25, -1.0),
    (1.0, 0.0, 0.0),
    (0.0, 0.0, 0.0),
]
ORDERS = {
    "p": (1, 0, 0),
    "q": (0, 1, 0),
    "c": (0, 0, 1),
    "pp": (2, 0, 0),
    "pq": (1, 1, 0),
    "pc": (1, 0, 1),
    "qq": (0, 2, 0),
    "qc": (0, 1, 1),
    "cc": (0, 0, 2),
}


def exact(p, q, c):
    return 2 / mpmath.pi * mpmath.asin(c / mpmath.sqrt((1 + p) * (1 + q)))


def quadrature(p, q, c, nodes=200):
    """E[erf(u/√2) erf(v/√2)] by Gauss–Hermite in two independent normal variables."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / math.sqrt(2 * math.pi)
    erf = np.vectorize(math.erf)
    slope = c / math.sqrt(p) if p > 0 else 0.0
    u = math.sqrt(p) * points[:, None]
    v = slope * points[:, None] + math.sqrt(max(q - slope**2, 0.0)) * points
    return float(weights @ (erf(u / math.sqrt(2)) * erf(v / math.sqrt(2))) @ weights)


def test_erf_is_the_error_function_of_u_over_the_root_of_two():
    u = np.array([-7.0, -1.5, -1e-9, 0.0, 0.3, 1.0, 4.0])
    wanted = [math.erf(entry / math.sqrt(2)) for entry in u]
    np.testing.assert_allclose(gf.Erf()(jnp.asarray(u)), wanted, rtol=4e-16, atol=0)


def test_erf_of_1_is_the_share_of_a_normal_variable_within_one_standard_deviation():
    # 0.6826894921370859 (DLMF 7.2.1 at 1/√2), which decides between erf(x/√2) and erf(x) = 0.8427
    assert float(gf.Erf()(jnp.asarray(1.0))) == pytest.approx(0.6826894921370859, rel=4e-16)


@pytest.mark.parametrize(("p", "q", "c"), COVARIANCES)
def test_the_expectation_is_the_closed_form_to_rounding(p, q, c):
    with mpmath.workdps(50):
        wanted = exact(mpmath.mpf(p), mpmath.mpf(q), mpmath.mpf(c))
        assert abs(float(gf.Erf().expectation(p, q, c)) - wanted) <= 1e-15 * abs(wanted)


@pytest.mark.parametrize(("p", "q", "c"), [case for case in COVARIANCES if max(case) <= 3])
def test_the_expectation_is_the_integral_by_quadrature(p, q, c):
    assert float(gf.Erf().expectation(p, q, c)) == pytest.approx(quadrature(p, q, c), rel=0, abs=1e-13)


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize(("p", "q", "c"), COVARIANCES)
def test_every_partial_derivative_is_that_of_the_closed_form(p, q, c, name):
    with mpmath.workdps(50):
        wanted = mpmath.diff(exact, (mpmath.mpf(p), mpmath.mpf(q), mpmath.mpf(c)), ORDERS[name])
        got = float(getattr(gf.Erf().partial_derivatives(p, q, c), name))
        assert abs(got - wanted) <= 4e-15 * abs(wanted) + 1e-20  # mpmath's differences are good to about 1e-23


@pytest.mark.parametrize("p", [0.0, 1e-24, 0.3, 9.0, 1e12])
def test_a_vector_with_itself_has_no_singularity(p):
    partial = gf.Erf().partial_derivatives(p, p, p)
    assert np.all(np.isfinite(partial))
    # D² = 1 + 2p
    assert float(partial.c) == pytest.approx(2 / math.pi / math.sqrt(1 + 2 * p), rel=1e-15)


def test_the_gram_determinant_restores_the_digits_of_long_nearly_parallel_vectors():
    # w = (10⁶, 0), u = (10⁶, 1): all four numbers are integers that float64 holds, pq − c² = 10¹²
    p, q, c, gram = 1e12, 1e12 + 1, 1e12, 1e12
    erf = gf.Erf()
    with mpmath.workdps(50):
        slope = 2 / mpmath.pi / mpmath.sqrt(1 + mpmath.mpf(p) + mpmath.mpf(q) + mpmath.mpf(gram))
        value = exact(mpmath.mpf(p), mpmath.mpf(q), mpmath.mpf(c))

        def error(**more):
            return float(abs(float(erf.partial_derivatives(p, q, c, **more).c) - slope) / slope)

        assert error() > 1e-6
        assert error(gram_determinant=gram) <= 1e-15
        assert abs(float(erf.expectation(p, q, c, gram_determinant=gram)) - value) <= 1e-15 * value


def test_arguments_broadcast():
    p, c = np.array([[1.0], [2.0], [3.0]]), np.array([[0.1, -0.4]])
    values = gf.Erf().expectation(p, 1.0, c)
    assert values.shape == (3, 2)
    assert values[2, 1] == gf.Erf().expectation(3.0, 1.0, -0.4)


def test_integers_and_lists_are_converted_exactly(as_a_user_calls):
    assert gf.Erf().expectation([1, 2], [1, 2], [0, 1])[1] == gf.Erf().expectation(2.0, 2.0, 1.0)


def test_overlaps_of_parallel_vectors_may_be_rounded():
    c = math.sqrt(0.1 * 0.7) * (1 + 4e-16)
    assert np.isfinite(gf.Erf().expectation(0.1, 0.7, c))


def test_erf_is_hashable_equal_to_any_other_and_has_no_leaves():
    assert hash(gf.Erf()) == hash(gf.Erf())
    assert gf.Erf() == gf.Erf()
    assert jax.tree.leaves(gf.Erf()) == []


@pytest.mark.parametrize("verb", ["expectation", "partial_derivatives"])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((-1.0, 1.0, 0.0), ValueError, r"variances p and q must not be negative, got p = -1\.0"),
        ((1.0, -1e-300, 0.0), ValueError, "variances p and q must not be negative"),
        ((1.0, 1.0, 1.5), ValueError, r"must satisfy \|c\| <= sqrt\(p q\), got p = 1\.0, q = 1\.0, c = 1\.5"),
        ((0.0, 1.0, -1e-9), ValueError, "must satisfy"),
        ((math.nan, 1.0, 0.0), ValueError, "p must be finite, got nan"),
        ((1.0, math.inf, 0.0), ValueError, "q must be finite, got inf"),
        (([1.0, 1.0], 1.0, [0.0, math.nan]), ValueError, r"c must be finite, got nan at index \(1,\)"),
        ((np.float32(1), 1.0, 0.0), TypeError, r"p must be float64, got float32.*import gradflow before making arrays"),
        ((1.0, 1.0, np.zeros(2, "complex128")), TypeError, "c must be float64, got complex128"),
        ((1.0, True, 0.0), TypeError, "q must be float64, got bool"),
    ],
)
def test_wrong_covariances_are_refused(as_a_user_calls, verb, arguments, error, message):
    with pytest.raises(error, match=rf"Erf\.{verb}: .*{message}"):
        getattr(gf.Erf(), verb)(*arguments)


def test_a_float32_gram_determinant_is_refused(as_a_user_calls):
    with pytest.raises(TypeError, match=r"Erf\.expectation: gram_determinant must be float64, got float32"):
        gf.Erf().expectation(1.0, 1.0, 0.5, gram_determinant=np.float32(0.75))
