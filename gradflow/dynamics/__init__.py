"""flow: the gradient flow as a stiff ODE, with any method, and what holds along it."""

from gradflow.dynamics._flow import flow as flow
from gradflow.dynamics.course import LEAST_RTOL as LEAST_RTOL
from gradflow.dynamics.field import GradientField as GradientField
from gradflow.dynamics.field import Tolerances as Tolerances
from gradflow.dynamics.invariants import dissipation_error as dissipation_error
from gradflow.dynamics.invariants import loss_increase as loss_increase
from gradflow.dynamics.methods import NDF as NDF
from gradflow.dynamics.methods import AbstractMethod as AbstractMethod
from gradflow.dynamics.methods import Diffrax as Diffrax
from gradflow.dynamics.methods import StepInfo as StepInfo
from gradflow.dynamics.trajectory import Trajectory as Trajectory
