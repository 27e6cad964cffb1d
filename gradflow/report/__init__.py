"""What a person looks at."""

from gradflow.report.boundaries import plot_boundaries as plot_boundaries
from gradflow.report.boundaries import plot_branch as plot_branch
from gradflow.report.figures import write_figures as write_figures
from gradflow.report.laws import plot_copy_shares as plot_copy_shares
from gradflow.report.network import plot_neurons as plot_neurons
from gradflow.report.network import plot_path as plot_path
from gradflow.report.network import plot_spectrum as plot_spectrum
from gradflow.report.order_parameters import plot_order_parameters as plot_order_parameters
from gradflow.report.page import write_report as write_report
from gradflow.report.phase_diagram import plot_phase_diagram as plot_phase_diagram
from gradflow.report.publication import Comparison as Comparison
from gradflow.report.publication import compare_with_publication as compare_with_publication
