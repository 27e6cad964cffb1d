"""Compiled functions: what the compiler does not know it is not told."""

import jax.numpy as jnp
import pytest

from gradflow import _program
from gradflow._program import Program


@pytest.fixture
def fresh():
    _program._options.cache_clear()
    yield
    _program._options.cache_clear()


def test_an_option_that_the_compiler_does_not_know_is_left_out(fresh, monkeypatch):
    monkeypatch.setattr(_program, "_QUICK", {"xla_no_such_option": True})
    assert Program(lambda x: 2 * x)(jnp.asarray(3.0)) == 6
    assert _program._options() == {}


def test_a_program_is_compiled_once_and_may_be_part_of_another(traces):
    def doubled(x):
        return 2 * x

    program = Program(doubled)
    outer = Program(lambda x: program.plain(x) + 1)
    assert [float(program(jnp.asarray(x))) for x in (1.0, 2.0)] == [2, 4]
    assert traces("doubled") == 1
    assert outer(jnp.asarray(1.0)) == 3
