"""Critical points: refine one, and say what it is."""

from gradflow.critical_points._classify import ClassifyOptions as ClassifyOptions
from gradflow.critical_points._classify import classify as classify
from gradflow.critical_points._refine import RefineOptions as RefineOptions
from gradflow.critical_points._refine import refine as refine
from gradflow.critical_points.classification import Classification as Classification
from gradflow.critical_points.kind import Kind as Kind
from gradflow.critical_points.measured import require_memory as require_memory
from gradflow.critical_points.nearby import nearby_critical_point as nearby_critical_point
from gradflow.critical_points.point import Point as Point
