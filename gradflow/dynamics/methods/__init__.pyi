from gradflow.dynamics.methods.base import AbstractMethod as AbstractMethod
from gradflow.dynamics.methods.base import StepInfo as StepInfo
from gradflow.dynamics.methods.default import default_method as default_method
from gradflow.dynamics.methods.diffrax import Diffrax as Diffrax
from gradflow.dynamics.methods.diffrax import line_for as line_for
from gradflow.dynamics.methods.ndf import NDF as NDF
