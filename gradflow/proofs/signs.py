"""How many eigenvalues of a matrix of balls are negative."""

import numpy as np
from jaxtyping import Float

from gradflow._arithmetic import Balls, Numbers

# sums of float64 that were rounded up one by one
_SLACK = 1 + 2.0**-20


def index_beyond(matrix: Numbers, gap: float, arithmetic: Balls) -> int | None:
    """How many eigenvalues of every symmetric matrix in the balls (param, param) are below −gap, if it is proved that
    all others are above gap; None if it is not.

    With Q from LAPACK, QᵀHQ ∓ gap QᵀQ has the inertia of H ∓ gap (Sylvester), which is read off where its circles
    (Gershgorin) miss zero. Belongs inside `arithmetic.working()`.
    """
    vectors = _eigenvectors(matrix, arithmetic)
    if vectors is None:
        return None
    form = _congruent(matrix, vectors, arithmetic)
    gram = arithmetic.product(vectors.T, vectors) * arithmetic.number(gap)
    counts = [_negative(form + gram, arithmetic), _negative(form - gram, arithmetic)]
    return counts[0] if counts[0] == counts[1] else None


def count_below(matrix: Numbers, bound: float, arithmetic: Balls) -> int | None:
    """How many eigenvalues of every symmetric matrix in the balls are below the bound; None if one may be equal to it.

    Belongs inside `arithmetic.working()`.
    """
    vectors = _eigenvectors(matrix, arithmetic)
    if vectors is None:
        return None
    gram = arithmetic.product(vectors.T, vectors) * arithmetic.number(bound)
    return _negative(_congruent(matrix, vectors, arithmetic) - gram, arithmetic)


def _negative(form: Numbers, arithmetic: Balls) -> int | None:
    """The number of negative eigenvalues of a matrix that is nearly diagonal; where circles meet zero, the complement
    of the others is brought nearer to a diagonal first.
    """
    diagonal, beside = form.diagonal(), arithmetic.sizes(form)
    np.fill_diagonal(beside, 0.0)
    others = _SLACK * beside.sum(-1)
    away = [abs(value) > arithmetic.number(radius) for value, radius in zip(diagonal, others, strict=True)]
    certain, open_ = np.flatnonzero(away), np.flatnonzero(~np.array(away, dtype=bool))
    count = sum(bool(diagonal[i] < 0) for i in certain)
    if not len(open_):
        return count
    if not len(certain):
        return None
    across = form[np.ix_(certain, open_)]
    solution = arithmetic.solve(form[np.ix_(certain, certain)], across)
    if solution is None:
        return None
    rest = form[np.ix_(open_, open_)] - arithmetic.product(across.T, solution)
    vectors = _eigenvectors(rest, arithmetic)
    if vectors is None:
        return None
    more = _negative(_congruent(rest, vectors, arithmetic), arithmetic)
    return None if more is None else count + more


def _congruent(matrix: Numbers, vectors: Numbers, arithmetic: Balls) -> Numbers:
    return arithmetic.product(vectors.T, arithmetic.product(matrix, vectors))


def _eigenvectors(matrix: Numbers, arithmetic: Balls) -> Numbers | None:
    """Of the middles, as exact numbers."""
    middle: Float[np.ndarray, "param param"] = arithmetic.float64(matrix)
    if not np.all(np.isfinite(middle)):
        return None
    return arithmetic.array(np.linalg.eigh((middle + middle.T) / 2)[1])
