"""What the numbers of one row of a table of widths do not prove."""

from gradflow.proofs.symmetric.width import CertifiedWidth, branches, check_row


def unproved_statements(row: CertifiedWidth) -> tuple[str, ...]:
    """The names of the statements, "branch" that the critical point is P-n-C."""
    found = check_row(row)
    # of a point that is no critical one the branch need not be known
    pairs = [] if found.proved.perturbed is None else [(row.k, row.n)]
    return found.with_branch(row, branches(pairs).get((row.k, row.n)))
