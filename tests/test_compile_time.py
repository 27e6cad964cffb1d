"""What JAX says of its compiling is counted once, and in the thread that waits."""

import threading

import jax
import jax.numpy as jnp
import pytest

import gradflow as gf
from gradflow._compile_time import CompileTime, compile_time


def test_a_phase_that_holds_others_counts_in_their_place():
    heard = CompileTime()
    heard.add(2.0, 1.0)  # 1 to 2
    heard.add(3.0, 0.5)  # 2.5 to 3
    assert heard.seconds == 1.5
    heard.add(4.0, 4.0)  # 0 to 4, and the two in it
    assert heard.seconds == 4.0
    heard.add(6.0, 1.0)
    assert heard.seconds == 5.0


def test_compiling_is_heard_once_and_running_is_not():
    square = jax.jit(lambda x: jnp.sum(x * x) + 3.25)
    with compile_time() as outer:
        with compile_time() as inner:
            square(1.0)
        first = inner.seconds
        square(1.0)
        assert outer.seconds == first > 0
    jax.jit(lambda x: x - 3.25)(1.0)
    assert (outer.seconds, inner.seconds) == (first, first)


def test_another_thread_is_not_heard():
    with compile_time() as here:
        thread = threading.Thread(target=lambda: jax.jit(lambda x: x + 3.75)(1.0))
        thread.start()
        thread.join()
    assert here.seconds == 0


def test_a_flow_tells_its_own_time_and_that_of_the_compiler(problem, solution):
    assert {"seconds", "compile_seconds"} <= solution.trajectory.stats.keys()
    again = gf.flow(problem, solution.trajectory.state(0))
    assert again.stats["compile_seconds"] == 0
    assert again.stats["seconds"] > 0
    joined = again.then(gf.flow(problem, again, gradient_tolerance=1e-9))
    assert joined.stats["seconds"] > again.stats["seconds"]


@pytest.mark.slow
@pytest.mark.parametrize("lanes", [1, 2])
def test_the_record_of_a_run_has_both(tmp_path, lanes, capsys):
    diagram = gf.phase_diagram(
        k=8, widths=4, runs=2, store=tmp_path, executor=gf.ThisProcess(lanes=lanes), progress="plain"
    )
    for record in diagram.records:
        assert record.header["seconds"] > 0
        assert record.header["compile_seconds"] >= 0
    assert " 0/2 runs, compiling n = 4, once for each width\n" in capsys.readouterr().err
