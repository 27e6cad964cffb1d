"""What an executor is."""

from abc import abstractmethod
from collections.abc import Callable, Iterator

import equinox as eqx

from gradflow.sweeps.experiment import Experiment
from gradflow.sweeps.queue import Queue
from gradflow.sweeps.record import Record
from gradflow.sweeps.store import Store


class ExecutorError(RuntimeError):
    """The runs cannot be done where they were to be done: workers do not start, or a cluster is gone."""


class AbstractExecutor(eqx.Module):
    """Where the runs of a sweep are done. Whoever does them, they are the same runs with the same records."""

    # whether a law of initial weights that only the caller's process knows can be used
    knows_own_laws: eqx.AbstractClassVar[bool]

    @abstractmethod
    def run(self, plan: Experiment, queue: Queue, store: Store, interrupted: Callable[[], bool]) -> Iterator[Record]:
        """Do all runs of the queue and yield their records, once the store has them, in any order; `interrupted` says
        whether to stop.
        """
