"""A loss on parameters: the protocol, the user's own, the teacher–student problem, and its symmetric points."""

from gradflow.problems.base import AbstractProblem as AbstractProblem
from gradflow.problems.base import Smoothness as Smoothness
from gradflow.problems.base import ZeroModes as ZeroModes
from gradflow.problems.inputs import Gaussian as Gaussian
from gradflow.problems.loss import Loss as Loss
from gradflow.problems.symmetric import Orbit as Orbit
from gradflow.problems.symmetric import SymmetricNetwork as SymmetricNetwork
from gradflow.problems.symmetric import SymmetricSpectrum as SymmetricSpectrum
from gradflow.problems.symmetric import SymmetricTeacherStudent as SymmetricTeacherStudent
from gradflow.problems.teacher_student import TeacherStudent as TeacherStudent
from gradflow.problems.teacher_student import is_orthonormal as is_orthonormal
