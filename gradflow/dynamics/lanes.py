"""Many flows in one compiled call: lanes, each taking the next start when its flow has ended."""

import warnings
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from gradflow import _memory
from gradflow._compile_time import CompileTime, compile_time
from gradflow._errors import LossFailed, TooLarge
from gradflow._results import RESULTS
from gradflow.dynamics.chunk import CHUNK, FlowState, advance_lanes, begin_lanes, stopped_lanes
from gradflow.dynamics.course import Course
from gradflow.dynamics.field import GradientField
from gradflow.dynamics.path import Path
from gradflow.dynamics.trajectory import Trajectory
from gradflow.problems.evaluation import run

# vectors of P numbers that a lane holds: the two records of a chunk, the method's, with room for XLA's copies
_VECTORS = 3 * CHUNK


def flow_in_lanes(courses: list[Course], lanes: int, ended: Callable[[int, Trajectory], None]) -> None:
    """Follow the flows of one problem with one set of options, `lanes` at a time; `ended` is given each trajectory with
    its number as soon as its flow has ended.

    The slowest does not hold the others: a lane whose flow has ended takes the next start. A device that runs out of
    memory halves the number of lanes, with a warning, and begins the flows in flight again; so does a loss that raises
    an error, in one lane, to find out whose it is. Ctrl-C hands over what there is of those in flight, and raises.
    """
    waiting, most = dict(enumerate(courses)), lanes

    def hand_over(number: int, trajectory: Trajectory) -> None:
        del waiting[number]
        ended(number, trajectory)

    while waiting:
        try:
            with compile_time() as compiling:
                _follow(courses, list(waiting), lanes, hand_over, compiling)
        except (LossFailed, TooLarge) as error:
            if lanes == 1:  # the one in flight, which is the first that waits
                number = next(iter(waiting))
                hand_over(number, courses[number].not_begun(error))
                lanes = most
                continue
            fewer = lanes // 2 if isinstance(error, TooLarge) else 1
            if isinstance(error, TooLarge):
                most = fewer
                warnings.warn(
                    f"solve_many: the device ran out of memory with {lanes} flows at once; going on with {fewer}. "
                    f"Write lanes={fewer} to begin there.",
                    stacklevel=4,
                )
            lanes = fewer


def require_memory(course: Course, lanes: int) -> None:
    """Refuse lanes that do not fit, where the host's memory is theirs."""
    size = course.field.problem.flatten(course.padded).size
    if jax.default_backend() == "cpu":
        _memory.require(
            "solve_many",
            8.0 * lanes * _VECTORS * size,
            f"{lanes} flows of {size} parameters at once",
            "Write lanes=1: one after the other.",
        )


def _follow(
    courses: list[Course],
    numbers: list[int],
    lanes: int,
    ended: Callable[[int, Trajectory], None],
    compiling: CompileTime,
) -> None:
    """The loop over chunks."""
    if not numbers:
        return
    waiting, first, lanes = list(numbers), courses[0], min(lanes, len(numbers))
    # a lane without a flow keeps the course that it had: it waits, and costs nothing but its place
    held = [courses[number] for number in waiting[:lanes]]
    running: list[int | None] = [None] * lanes
    paths: list[Path | None] = [None] * lanes
    began, compiled_before = [0.0] * lanes, [0.0] * lanes
    states, likes = _begin(held)

    def hand_over(lane: int, *, cut_off: Any | None) -> None:
        number, path = running[lane], paths[lane]
        if number is None or path is None:
            return
        running[lane] = None
        compiled = compiling.seconds - compiled_before[lane]
        ended(
            number,
            held[lane].trajectory(
                path,
                _lane(states, lane),
                cut_off=cut_off,
                seconds=max(perf_counter() - began[lane] - compiled, 0.0),
                compile_seconds=compiled,
            ),
        )

    try:
        while True:
            idle = [lane for lane in range(lanes) if running[lane] is None][: len(waiting)]
            if idle:
                for lane in idle:
                    number = waiting.pop(0)
                    running[lane], held[lane] = number, courses[number]
                    began[lane], compiled_before[lane] = perf_counter(), compiling.seconds
                fresh, likes = _begin(held)
                places = jnp.asarray(idle)
                states = jax.tree.map(partial(_replaced, places), states, fresh)
                for lane in idle:
                    held[lane] = held[lane].with_tolerance(_lane(states, lane))
                    paths[lane] = held[lane].path(_lane(states, lane))
            budgets = [
                0 if running[lane] is None else min(first.chunk, first.max_steps - _attempted(paths[lane]))
                for lane in range(lanes)
            ]
            field = GradientField(problem=first.field.problem, like=likes, rates=first.field.rates)
            limits = jax.tree.map(lambda *each: jnp.stack(each), *(course.limits for course in held))
            states, record = run(
                advance_lanes, first.method, field, states, first.tolerances, limits, jnp.asarray(budgets)
            )
            record, stopped = jax.device_get((record, stopped_lanes(states, limits)))
            for lane in range(lanes):
                path = paths[lane]
                if running[lane] is not None and path is not None:
                    path.extend(_lane(record, lane))
                    if not stopped[lane] and path.stagnates and held[lane].is_at_rounding(_lane(states, lane)):
                        hand_over(lane, cut_off=RESULTS.rounding_reached)
                    elif stopped[lane] or path.attempted >= first.max_steps:
                        hand_over(lane, cut_off=None)
            if not waiting and all(number is None for number in running):
                return
    except KeyboardInterrupt:
        for lane in range(lanes):
            hand_over(lane, cut_off=RESULTS.interrupted)
        raise


def _begin(courses: list[Course]) -> tuple[FlowState, Any]:
    """The first states, and the parameters that are fixed, one lane a course."""
    first = courses[0]
    likes = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(course.padded for course in courses))
    field = GradientField(problem=first.field.problem, like=likes, rates=first.field.rates)
    positions = jnp.stack([course.position for course in courses])
    return run(begin_lanes, first.method, field, positions, first.tolerances), likes


def _replaced(lanes: Int[Array, " some"], old: Array, new: Array) -> Array:
    return old.at[lanes].set(new[lanes])


def _attempted(path: Path | None) -> int:
    return 0 if path is None else path.attempted


def _lane(tree: Any, lane: int) -> Any:
    return jax.tree.map(lambda leaf: leaf[lane], tree)
