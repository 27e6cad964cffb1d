from gradflow.problems.symmetric.network import SymmetricNetwork as SymmetricNetwork
from gradflow.problems.symmetric.orbits import Orbit as Orbit
from gradflow.problems.symmetric.problem import SymmetricTeacherStudent as SymmetricTeacherStudent
from gradflow.problems.symmetric.spectrum import SymmetricSpectrum as SymmetricSpectrum
