"""Proofs by symmetry: the full space from a handful of enclosed numbers."""

from gradflow.proofs.symmetric._certify_symmetric import certify_symmetric as certify_symmetric
from gradflow.proofs.symmetric._certify_widths import certify_widths as certify_widths
from gradflow.proofs.symmetric._verify_widths import WidthsVerification as WidthsVerification
from gradflow.proofs.symmetric._verify_widths import verify_widths as verify_widths
from gradflow.proofs.symmetric.recheck import recheck_symmetric as recheck_symmetric
from gradflow.proofs.symmetric.width import CertifiedWidth as CertifiedWidth
from gradflow.proofs.symmetric.widths import CertifiedWidths as CertifiedWidths
from gradflow.proofs.symmetric.widths_file import read_certified_widths as read_certified_widths
from gradflow.proofs.symmetric.widths_file import write_certified_widths as write_certified_widths
