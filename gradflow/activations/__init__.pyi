from gradflow.activations.base import AbstractActivation as AbstractActivation
from gradflow.activations.base import BlockCoefficients as BlockCoefficients
from gradflow.activations.base import Pairs as Pairs
from gradflow.activations.erf import Erf as Erf
from gradflow.activations.erf_formulas import erf_derivatives as erf_derivatives
from gradflow.activations.erf_formulas import erf_expectation as erf_expectation
from gradflow.activations.partial_derivatives import PartialDerivatives as PartialDerivatives
