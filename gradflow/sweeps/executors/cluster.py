"""Runs on a Dask cluster."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from gradflow import _checks
from gradflow._checks import Checked
from gradflow.sweeps.certified import unproved
from gradflow.sweeps.executors.base import AbstractExecutor, ExecutorError
from gradflow.sweeps.experiment import Experiment, from_description
from gradflow.sweeps.queue import Queue, Shape, shape_of
from gradflow.sweeps.record import Record, crashed, from_bytes, to_bytes
from gradflow.sweeps.run import proof_of_end, run_task
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

if TYPE_CHECKING:
    from distributed import Client, Future

# batches that wait at a worker while it does another, so that it need not wait for the scheduler
_AHEAD = 1
# seconds of a batch: a Dask task costs the scheduler and this process some 10 ms, and what is in flight is lost if a
# worker dies
_BATCH = 2.0
# seconds between two looks for workers that have come or gone
_LOOK = 2.0


class DaskCluster(AbstractExecutor):
    """The workers of a Dask cluster, given by its scheduler's `address`, its `scheduler_file`, or a `client`
    (`distributed.Client`, for instance one of a `dask_jobqueue.SLURMCluster`).

    The records come back through the scheduler and are kept here, so that the workers need not see the store; they need
    gradflow, in the same version. A worker goes on with the shape that it has compiled. The run of one that dies is
    done again by another; one over which several died is a row with its reason. Workers may come and go. Start them
    with one thread each (`dask worker --nthreads 1`): runs do not get faster by sharing a process.
    """

    address: Checked[str | None] = None
    scheduler_file: Checked[str | os.PathLike[str] | None] = None
    client: Any = None
    timeout: Checked[float] = 30.0

    knows_own_laws: ClassVar[bool] = False

    def __check_init__(self) -> None:
        _checks.one_way_to_dask(self.address, self.scheduler_file, self.client)
        _checks.tolerance("DaskCluster", "timeout", self.timeout)

    def run(self, plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool]) -> Iterator[Record]:
        with self._connected() as client:
            yield from _Course(client, plan, queue, store, self.timeout).records(interrupted)

    @contextlib.contextmanager
    def _connected(self) -> Iterator["Client"]:
        """The client; one that was made here is closed again."""
        if self.client is not None:
            yield self.client
            return
        distributed = _checks.extra("DaskCluster", "distributed", "dask")
        try:
            client = distributed.Client(
                address=self.address,
                scheduler_file=None if self.scheduler_file is None else os.fspath(self.scheduler_file),
                timeout=self.timeout,
                set_as_default=False,
            )
        except (OSError, ValueError) as error:
            _checks.unreachable_scheduler(self.address or self.scheduler_file, self.timeout, error)
        with client:
            yield client


# a record and a certificate as they stand in their files; None where there is nothing new
_Content = tuple[bytes | None, bytes | None]


class _Batch(NamedTuple):
    """Runs that a worker does one after the other in one Dask task."""

    tasks: list[Task]
    worker: str


class _Course:
    """One sweep's runs on their way through a cluster."""

    def __init__(self, client: "Client", plan: Experiment, queue: Queue, store: Store, timeout: float):
        self._client, self._plan, self._queue, self._store, self._timeout = client, plan, queue, store, timeout
        self._description = plan.description()
        self._under_way: dict[Future, _Batch] = {}
        self._alone: list[Task] = []  # of batches over which workers died: each is done by itself
        self._shapes: dict[str, Shape] = {}
        self._seconds: dict[int, float] = {}  # of the last run of each width
        self._threads: dict[str, int] = {}
        self._looked = float("-inf")

    def records(self, interrupted: Callable[[], bool]) -> Iterator[Record]:
        from distributed import wait

        try:
            self._client.wait_for_workers(1, timeout=self._timeout)
            self._hand_out()
            while self._under_way:
                if interrupted():
                    raise KeyboardInterrupt
                with contextlib.suppress(TimeoutError), self._client.as_current():
                    wait(list(self._under_way), timeout=_LOOK, return_when="FIRST_COMPLETED")
                for future in [future for future in self._under_way if future.done()]:
                    yield from self._kept(future, self._under_way.pop(future).tasks)
                self._hand_out()
        except TimeoutError as error:
            raise ExecutorError(
                f"no worker of the Dask cluster appeared within {self._timeout:g} s. Start some, for instance "
                "dask worker --nthreads 1 tcp://scheduler:8786, or give a longer timeout"
            ) from error
        finally:
            self._client.cancel(list(self._under_way))

    def _kept(self, future: "Future", tasks: list[Task]) -> Iterator[Record]:
        """The records of a batch, once the store has them."""
        for task, (content, proof) in zip(tasks, self._contents(future, tasks), strict=False):
            record = self._store.read(task.address) if content is None else from_bytes(content)
            if record is None and task.address in self._store.kept_out:
                self._queue.finished(task, None)
                continue  # written, and not to be read now: left out with a warning
            if record is None:
                raise RuntimeError(f"no record of {task.address}: this is a bug in gradflow, please report it")
            if content is not None:
                self._store.keep_content(task, content, failed=record.kind == "failed")
            if proof is not None:
                self._store.keep_certificate(task.address, proof)
            self._queue.finished(task, record)
            self._seconds[task.address.n] = record.header["seconds"]
            yield record

    def _hand_out(self) -> None:
        """Keep every worker busy, and a batch ahead."""
        if monotonic() - self._looked > _LOOK:
            self._threads, self._looked = self._client.nthreads(), monotonic()
        busy = Counter(batch.worker for batch in self._under_way.values())
        for worker, number in self._threads.items():
            for _ in range(number + _AHEAD - busy[worker]):
                tasks = self._batch(worker)
                if not tasks:
                    return
                # another worker may do it if this one is gone by then
                future = self._client.submit(
                    _run,
                    self._description,
                    [task.to_json() for task in tasks],
                    number,
                    [self._store.content(task.address) if task.kept else None for task in tasks],
                    workers=[worker],
                    allow_other_workers=True,
                    pure=False,
                )
                self._under_way[future] = _Batch(tasks, worker)

    def _batch(self, worker: str) -> list[Task]:
        """The next runs for a worker: as many of one width as take about two seconds."""
        if self._alone:
            return [self._alone.pop()]
        first = self._queue.take(self._shapes.get(worker), worker=worker)
        if first is None:
            return []
        self._shapes[worker] = shape_of(first)
        tasks, seconds = [first], self._seconds.get(first.address.n, _BATCH)
        while (len(tasks) + 1) * seconds <= _BATCH:
            further = self._queue.take(shape_of(first), like=first, worker=worker)
            if further is None:
                break
            tasks.append(further)
        return tasks

    def _contents(self, future: "Future", tasks: list[Task]) -> list[_Content]:
        """What a batch came to; nothing of one whose runs are to be done each by itself."""
        from distributed import KilledWorker

        address = tasks[0].address
        if future.status not in ("finished", "error"):
            raise ExecutorError(
                f"the Dask cluster lost {address} ({future.status}): its scheduler is gone. All records so far are "
                "safe; repeat the call once it is there again"
            )
        try:
            return list(future.result())
        except KilledWorker as error:
            record = self._store.read(address) if tasks[0].kept else None
            if len(tasks) == 1:
                if record is not None:
                    return [(None, unproved(self._plan, record, error))]
                return [(to_bytes(crashed(self._plan, tasks[0], error)), None)]
            self._alone.extend(tasks)
            return []
        except Exception as error:  # whatever went wrong over there that is no matter of the run
            raise ExecutorError(f"a Dask worker cannot do {address}: {type(error).__name__}: {error}") from error


def _run(
    description: dict[str, Any], tasks: list[dict[str, Any]], threads: int, stored: Sequence[bytes | None] = ()
) -> list[_Content]:
    """Runs on a worker; of those whose record is `stored` only the certificate."""
    # XLA takes as many threads as the machine has cores, for every worker; read once, when the first run begins
    os.environ.setdefault("PJRT_NPROC", str(threads))
    plan = from_description(description)
    contents: list[_Content] = []
    for described, content in zip_longest(tasks, stored):
        task = Task.from_json(described)
        record = run_task(plan, task) if content is None else from_bytes(content)
        if record is None:  # left out it would give its place in the list to the next run
            raise RuntimeError("the worker was interrupted")
        contents.append((to_bytes(record) if content is None else None, proof_of_end(plan, record, task.digits)))
    return contents
