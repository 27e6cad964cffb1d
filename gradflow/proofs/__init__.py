"""What is proved by computer: critical points, their indices, their losses."""

from gradflow.proofs._certify import certify as certify
from gradflow.proofs._verify import Verification as Verification
from gradflow.proofs._verify import verify as verify
from gradflow.proofs.certificate import Certificate as Certificate
from gradflow.proofs.certificate import Statement as Statement
from gradflow.proofs.enclosure import Enclosure as Enclosure
from gradflow.proofs.file import read_certificate as read_certificate
from gradflow.proofs.file import write_certificate as write_certificate
from gradflow.proofs.symmetric import CertifiedWidth as CertifiedWidth
from gradflow.proofs.symmetric import CertifiedWidths as CertifiedWidths
from gradflow.proofs.symmetric import WidthsVerification as WidthsVerification
from gradflow.proofs.symmetric import certify_widths as certify_widths
from gradflow.proofs.symmetric import read_certified_widths as read_certified_widths
from gradflow.proofs.symmetric import verify_widths as verify_widths
from gradflow.proofs.symmetric import write_certified_widths as write_certified_widths
