"""Exact families of critical points of the paper's teacher."""

from gradflow.families._boundaries import Boundaries as Boundaries
from gradflow.families._boundaries import Boundary as Boundary
from gradflow.families._boundaries import boundaries as boundaries
from gradflow.families._continuation import Branch as Branch
from gradflow.families._continuation import SpecialPoint as SpecialPoint
from gradflow.families._continuation import continuation as continuation
from gradflow.families._copy_average import CopyAverage as CopyAverage
from gradflow.families._copy_average import average_weight as average_weight
from gradflow.families._copy_average import copy_average as copy_average
from gradflow.families._copy_average import optimal_partition as optimal_partition
from gradflow.families._perturbed_n_copy import Overlaps as Overlaps
from gradflow.families._perturbed_n_copy import PerturbedNCopy as PerturbedNCopy
from gradflow.families._perturbed_n_copy import perturbed_n_copy as perturbed_n_copy
from gradflow.families._tables import FamilySpectra as FamilySpectra
from gradflow.families._tables import FamilyTable as FamilyTable
from gradflow.families._tables import family_table as family_table
from gradflow.families._tables import family_tables as family_tables
from gradflow.families.point import AbstractFamilyPoint as AbstractFamilyPoint
from gradflow.families.point import PrecisionWarning as PrecisionWarning
