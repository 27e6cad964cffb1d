"""The arctangent that vectorises is the arctangent."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from gradflow.activations.arctangent import arctangent


def ratios():
    """Pairs (y, x), x > 0, over all magnitudes and at the places where the formula changes."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal(2000) * 10 ** rng.uniform(-12, 8, 2000)
    x = np.abs(rng.standard_normal(2000)) * 10 ** rng.uniform(-3, 6, 2000)
    folds = np.tan(np.pi / 8) * (1 + np.arange(-40, 41) * np.finfo(float).eps)
    at_folds = np.concatenate([folds, 1 / folds, 1 + np.arange(-40, 41) * np.finfo(float).eps])
    return np.concatenate([y, at_folds, -at_folds]), np.concatenate([x, np.ones(2 * at_folds.size)])


def test_it_is_right_to_two_units_in_the_last_place():
    y, x = ratios()
    got = np.asarray(arctangent(jnp.asarray(y), jnp.asarray(x)))
    with mpmath.workdps(50):
        exact = [mpmath.atan2(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in zip(y, x, strict=True)]
        errors = [abs((mpmath.mpf(float(value)) - wanted) / wanted) for value, wanted in zip(got, exact, strict=True)]
    assert max(errors) <= 2 * np.finfo(float).eps


@pytest.mark.parametrize("y", [0.0, 1e-300, 1e300])
def test_its_ends_are_exact(y):
    value = float(arctangent(jnp.asarray(y), jnp.asarray(1.0)))
    assert value == float(np.arctan2(y, 1.0))
    assert float(arctangent(jnp.asarray(-y), jnp.asarray(1.0))) == -value


def test_its_derivative_is_exact_and_not_that_of_the_polynomial():
    y, x = ratios()
    slope_y = jax.vmap(jax.grad(arctangent, argnums=0))(jnp.asarray(y), jnp.asarray(x))
    slope_x = jax.vmap(jax.grad(arctangent, argnums=1))(jnp.asarray(y), jnp.asarray(x))
    np.testing.assert_allclose(slope_y, x / (x * x + y * y), rtol=1e-15)
    np.testing.assert_allclose(slope_x, -y / (x * x + y * y), rtol=1e-15)
