"""The pipeline over widths and starts: experiment, store, diagram."""

from gradflow.sweeps._phase_diagram import address as address
from gradflow.sweeps._phase_diagram import phase_diagram as phase_diagram
from gradflow.sweeps._phase_diagram import run_cell as run_cell
from gradflow.sweeps.catalogue import Catalogue as Catalogue
from gradflow.sweeps.catalogue import CataloguedPoint as CataloguedPoint
from gradflow.sweeps.cores import cores as cores
from gradflow.sweeps.diagram import PhaseDiagram as PhaseDiagram
from gradflow.sweeps.experiment import Experiment as Experiment
from gradflow.sweeps.experiment import experiment as experiment
from gradflow.sweeps.record import Address as Address
from gradflow.sweeps.record import Record as Record
from gradflow.sweeps.record import record_of as record_of
from gradflow.sweeps.store import Store as Store
from gradflow.sweeps.stored import stored_diagrams as stored_diagrams
