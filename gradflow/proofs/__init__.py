"""What is proved by computer: critical points, their indices, their losses."""

from gradflow.proofs.certificate import Certificate as Certificate
from gradflow.proofs.certificate import Statement as Statement
from gradflow.proofs.enclosure import Enclosure as Enclosure
