"""Exact families of critical points of the paper's teacher."""

from gradflow.families._copy_average import CopyAverage as CopyAverage
from gradflow.families._copy_average import average_weight as average_weight
from gradflow.families._copy_average import copy_average as copy_average
from gradflow.families._perturbed_n_copy import Overlaps as Overlaps
from gradflow.families._perturbed_n_copy import PerturbedNCopy as PerturbedNCopy
from gradflow.families._perturbed_n_copy import perturbed_n_copy as perturbed_n_copy
