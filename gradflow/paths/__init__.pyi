from gradflow.paths._order_parameters import OrderParameters as OrderParameters
from gradflow.paths._order_parameters import order_parameters as order_parameters
from gradflow.paths._passed_points import Passage as Passage
from gradflow.paths._passed_points import PassedPoints as PassedPoints
from gradflow.paths._passed_points import passed_points as passed_points
