"""Proofs by symmetry: the full space from a handful of enclosed numbers."""

from gradflow.proofs.symmetric._certify_symmetric import certify_symmetric as certify_symmetric
from gradflow.proofs.symmetric.recheck import recheck_symmetric as recheck_symmetric
