"""The rate and the time left are of work, not of compiling; by a clock that the test sets."""

import pytest

from gradflow._pace import Pace


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(clock)


def run(pace, clock, name, seconds, *, compiling="", waited=0.0):
    """One run after the other: it waits for the compiler, and works."""
    pace.begin(name, compiling)
    clock.now += waited + seconds
    pace.end(name, seconds, waited)


def test_nothing_is_counted_before_the_first_run_begins(pace, clock):
    clock.now += 30
    assert (pace.done, pace.seconds) == (0, 0)


def test_of_a_run_that_waited_for_the_compiler_its_own_time_counts(pace, clock):
    run(pace, clock, 0, 2.0, compiling="n = 4", waited=40.0)
    assert (pace.done, pace.seconds) == (1, 2.0)
    run(pace, clock, 1, 3.0)
    assert (pace.done, pace.seconds) == (2, 5.0)


def test_the_clock_stands_still_while_all_that_is_under_way_is_compiled(pace, clock):
    pace.begin(0, "n = 4")
    pace.begin(1, "n = 8")
    clock.now += 30
    assert pace.seconds == 0
    assert pace.compiling == ("n = 4", "n = 8")


def test_what_is_compiled_unforeseen_is_taken_off(pace, clock):
    run(pace, clock, 0, 1.0)
    run(pace, clock, 1, 1.0, waited=4.0)  # a new width in a shape that was there
    assert (pace.done, pace.seconds) == (2, 2.0)


def test_one_of_two_workers_that_compiles_costs_its_half(pace, clock):
    pace.begin("a", "n = 8")
    for number in range(10):  # meanwhile the other one works
        run(pace, clock, number, 1.0)
    clock.now += 1.0
    pace.end("a", 1.0, 10.0)
    # two workers do eleven runs of a second in five and a half
    assert (pace.done, pace.seconds) == (11, 5.5)


def test_runs_that_advance_together_wait_for_one_program(pace, clock):
    """As lanes do: each of them tells the time that all of them have waited."""
    for lane in range(4):
        pace.begin(lane, "n = 4")
    clock.now += 20.0
    for lane in range(4):
        pace.compiled(lane)
    clock.now += 3.0
    for lane in range(4):
        pace.end(lane, 3.0, 20.0)
    assert (pace.done, pace.seconds, pace.compiling) == (4, 3.0, ())


def test_one_that_is_broken_off_or_unknown_counts_for_nothing(pace, clock):
    pace.begin(0)
    clock.now += 1.0
    pace.end(0)
    pace.end("elsewhere", 1.0)
    pace.compiled("elsewhere")
    assert pace.done == 0


def test_whoever_shows_it_is_told_when_something_is_compiled_and_when_it_is_there(pace, clock):
    told = []
    pace.changed = lambda: told.append(pace.compiling)
    pace.begin(0, "n = 4")
    pace.begin(1)
    pace.compiled(0)
    pace.end(0, 1.0)
    pace.begin(2, "n = 8")
    pace.end(2, 1.0)
    assert told == [("n = 4",), (), ("n = 8",), ()]
