"""64 bit: `import gradflow` switches it on without loading JAX, and every verb refuses where the user has it off."""

import os
import subprocess
import sys

import pytest


def run(code, **environment):
    """What a fresh interpreter prints, with warnings as errors."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JAX_ENABLE")}
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=clean | environment,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_importing_gradflow_loads_no_jax_nor_anything_else_that_is_heavy():
    loaded = run("import sys, gradflow; print(*sys.modules)").split()
    heavy = {
        "jax",
        "jaxlib",
        "equinox",
        "diffrax",
        "optimistix",
        "lineax",
        "numpy",
        "scipy",
        "matplotlib",
        "typer",
        "rich",
    }
    assert heavy & set(loaded) == set()
    assert "gradflow._precision" in loaded


@pytest.mark.parametrize("order", ["import gradflow, jax", "import jax, gradflow"])
def test_importing_gradflow_switches_jax_to_64_bit(order):
    assert run(f"{order}; print(jax.config.jax_enable_x64, jax.numpy.ones(1).dtype)") == "True float64"


@pytest.mark.slow
def test_jax_enable_x64_set_to_0_is_respected_and_verbs_refuse_with_the_line_to_write():
    code = """
import gradflow as gf, jax
assert not jax.config.jax_enable_x64
verbs = {
    "TwoLayerNetwork": lambda: gf.TwoLayerNetwork([[1.0]], [1.0]),
    "orthonormal_teacher": lambda: gf.orthonormal_teacher(2),
    "Erf.expectation": lambda: gf.Erf().expectation(1.0, 1.0, 0.5),
    "Loss": lambda: gf.Loss(lambda x: x[0], [1.0]),
    "copy_average": lambda: gf.copy_average(8, 4),
    "perturbed_n_copy": lambda: gf.perturbed_n_copy(8, 4),
}
for name, verb in verbs.items():
    try:
        verb()
    except ValueError as error:
        message = str(error)
        assert "JAX is in 32-bit mode (JAX_ENABLE_X64='0')" in message, (name, message)
        assert "Unset JAX_ENABLE_X64, or write jax.config.update('jax_enable_x64', True)" in message, (name, message)
    else:
        raise AssertionError(f"{name} went on in 32 bit")
jax.config.update("jax_enable_x64", True)
for verb in verbs.values():
    verb()
print("refused, then worked")
"""
    assert run(code, JAX_ENABLE_X64="0") == "refused, then worked"


def test_a_problem_made_in_64_bit_is_refused_once_jax_is_back_in_32():
    code = """
import gradflow as gf, jax
problem = gf.Loss(lambda x: x[0] ** 2, [1.0])
jax.config.update("jax_enable_x64", False)
for verb in (gf.flow, gf.refine, gf.classify):
    try:
        verb(problem, problem.init)
    except ValueError as error:
        assert "32-bit mode" in str(error), str(error)
    else:
        raise AssertionError(f"{verb} went on in 32 bit")
print("refused")
"""
    assert run(code) == "refused"
