"""The queue: who is given which run next."""

from gradflow._pace import Pace
from gradflow.sweeps import Address, Store, Task, checked_experiment
from gradflow.sweeps.queue import Queue, shape_of
from gradflow.sweeps.record import crashed


def queue_of(folder, addresses):
    return Queue([Task(address) for address in addresses], Store(folder, checked_experiment(k=50)))


def test_a_worker_goes_on_with_its_shape_and_no_shape_is_begun_twice_while_others_wait(tmp_path):
    addresses = [Address(50, n, run) for n in (2, 30, 45) for run in range(3)]
    queue = queue_of(tmp_path, addresses)
    first, second = queue.take(None), queue.take(None)
    assert (first.address.n, second.address.n) == (45, 30)  # the longest first
    ours, theirs = shape_of(first), shape_of(second)
    assert [queue.take(ours).address.n for _ in range(2)] == [45, 45]
    assert queue.take(ours).address.n == 2  # untouched, though more is left of 30
    assert queue.take(theirs).address.n == 30
    left = [queue.take(ours) for _ in range(3)]
    assert sorted(task.address.n for task in left) == [2, 2, 30]
    assert queue.take(None) is None


def test_a_batch_is_of_one_width_done_in_one_way(tmp_path):
    store = Store(tmp_path, checked_experiment(k=50))
    addresses = [Address(50, 30, 0), Address(50, 31, 0), Address(50, 30, 1)]
    changed = Task(Address(50, 30, 2), changes={"max_steps": 5})
    queue = Queue([*map(Task, addresses), changed], store)
    first = queue.take(None)
    shape = shape_of(first)
    assert queue.take(shape, like=first).address == (50, 30, 1)
    assert queue.take(shape, like=first) is None
    assert {queue.take(shape).address for _ in range(2)} == {(50, 31, 0), (50, 30, 2)}


def test_a_run_that_another_process_does_is_put_aside(tmp_path):
    queue = queue_of(tmp_path, [Address(50, 2, 0), Address(50, 2, 1)])
    other = Store(tmp_path, checked_experiment(k=50))
    assert other.claims.take(Address(50, 2, 0).stem)
    assert queue.take(None).address == (50, 2, 1)
    assert queue.take(None) is None
    assert [task.address for task in queue.elsewhere] == [(50, 2, 0)]


def test_the_pace_is_told_of_a_width_that_a_worker_has_not_done_yet(tmp_path):
    plan, pace = checked_experiment(k=8), Pace()
    store = Store(tmp_path, plan)
    tasks = [Task(Address(8, n, run)) for n in (3, 4) for run in range(4)]
    queue = Queue([*tasks, Task(Address(8, 2, 0), digits=30, kept=True)], store, pace)

    def take(worker, shape=(8, 4)):
        task = queue.take(shape, worker=worker)
        return task, pace.compiling

    def finish(task):
        queue.finished(task, crashed(plan, task, RuntimeError("any end will do")))

    first, said = take("a")
    assert (first.address.n, said) == (3, ("n = 3",))
    other, said = take("b")  # another process compiles for itself
    assert said == ("n = 3",)
    finish(first)
    assert pace.compiling == ("n = 3",)
    finish(other)
    for _ in range(2):
        again, said = take("a")
        assert (again.address.n, said) == (3, ())
        finish(again)
    # what follows the flow is compiled for the width, though the flow's program is there
    wider, said = take("a")
    assert (wider.address.n, said) == (4, ("n = 4",))
    queue.compiled(wider)
    assert pace.compiling == ()
    assert take("a")[1] == ()
    queue.finished(wider, None)  # broken off
    last = [queue.take((8, 4), worker="a") for _ in range(3)]
    assert (last[-1].kept, pace.compiling) == (True, ())  # of a certificate nothing is said
    assert pace.done == 4
