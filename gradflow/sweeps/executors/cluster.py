"""Runs on a Dask cluster."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from gradflow import _checks
from gradflow.sweeps.executors.base import AbstractExecutor, ExecutorError
from gradflow.sweeps.experiment import Experiment, from_description
from gradflow.sweeps.queue import Queue, Shape, shape_of
from gradflow.sweeps.record import Record, crashed, from_bytes, to_bytes
from gradflow.sweeps.run import run_task
from gradflow.sweeps.store import Store
from gradflow.sweeps.task import Task

if TYPE_CHECKING:
    from distributed import Client, Future

# runs that wait at a worker while it does another, so that it need not wait for the scheduler
_AHEAD = 1
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

    address: str | None = None
    scheduler_file: str | os.PathLike[str] | None = None
    client: Any = None
    timeout: float = 30.0

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


class _Course:
    """One sweep's runs on their way through a cluster."""

    def __init__(self, client: "Client", plan: Experiment, queue: Queue, store: Store, timeout: float):
        self._client, self._plan, self._queue, self._store, self._timeout = client, plan, queue, store, timeout
        self._under_way: dict[Future, tuple[Task, str]] = {}
        self._shapes: dict[str, Shape] = {}

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
                    task, _ = self._under_way.pop(future)
                    record = self._record(future, task)
                    self._store.keep(record, task)
                    self._queue.finished(task)
                    yield record
                self._hand_out()
        except TimeoutError as error:
            raise ExecutorError(
                f"no worker of the Dask cluster appeared within {self._timeout:g} s. Start some, for instance "
                "dask worker --nthreads 1 tcp://scheduler:8786, or give a longer timeout"
            ) from error
        finally:
            self._client.cancel(list(self._under_way))
            for task, _ in self._under_way.values():
                self._queue.finished(task)

    def _hand_out(self) -> None:
        """Keep every worker busy, and a run ahead."""
        threads: dict[str, int] = self._client.nthreads()
        busy = Counter(worker for _, worker in self._under_way.values())
        description = self._plan.description()
        for worker, number in threads.items():
            for _ in range(number + _AHEAD - busy[worker]):
                task = self._queue.take(self._shapes.get(worker))
                if task is None:
                    return
                self._shapes[worker] = shape_of(task)
                # another worker may do it if this one is gone by then
                future = self._client.submit(
                    _run, description, task.to_json(), workers=[worker], allow_other_workers=True, pure=False
                )
                self._under_way[future] = (task, worker)

    def _record(self, future: "Future", task: Task) -> Record:
        from distributed import KilledWorker

        if future.status not in ("finished", "error"):
            raise ExecutorError(
                f"the Dask cluster lost {task.address} ({future.status}): its scheduler is gone. All records so far "
                "are safe; repeat the call once it is there again"
            )
        try:
            return from_bytes(future.result())
        except KilledWorker as error:
            return crashed(self._plan, task, error)
        except Exception as error:  # whatever went wrong over there that is no matter of the run
            raise ExecutorError(f"a Dask worker cannot do {task.address}: {type(error).__name__}: {error}") from error


def _run(description: dict[str, Any], task: dict[str, Any]) -> bytes:
    """One run on a worker: its record as it stands in a file."""
    record = run_task(from_description(description), Task.from_json(task))
    if record is None:
        raise RuntimeError("the worker was interrupted")
    return to_bytes(record)
