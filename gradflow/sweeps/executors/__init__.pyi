from gradflow.sweeps.executors.base import AbstractExecutor as AbstractExecutor
from gradflow.sweeps.executors.base import ExecutorError as ExecutorError
from gradflow.sweeps.executors.cluster import DaskCluster as DaskCluster
from gradflow.sweeps.executors.here import ThisProcess as ThisProcess
from gradflow.sweeps.executors.processes import WorkerProcesses as WorkerProcesses
