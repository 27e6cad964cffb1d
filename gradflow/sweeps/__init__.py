"""The pipeline over widths and starts: experiment, store, executors, diagram."""

from gradflow.sweeps._phase_diagram import phase_diagram as phase_diagram
from gradflow.sweeps.address import Address as Address
from gradflow.sweeps.address import checked_address as checked_address
from gradflow.sweeps.catalogue import Catalogue as Catalogue
from gradflow.sweeps.catalogue import CataloguedPoint as CataloguedPoint
from gradflow.sweeps.diagram import PhaseDiagram as PhaseDiagram
from gradflow.sweeps.executors import AbstractExecutor as AbstractExecutor
from gradflow.sweeps.executors import DaskCluster as DaskCluster
from gradflow.sweeps.executors import ExecutorError as ExecutorError
from gradflow.sweeps.executors import ThisProcess as ThisProcess
from gradflow.sweeps.executors import WorkerProcesses as WorkerProcesses
from gradflow.sweeps.experiment import Experiment as Experiment
from gradflow.sweeps.experiment import experiment as experiment
from gradflow.sweeps.record import Record as Record
from gradflow.sweeps.record import record_of as record_of
from gradflow.sweeps.run import run_cell as run_cell
from gradflow.sweeps.store import Store as Store
from gradflow.sweeps.store import StoreError as StoreError
from gradflow.sweeps.store import open_store as open_store
from gradflow.sweeps.stored import stored_diagrams as stored_diagrams
from gradflow.sweeps.task import Retry as Retry
from gradflow.sweeps.task import Task as Task
from gradflow.sweeps.transition import Estimate as Estimate
from gradflow.sweeps.transition import Transition as Transition
