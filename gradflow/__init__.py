"""gradflow: the gradient flow of small neural networks, followed to the critical point where it ends.

The table of contents, in the order of the pipeline. Names load on first use, so that `import gradflow` alone costs
no JAX; its one effect is that JAX will compute in 64 bit.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from gradflow._precision import switch_to_64_bit as _switch_to_64_bit
from gradflow._public import public as _public

if TYPE_CHECKING:
    from gradflow._progress import AbstractMeter as AbstractMeter
    from gradflow._results import RESULTS as RESULTS
    from gradflow._results import GradflowRuntimeError as GradflowRuntimeError
    from gradflow._solve import Solution as Solution
    from gradflow._solve import solve as solve
    from gradflow._solve_many import solve_many as solve_many
    from gradflow.activations import AbstractActivation as AbstractActivation
    from gradflow.activations import BlockCoefficients as BlockCoefficients
    from gradflow.activations import Erf as Erf
    from gradflow.activations import Pairs as Pairs
    from gradflow.activations import PartialDerivatives as PartialDerivatives
    from gradflow.critical_points import Classification as Classification
    from gradflow.critical_points import ClassifyOptions as ClassifyOptions
    from gradflow.critical_points import Kind as Kind
    from gradflow.critical_points import Point as Point
    from gradflow.critical_points import RefineOptions as RefineOptions
    from gradflow.critical_points import classify as classify
    from gradflow.critical_points import refine as refine
    from gradflow.dynamics import NDF as NDF
    from gradflow.dynamics import AbstractMethod as AbstractMethod
    from gradflow.dynamics import Diffrax as Diffrax
    from gradflow.dynamics import GradientField as GradientField
    from gradflow.dynamics import StepInfo as StepInfo
    from gradflow.dynamics import Tolerances as Tolerances
    from gradflow.dynamics import Trajectory as Trajectory
    from gradflow.dynamics import dissipation_error as dissipation_error
    from gradflow.dynamics import flow as flow
    from gradflow.dynamics import loss_increase as loss_increase
    from gradflow.families import Boundaries as Boundaries
    from gradflow.families import Boundary as Boundary
    from gradflow.families import Branch as Branch
    from gradflow.families import CopyAverage as CopyAverage
    from gradflow.families import FamilySpectra as FamilySpectra
    from gradflow.families import FamilyTable as FamilyTable
    from gradflow.families import PerturbedNCopy as PerturbedNCopy
    from gradflow.families import PrecisionWarning as PrecisionWarning
    from gradflow.families import SpecialPoint as SpecialPoint
    from gradflow.families import boundaries as boundaries
    from gradflow.families import continuation as continuation
    from gradflow.families import copy_average as copy_average
    from gradflow.families import family_table as family_table
    from gradflow.families import family_tables as family_tables
    from gradflow.families import perturbed_n_copy as perturbed_n_copy
    from gradflow.identification import Configuration as Configuration
    from gradflow.identification import IdentifyOptions as IdentifyOptions
    from gradflow.identification import Isotropy as Isotropy
    from gradflow.identification import Neuron as Neuron
    from gradflow.identification import NeuronKind as NeuronKind
    from gradflow.identification import identify as identify
    from gradflow.identification import isotropy as isotropy
    from gradflow.networks import AbstractInitialiser as AbstractInitialiser
    from gradflow.networks import Balanced as Balanced
    from gradflow.networks import GlorotNormal as GlorotNormal
    from gradflow.networks import LecunNormal as LecunNormal
    from gradflow.networks import Scaled as Scaled
    from gradflow.networks import TwoLayerNetwork as TwoLayerNetwork
    from gradflow.networks import UnitSphere as UnitSphere
    from gradflow.networks import WarmStart as WarmStart
    from gradflow.networks import align as align
    from gradflow.networks import distance as distance
    from gradflow.networks import flip as flip
    from gradflow.networks import orthonormal_teacher as orthonormal_teacher
    from gradflow.networks import permute as permute
    from gradflow.paths import OrderParameters as OrderParameters
    from gradflow.paths import Passage as Passage
    from gradflow.paths import PassedPoints as PassedPoints
    from gradflow.paths import order_parameters as order_parameters
    from gradflow.paths import passed_points as passed_points
    from gradflow.problems import AbstractProblem as AbstractProblem
    from gradflow.problems import Gaussian as Gaussian
    from gradflow.problems import Loss as Loss
    from gradflow.problems import Orbit as Orbit
    from gradflow.problems import Smoothness as Smoothness
    from gradflow.problems import SymmetricNetwork as SymmetricNetwork
    from gradflow.problems import SymmetricSpectrum as SymmetricSpectrum
    from gradflow.problems import SymmetricTeacherStudent as SymmetricTeacherStudent
    from gradflow.problems import TeacherStudent as TeacherStudent
    from gradflow.problems import ZeroModes as ZeroModes
    from gradflow.proofs import Certificate as Certificate
    from gradflow.proofs import CertifiedWidth as CertifiedWidth
    from gradflow.proofs import CertifiedWidths as CertifiedWidths
    from gradflow.proofs import Enclosure as Enclosure
    from gradflow.proofs import Statement as Statement
    from gradflow.proofs import Verification as Verification
    from gradflow.proofs import WidthsVerification as WidthsVerification
    from gradflow.proofs import certify as certify
    from gradflow.proofs import certify_widths as certify_widths
    from gradflow.proofs import read_certificate as read_certificate
    from gradflow.proofs import read_certified_widths as read_certified_widths
    from gradflow.proofs import verify as verify
    from gradflow.proofs import verify_widths as verify_widths
    from gradflow.proofs import write_certificate as write_certificate
    from gradflow.proofs import write_certified_widths as write_certified_widths
    from gradflow.report import Comparison as Comparison
    from gradflow.report import compare_with_publication as compare_with_publication
    from gradflow.report import plot_boundaries as plot_boundaries
    from gradflow.report import plot_branch as plot_branch
    from gradflow.report import plot_copy_shares as plot_copy_shares
    from gradflow.report import plot_neurons as plot_neurons
    from gradflow.report import plot_order_parameters as plot_order_parameters
    from gradflow.report import plot_path as plot_path
    from gradflow.report import plot_phase_diagram as plot_phase_diagram
    from gradflow.report import plot_spectrum as plot_spectrum
    from gradflow.report import write_figures as write_figures
    from gradflow.report import write_report as write_report
    from gradflow.sweeps import AbstractExecutor as AbstractExecutor
    from gradflow.sweeps import Address as Address
    from gradflow.sweeps import Catalogue as Catalogue
    from gradflow.sweeps import CataloguedPoint as CataloguedPoint
    from gradflow.sweeps import Certified as Certified
    from gradflow.sweeps import DaskCluster as DaskCluster
    from gradflow.sweeps import Estimate as Estimate
    from gradflow.sweeps import ExecutorError as ExecutorError
    from gradflow.sweeps import Experiment as Experiment
    from gradflow.sweeps import Merged as Merged
    from gradflow.sweeps import PhaseDiagram as PhaseDiagram
    from gradflow.sweeps import Record as Record
    from gradflow.sweeps import Retry as Retry
    from gradflow.sweeps import Status as Status
    from gradflow.sweeps import Store as Store
    from gradflow.sweeps import StoreError as StoreError
    from gradflow.sweeps import ThisProcess as ThisProcess
    from gradflow.sweeps import Transition as Transition
    from gradflow.sweeps import VerifiedRuns as VerifiedRuns
    from gradflow.sweeps import WorkerProcesses as WorkerProcesses
    from gradflow.sweeps import certify_runs as certify_runs
    from gradflow.sweeps import export as export
    from gradflow.sweeps import merge_stores as merge_stores
    from gradflow.sweeps import open_store as open_store
    from gradflow.sweeps import phase_diagram as phase_diagram
    from gradflow.sweeps import phase_diagrams as phase_diagrams
    from gradflow.sweeps import read_summary as read_summary
    from gradflow.sweeps import status as status
    from gradflow.sweeps import stored_diagrams as stored_diagrams
    from gradflow.sweeps import stored_runs as stored_runs
    from gradflow.sweeps import to_dataset as to_dataset
    from gradflow.sweeps import verify_runs as verify_runs
    from gradflow.sweeps import write_summary as write_summary

# a name's room; a test compares this with the imports above
_ROOMS = {
    "activations": ("AbstractActivation", "BlockCoefficients", "Erf", "Pairs", "PartialDerivatives"),
    "networks": (
        "TwoLayerNetwork",
        "orthonormal_teacher",
        "AbstractInitialiser",
        "GlorotNormal",
        "LecunNormal",
        "UnitSphere",
        "Scaled",
        "Balanced",
        "WarmStart",
        "align",
        "distance",
        "flip",
        "permute",
    ),
    "problems": (
        "AbstractProblem",
        "Gaussian",
        "Loss",
        "Smoothness",
        "TeacherStudent",
        "ZeroModes",
        "SymmetricTeacherStudent",
        "SymmetricNetwork",
        "SymmetricSpectrum",
        "Orbit",
    ),
    "dynamics": (
        "flow",
        "Trajectory",
        "AbstractMethod",
        "NDF",
        "Diffrax",
        "GradientField",
        "StepInfo",
        "Tolerances",
        "dissipation_error",
        "loss_increase",
    ),
    "critical_points": ("refine", "Point", "RefineOptions", "classify", "Classification", "ClassifyOptions", "Kind"),
    "families": (
        "copy_average",
        "CopyAverage",
        "perturbed_n_copy",
        "PerturbedNCopy",
        "family_table",
        "family_tables",
        "FamilyTable",
        "FamilySpectra",
        "boundaries",
        "Boundaries",
        "Boundary",
        "continuation",
        "Branch",
        "SpecialPoint",
        "PrecisionWarning",
    ),
    "identification": (
        "identify",
        "Configuration",
        "IdentifyOptions",
        "Neuron",
        "NeuronKind",
        "isotropy",
        "Isotropy",
    ),
    "proofs": (
        "certify",
        "Certificate",
        "Statement",
        "Enclosure",
        "verify",
        "Verification",
        "write_certificate",
        "read_certificate",
        "certify_widths",
        "CertifiedWidths",
        "CertifiedWidth",
        "verify_widths",
        "WidthsVerification",
        "write_certified_widths",
        "read_certified_widths",
    ),
    "_solve": ("solve", "Solution"),
    "_solve_many": ("solve_many",),
    "sweeps": (
        "phase_diagram",
        "phase_diagrams",
        "stored_diagrams",
        "stored_runs",
        "write_summary",
        "read_summary",
        "open_store",
        "status",
        "export",
        "to_dataset",
        "merge_stores",
        "certify_runs",
        "Certified",
        "verify_runs",
        "VerifiedRuns",
        "Merged",
        "Status",
        "PhaseDiagram",
        "Transition",
        "Estimate",
        "AbstractExecutor",
        "ThisProcess",
        "WorkerProcesses",
        "DaskCluster",
        "ExecutorError",
        "Retry",
        "Store",
        "StoreError",
        "Experiment",
        "Address",
        "Record",
        "Catalogue",
        "CataloguedPoint",
    ),
    "paths": ("order_parameters", "OrderParameters", "passed_points", "PassedPoints", "Passage"),
    "report": (
        "compare_with_publication",
        "Comparison",
        "plot_neurons",
        "plot_path",
        "plot_order_parameters",
        "plot_spectrum",
        "plot_phase_diagram",
        "plot_boundaries",
        "plot_branch",
        "plot_copy_shares",
        "write_report",
        "write_figures",
    ),
    "_results": ("RESULTS", "GradflowRuntimeError"),
    "_progress": ("AbstractMeter",),
}

__version__ = "0.1.0"
__all__ = ["__version__", *(name for names in _ROOMS.values() for name in names)]

_switch_to_64_bit()


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            value = _public(getattr(_import_module(f"gradflow.{room}"), name))
            globals()[name] = value
            return value
    raise AttributeError(f"module 'gradflow' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
